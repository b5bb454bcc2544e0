"""Do figures agree with what they are made of: parts, standings, the ledger, clicks and visits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from analytics.audit.asking import Asked, Found, Sample, at
from domain.audit import Finding, Place, PlaceKind, Severity
from domain.catalogue import CATALOGUE
from domain.metrics import Metric
from domain.sentence import Amount, Sentence, Unit, Value
from store import agreeing, audit, ledger, routes
from store.audit import Led, Read
from store.tables import ChannelRow

#: A channel with more posts has its sums made anew by hand only: comparing them reads everything.
MOST_SUMMED: Final = 5_000
#: Clicks below which no ratio is judged.
ENOUGH: Final = 20
#: Visits for each click that are usual where consent is asked and blockers are about: our own judgement.
USUAL = (0.5, 1.1)
#: Our clicks for each of the platform's own.
AGREES = (0.5, 2.0)
#: A click's visit is counted a moment later.
SETTLES: Final = timedelta(minutes=30)
#: Newest links without a post that are looked at.
MOST_LINKS: Final = 1_000


def agreement(asked: Asked, drawn: Sample, found: Found) -> None:
    """All checks of this file."""
    for channel in drawn.channels:
        _parts(asked, drawn, channel, found)
        _reach(drawn, channel, found)
        _platform_clicks(drawn, channel, asked, found)
    for rule in ("parts", "reach", "click_platform"):
        found.looked(rule, len(drawn.posts), drawn.all_there)
    _standings(asked, drawn, found)
    _ledger(asked, found)
    _visits(asked, drawn, found)


def _looks(readings: Sequence[Read]) -> dict[int, dict[str, Read]]:
    by_age: dict[int, dict[str, Read]] = {}
    for one in readings:
        by_age.setdefault(one.checkpoint, {})[one.metric] = one
    return by_age


def _parts(asked: Asked, drawn: Sample, channel: ChannelRow, found: Found) -> None:
    supply = asked.supplies.by_platform.get(channel.platform)
    wanted = set(CATALOGUE["engagement"].needs)
    if supply is None or not wanted <= supply.metrics:
        return
    torn: dict[frozenset[str], list[Read]] = {}
    for post in drawn.of(channel):
        for look in _looks(drawn.readings.get(post.id, ())).values():
            there = wanted & look.keys()
            if there and there != wanted:
                torn.setdefault(frozenset(map(str, there)), []).append(next(iter(look.values())))
    for known, reads in sorted(torn.items(), key=lambda pair: sorted(pair[0])):
        missing = {str(one) for one in wanted} - known
        values: dict[str, Value] = {
            "count": len(reads),
            "there": tuple(CATALOGUE[one].name for one in sorted(known)),
            "missing": tuple(CATALOGUE[one].name for one in sorted(missing)),
        }
        found.add(_of_reads("parts", values, channel, drawn, reads))


def _reach(drawn: Sample, channel: ChannelRow, found: Found) -> None:
    more = []
    for post in drawn.of(channel):
        for look in _looks(drawn.readings.get(post.id, ())).values():
            reach, shown = look.get(Metric.REACH), look.get(Metric.IMPRESSIONS)
            if reach is not None and shown is not None and reach.value > shown.value:
                more.append(reach)
    if more:
        found.add(_of_reads("reach", {"count": len(more)}, channel, drawn, more))


def _of_reads(
    rule: str, values: dict[str, Value], channel: ChannelRow, drawn: Sample, reads: Sequence[Read]
) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.LOOK,
        what=Sentence(f"audit.{rule}", values),
        action=Sentence(f"audit.do_{rule}"),
        where=at(channel),
        count=len(reads),
        examples=drawn.places(list(dict.fromkeys(one.post_id for one in reads))),
        since=min(one.read_at for one in reads),
    )


def _standings(asked: Asked, drawn: Sample, found: Found) -> None:
    looked = 0
    for channel in drawn.channels:
        ids = [post.id for post in drawn.of(channel)]
        told = agreeing.compare(asked.session, channel.id, ids)
        if told is None:
            continue
        looked += len(ids)
        if told.wrong:  # what was written meanwhile is no difference
            told = agreeing.compare(asked.session, channel.id, told.wrong) or told
        for key, wrong in (("standings", told.wrong), ("standings_missing", told.missing)):
            if wrong:
                found.add(_standing(key, channel, {"count": len(wrong)}, len(wrong), drawn.places(wrong)))
        small = audit.post_count(asked.session, channel.id, limit=MOST_SUMMED + 1) <= MOST_SUMMED
        metrics = agreeing.wrong_sums(asked.session, channel.id) if small else []
        if metrics:
            found.add(_standing("sums", channel, {"names": tuple(metrics)}, len(metrics), ()))
    found.looked("standings", looked, drawn.all_there)


def _standing(
    key: str, channel: ChannelRow, values: dict[str, Value], count: int, examples: tuple[Place, ...]
) -> Finding:
    return Finding(
        rule="standings",
        severity=Severity.WRONG,
        what=Sentence(f"audit.{key}", values),
        action=Sentence("audit.do_standings"),
        where=at(channel),
        count=count,
        examples=examples,
    )


def _ledger(asked: Asked, found: Found) -> None:
    balances = ledger.balances(asked.session, asked.workspace.id)
    names = {line.route.id: line.route.name for line in routes.lines(asked.session, asked.workspace.id)}
    found.looked("ledger", sum(one.seen for one in balances.values()))
    for route_id, balance in balances.items():
        if not balance.holds:
            told = sum(balance.fates.values())
            lost = abs(balance.seen - told)
            found.add(
                Finding(
                    rule="ledger",
                    severity=Severity.WRONG,
                    what=Sentence("audit.ledger", {"seen": balance.seen, "told": told, "count": lost}),
                    action=Sentence("audit.do_ledger"),
                    where=Place(PlaceKind.ROUTE, route_id, names.get(route_id, str(route_id))),
                    count=lost,
                )
            )


def _visits(asked: Asked, drawn: Sample, found: Found) -> None:
    end = asked.now - SETTLES
    by_post = audit.led(asked.session, drawn.posts, since=asked.since, before=end)
    clicks = 0
    for channel in drawn.channels:
        mine = {post.id: by_post[post.id] for post in drawn.of(channel) if post.id in by_post}
        led = Led(sum(one.clicks for one in mine.values()), sum(one.visits for one in mine.values()))
        clicks += led.clicks
        most = sorted(mine, key=lambda one: mine[one].visits - mine[one].clicks)
        _judge(at(channel), led, drawn.places(most), asked.since, found)
    links = audit.led_by_links(
        asked.session, asked.workspace.id, since=asked.since, before=end, limit=MOST_LINKS
    )
    for link_id, (code, led) in links.items():
        clicks += led.clicks
        _judge(Place(PlaceKind.LINK, link_id, code), led, (), asked.since, found)
    found.looked("click_visit", clicks)


def _judge(where: Place, led: Led, examples: tuple[Place, ...], since: datetime, found: Found) -> None:
    low, high = USUAL
    if led.clicks < ENOUGH or low <= led.visits / led.clicks <= high:
        return
    values: dict[str, Value] = {
        "clicks": led.clicks,
        "visits": led.visits,
        "ratio": _percent(led.visits / led.clicks),
        "band": Sentence("audit.band", {"low": _percent(low), "high": _percent(high)}),
    }
    none = led.visits == 0
    found.add(
        Finding(
            rule="click_visit",
            severity=Severity.WRONG if none else Severity.LOOK,
            what=Sentence("audit.no_visits" if none else "audit.few_visits", values),
            action=Sentence("audit.do_no_visits" if none else "audit.do_few_visits"),
            where=where,
            count=abs(led.clicks - led.visits),
            examples=examples,
            since=since,
        )
    )


def _percent(share: float) -> Amount:
    return Amount(float(round(100 * share)), Unit.PERCENT)


def _platform_clicks(drawn: Sample, channel: ChannelRow, asked: Asked, found: Found) -> None:
    theirs: dict[int, int] = {}
    for post in drawn.of(channel):
        for one in drawn.readings.get(post.id, ()):
            if one.metric == Metric.CLICKS_PLATFORM:
                theirs[post.id] = one.value  # the oldest age comes last
    if sum(theirs.values()) < ENOUGH:
        return
    ours = audit.human_clicks(asked.session, theirs)
    both = {post_id: ours[post_id] for post_id in theirs if post_id in ours}
    own, other = sum(both.values()), sum(theirs[post_id] for post_id in both)
    if other < ENOUGH or AGREES[0] <= own / other <= AGREES[1]:
        return
    found.add(
        Finding(
            rule="click_platform",
            severity=Severity.LOOK,
            what=Sentence(
                "audit.click_platform", {"own": own, "theirs": other, "ratio": _percent(own / other)}
            ),
            action=Sentence("audit.do_click_platform"),
            where=at(channel),
            count=abs(own - other),
            examples=drawn.places(list(both)),
            since=asked.since,
        )
    )
