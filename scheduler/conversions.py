"""Conversions that a server, a person or a sheet tells: each counts once, whatever is repeated."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from domain.currencies import check_minor, clean_currency, to_minor
from domain.errors import NotFound, UsageError
from domain.web_site import clean_name
from scheduler.context import Context
from scheduler.tracking import WITH_CONSENT
from store import conversions, sites
from store.changes import Actor, record
from store.conversions import SERVER, SHEET, NewConversion
from store.engine import writing
from store.tables import Conversion, Site

#: Rows and bytes of one sheet.
MOST_ROWS: Final = 20_000
LARGEST_SHEET: Final = 8 * 1024 * 1024
#: Clocks of servers may be a little ahead.
_AHEAD: Final = timedelta(minutes=5)
_OLDEST: Final = timedelta(days=3_660)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A conversion as somebody tells it."""

    #: The same key twice is one conversion; empty: made from the order's number.
    key: str = ""
    name: str = "order"
    #: None: now.
    at: datetime | None = None
    #: In units of the currency, such as ``125000`` or ``12.50``; empty: no value.
    value: str = ""
    #: The same in minor units; one of both is enough.
    minor: int | None = None
    currency: str = ""
    order: str = ""
    #: What `tabuh('click')` of the script gave.
    click: str = ""
    #: What `tabuh('visitor')` of the script gave, with consent.
    visitor: str = ""
    #: The order or key of which this is given back; empty: a conversion.
    refund_of: str = ""


def tell(
    context: Context, workspace_id: int, site_id: int, told: Told, *, actor: Actor
) -> tuple[Conversion, bool]:
    """Keep one conversion or refund; returns its row, and whether it is new.

    Raises:
        NotFound: no such site, or nothing to refund.
        UsageError: what is wrong, or the key was used for something else.
    """
    now = context.clock()
    with writing(context.engine) as session:
        site = _held(session, workspace_id, site_id)
        row, is_new = _kept(session, site, told, source=SERVER, now=now)
        if is_new and actor.kind == "person":
            _note(session, actor, "added conversion", site, {"order": row.order_ref or row.key}, now=now)
        session.commit()
    return row, is_new


def _held(session: Session, workspace_id: int, site_id: int) -> Site:
    key = sites.get(session, workspace_id, site_id).key
    return sites.locked(session, [key])[key]


def _kept(session: Session, site: Site, told: Told, *, source: str, now: datetime) -> tuple[Conversion, bool]:
    at = _instant(told.at, now)
    minor, currency = _money(told)
    key = _key(told)
    before = conversions.of_key(session, site.id, key)
    if before is not None and told.at is None:
        at = before.at  # told again without a time: the first time holds
    if told.refund_of:
        original = conversions.named(session, site, told.refund_of.strip())
        if currency is not None and original.currency not in (None, currency):
            raise UsageError(f"What was sold cost {original.currency}: give it back in the same currency.")
        return conversions.refund(
            session, site, original, key=key, minor=minor, at=at if told.at else max(at, original.at),
            source=source, now=now,
        )  # fmt: skip
    new = NewConversion(
        key=key,
        name=clean_name(told.name),
        at=at,
        source=source,
        minor=minor,
        currency=currency,
        order_ref=_short(told.order, "order") or None,
        visitor=f"{WITH_CONSENT}{_short(told.visitor, 'visitor', 32)}" if told.visitor.strip() else None,
        click_key=_short(told.click, "click", 32) or None,
    )
    return conversions.add(session, site, new, now=now)


def _key(told: Told) -> str:
    key = _short(told.key, "key")
    if key:
        return key
    order = _short(told.order, "order")
    if not order or told.refund_of:
        raise UsageError("Give each conversion a key, or the number of its order; a refund needs a key.")
    return f"order:{clean_name(told.name)}:{order}"[:140]


def _short(text: str, what: str, longest: int = 100) -> str:
    plain = text.strip()
    if len(plain) > longest or any(not sign.isprintable() for sign in plain):
        raise UsageError(f"The {what} may have at most {longest} characters, all of them visible.")
    return plain


def _instant(at: datetime | None, now: datetime) -> datetime:
    if at is None:
        return now
    if at > now + _AHEAD:
        raise UsageError("The time of a conversion must not be in the future.")
    if at < now - _OLDEST:
        raise UsageError("The time of a conversion must not be more than ten years ago.")
    return min(at, now)


def _money(told: Told) -> tuple[int | None, str | None]:
    if not told.value.strip() and told.minor is None:
        return None, None
    if told.value.strip() and told.minor is not None:
        raise UsageError("Give the value once: in units, or in minor units.")
    if not told.currency.strip():
        raise UsageError("A value needs its currency, such as IDR or USD.")
    currency = clean_currency(told.currency)
    minor = check_minor(told.minor) if told.minor is not None else to_minor(told.value, currency)
    if minor < 0:
        raise UsageError("A value must not be below 0: tell a refund for what was given back.")
    return minor, currency


