"""How people and programs are told: one's own wishes, webhooks, and the last deliveries."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from domain.errors import TabuhError
from domain.quiet_hours import parse_digest, parse_quiet, quiet_text
from domain.telling import GROUP_WORDS, KINDS, Group, Way, Wish
from scheduler import alerts, by_apprise, endpoints
from scheduler.handing_over import deliver_now
from store import telling
from store.engine import reading
from web.api.base import RowId
from web.auth import MayAdminister, MayEdit, MaySee, Member
from web.deps import Web, WebContext, redirect, show, voice_of
from web.posted import Posted
from web.said import said
from web.typed import Errors

router = APIRouter(include_in_schema=False)

#: Deliveries on the page.
LISTED = 30
_HERE = "/alerts/settings"


@router.get("/alerts/settings")
def settings(request: Request, web: Web, me: MaySee) -> Response:
    """The form of one's own wishes, all webhooks, and the last deliveries."""
    return _page(request, web, me, _wishes(web, me))


@router.post("/alerts/settings")
def save(request: Request, web: Web, me: MaySee, typed: Posted) -> Response:
    """Keep one's own wishes."""
    voice, errors = voice_of(request), Errors()
    try:
        digest = parse_digest(typed.get("digest", ""))
    except TabuhError as error:
        digest, errors["digest"] = None, said(voice, str(error))
    try:
        begin, end = parse_quiet(typed.get("quiet", ""))
    except TabuhError as error:
        begin, end, errors["quiet"] = None, None, said(voice, str(error))
    chosen = frozenset(group for group in Group if typed.get(f"group-{group}"))
    groups = None if chosen == frozenset(Group) else chosen
    wish = Wish(bool(typed.get("by_mail")), groups, digest, begin, end)
    address = typed.get("email", "")
    if not errors:
        try:
            alerts.set_wish(web.context, me.workspace.id, me.person.id, wish, address=address, actor=me.actor)
        except TabuhError as error:
            errors["email" if "address" in str(error) else "quiet"] = said(voice, str(error))
    if errors:
        return _page(request, web, me, typed, errors=errors, status=422)
    return redirect(request, _HERE, notice=voice.gettext("Saved."))


@router.post("/alerts/test")
def test_ways(request: Request, web: Web, me: MayEdit) -> Response:
    """Send a test through every way that is set, and say how it went."""
    key = alerts.test_ways(web.context, me.workspace.id, actor=me.actor)
    return _tried(request, web, me, key)


@router.post("/alerts/deliveries/{telling_id}/again")
def again(request: Request, web: Web, me: MayEdit, telling_id: RowId) -> Response:
    """Try a delivery that waits or was given up."""
    alerts.deliver_again(web.context, me.workspace.id, telling_id, actor=me.actor)
    web.wake()
    return redirect(request, _HERE, notice=voice_of(request).gettext("It is tried again now."))


@router.post("/alerts/webhooks")
def add_webhook(request: Request, web: Web, me: MayAdminister, typed: Posted) -> Response:
    """Add a webhook; its secret is shown on the answer, once."""
    voice = voice_of(request)
    way = Way.APPRISE if typed.get("way") == Way.APPRISE else Way.WEBHOOK
    chosen = [kind for kind in KINDS if typed.get(f"kind-{kind}")]
    try:
        row, secret = endpoints.add(
            web.context, me.workspace.id, name=typed.get("name", ""), url=typed.get("url", ""), way=way,
            kinds=chosen if len(chosen) < len(KINDS) else None, actor=me.actor,
        )  # fmt: skip
    except TabuhError as error:
        kept = {"hook_name": typed.get("name", ""), "way": way}
        errors = Errors({"url": said(voice, str(error))})
        return _page(request, web, me, _wishes(web, me) | kept, errors=errors, status=422)
    if not secret:
        return redirect(request, _HERE, notice=voice.gettext("Added %(name)s.", name=row.name))
    return _page(request, web, me, _wishes(web, me), secret=secret, secret_of=row.name)


@router.post("/alerts/webhooks/{endpoint_id}/{act}")
def change_webhook(request: Request, web: Web, me: MayAdminister, endpoint_id: RowId, act: str) -> Response:
    """Rotate the secret, use it again, test it, or remove it."""
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        name = telling.endpoint_by_id(session, me.workspace.id, endpoint_id).name
    notice = ""
    try:
        match act:
            case "rotate":
                _, secret = endpoints.rotate(web.context, me.workspace.id, name, actor=me.actor)
                return _page(request, web, me, _wishes(web, me), secret=secret, secret_of=name)
            case "test":
                return _tried(request, web, me, endpoints.test(web.context, me.workspace.id, name))
            case "on":
                endpoints.switch_on(web.context, me.workspace.id, name, actor=me.actor)
                notice = voice.gettext("%(name)s is used again.", name=name)
            case "remove":
                endpoints.remove(web.context, me.workspace.id, name, actor=me.actor)
                notice = voice.gettext("Removed %(name)s.", name=name)
    except TabuhError as error:
        return redirect(request, _HERE, notice=said(voice, str(error)), kind="bad")
    return redirect(request, _HERE, notice=notice)


def _tried(request: Request, web: WebContext, me: Member, key: str) -> Response:
    _ = voice_of(request).gettext
    rows = deliver_now(web.context, me.workspace.id, key)
    failed = [row for row in rows if row.state != "sent"]
    if not rows:
        notice, kind = _("No way out is set: write your mail address, or add a webhook."), "warn"
    elif failed:
        why = said(voice_of(request), failed[0].reason or "")
        notice, kind = _("One test did not arrive: %(why)s", why=why), "bad"
    else:
        notice, kind = _("The tests were delivered."), "good"
    return redirect(request, _HERE, notice=notice, kind=kind)


def _wishes(web: WebContext, me: Member) -> dict[str, str]:
    mine = alerts.reader(web.context, me.workspace.id, me.person.id)
    return {
        "email": mine.person.email or "",
        "by_mail": "on" if mine.wish.by_mail else "",
        "digest": "" if mine.wish.digest_hour is None else f"{mine.wish.digest_hour:02d}:00",
        "quiet": quiet_text(mine.wish.quiet_from, mine.wish.quiet_until),
        **{f"group-{group}": "on" for group in mine.wish.groups or frozenset(Group)},
    }


def _page(
    request: Request,
    web: WebContext,
    me: Member,
    typed: Mapping[str, str],
    *,
    errors: Errors | None = None,
    secret: str = "",
    secret_of: str = "",
    status: int = 200,
) -> Response:
    voice = voice_of(request)
    server = web.context.mail
    hours: list[tuple[str, str]] = [("", voice.gettext("At once"))]
    hours += [
        (f"{hour:02d}:00", voice.gettext("Daily at %(hour)s", hour=voice.hour(hour))) for hour in range(24)
    ]
    values: dict[str, Any] = {
        "typed": typed,
        "errors": errors or Errors(),
        "groups": [(group, words.said(voice.language)) for group, words in GROUP_WORDS.items()],
        "hours": hours,
        "mail_server": server.host if server else "",
        "webhooks": endpoints.listed(web.context, me.workspace.id),
        "has_apprise": by_apprise.is_installed(),
        "kinds": KINDS,
        "secret": secret,
        "secret_of": secret_of,
        "deliveries": alerts.deliveries(web.context, me.workspace.id, limit=LISTED, language=voice.language),
    }
    values["names"] = {one.id: one.name for one in values["webhooks"]}
    return show(request, "pages/alerts_settings.html", status=status, **values)