def _note(
    session: Session, actor: Actor, what: str, site: Site, after: Mapping[str, object], *, now: datetime
) -> None:
    record(
        session, actor, what, subject="site", subject_id=site.id, workspace_id=site.workspace_id, now=now,
        after=dict(after),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row of a sheet that cannot be taken, and why."""

    #: As editors count: the heading is line 1.
    line: int
    sentence: str


@dataclass(slots=True)
class Imported:
    """What became of a sheet."""

    rows: int = 0
    new: int = 0
    #: Told before, word for word.
    known: int = 0
    refunds: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    #: Nothing was kept: it was only tried, or something is wrong.
    kept: bool = False


COLUMNS: Final = ("key", "name", "time", "value", "currency", "order", "click", "visitor", "refund_of")


def import_sheet(
    context: Context, workspace_id: int, site_id: int, raw: bytes, *, dry_run: bool, actor: Actor
) -> Imported:
    """Take all rows of a CSV sheet, or none; the same sheet twice counts nothing twice.

    Columns in any order: key, name, time, value, currency, order, click, visitor, refund_of. A time needs
    its zone, as in ``2026-11-24T09:30:00+07:00``.

    Raises:
        NotFound: no such site.
        UsageError: the sheet cannot be read at all; single wrong rows are in the answer.
    """
    rows = _rows(raw)
    now = context.clock()
    done = Imported(rows=len(rows))
    with writing(context.engine) as session:
        site = _held(session, workspace_id, site_id)
        for line, row in rows:
            faults = _faults(row, now)
            done.wrong += [Wrong(line, one) for one in faults]
            if faults:
                continue
            try:
                told = _told(row)
                with session.begin_nested():
                    _, is_new = _kept(session, site, told, source=SHEET, now=now)
            except (UsageError, NotFound) as error:
                done.wrong.append(Wrong(line, str(error)))
                continue
            done.new += is_new
            done.known += not is_new
            done.refunds += is_new and bool(told.refund_of)
        if dry_run or done.wrong:
            session.rollback()
            return done
        done.kept = True
        if done.new:
            _note(session, actor, "imported conversions", site, {"rows": done.new}, now=now)
        session.commit()
    return done


def _rows(raw: bytes) -> Sequence[tuple[int, Mapping[str, str]]]:
    if len(raw) > LARGEST_SHEET:
        raise UsageError(f"A sheet has at most {LARGEST_SHEET // 1024 // 1024} MB: cut it into several.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("The sheet is not in UTF-8: save it as CSV UTF-8.") from None
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        unknown = [name for name in head if name not in COLUMNS]
        if not head or unknown or len(set(head)) != len(head):
            raise UsageError(
                f"The first line names the columns, each once: {', '.join(COLUMNS)}. "
                f"Not known: {', '.join(name[:40] or 'an empty one' for name in unknown) or 'none'}."
            )
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise UsageError(f"The sheet cannot be read: {error}.") from None
    if len(rows) > MOST_ROWS:
        raise UsageError(f"A sheet has at most {MOST_ROWS:,} rows: cut it into several.")
    return [(line, dict(_paired(head, cells))) for line, cells in rows]


def _paired(head: Sequence[str], cells: Sequence[str]) -> Iterable[tuple[str, str]]:
    for number, cell in enumerate(cells):
        yield (head[number] if number < len(head) else "", cell.strip())


def _faults(row: Mapping[str, str], now: datetime) -> list[str]:
    """Everything that is wrong with a row by itself, one sentence for each cell."""

    def whole() -> Told:
        return _told({**row, "time": ""})

    checks: tuple[Callable[[], object], ...] = (
        whole,
        lambda: _instant(read_time(row["time"]), now) if row.get("time") else None,
        lambda: _money(whole()),
        lambda: _key(whole()),
        lambda: clean_name(row.get("name") or "order"),
        lambda: _short(row.get("order", ""), "order"),
        lambda: _short(row.get("visitor", ""), "visitor", 32),
        lambda: _short(row.get("click", ""), "click", 32),
    )
    found: dict[str, None] = {}
    for check in checks:
        try:
            check()
        except UsageError as error:
            found[str(error)] = None
    return list(found)


def _told(row: Mapping[str, str]) -> Told:
    if row.get(""):
        raise UsageError("This row has more cells than the first line has columns.")
    time = row.get("time", "")
    return Told(
        key=row.get("key", ""),
        name=row.get("name", "") or "order",
        at=read_time(time) if time else None,
        value=row.get("value", ""),
        currency=row.get("currency", ""),
        order=row.get("order", ""),
        click=row.get("click", ""),
        visitor=row.get("visitor", ""),
        refund_of=row.get("refund_of", ""),
    )


def read_time(text: str) -> datetime:
    """An instant with its zone. Raises `UsageError` when it has none, or is none."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise UsageError(f"Cannot read the time {text[:40]!r}. Write 2026-11-24T09:30:00+07:00.")
    return at
