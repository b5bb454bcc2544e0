"""Lines of a table as rows that are kept, with what makes each the same again; no customer is named."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from analytics.imports.reading import Line
from analytics.past.reading import Fault
from domain.errors import UsageError
from domain.imports import ImportKind
from scheduler.benchmark_rows import RowFaults, benchmark_values
from store.tables import (
    AdDay,
    Answer,
    Benchmark,
    Brought,
    Customer,
    MentionDay,
    Purchase,
    Sharer,
    Testimonial,
    ToolDay,
)

#: What each kind's rows are kept in.
KEPT_IN: Final[Mapping[ImportKind, type[Brought]]] = {
    ImportKind.ADS: AdDay,
    ImportKind.ORDERS: Purchase,
    ImportKind.CUSTOMERS: Customer,
    ImportKind.ANSWERS: Answer,
    ImportKind.TESTIMONIALS: Testimonial,
    ImportKind.MENTIONS: MentionDay,
    ImportKind.SHARERS: Sharer,
    ImportKind.SESSIONS: ToolDay,
    ImportKind.BENCHMARKS: Benchmark,
}
#: Columns that are added up where several lines tell of the same thing.
_ADDED: Final = ("spend_micros", "impressions", "link_clicks", "number", "amount")
#: Of what is added up; and of mentions, which are whole numbers of 32 bits.
_LARGEST: Final = 10**18
_MOST_MENTIONS: Final = 10**9
_SCORES: Final = {"csat": (1, 5), "nps": (0, 10)}
_TOOLS: Final = {"ga4": "ga4", "google analytics": "ga4", "plausible": "plausible", "matomo": "matomo"}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ground:
    """What rows need to know beside what their lines say."""

    #: Of this workspace alone.
    secret: bytes
    #: Lower-case name of a brand → its row's number.
    brands: Mapping[str, int]
    #: Lower-case name or title of a platform → its key.
    platforms: Mapping[str, str]
    channel_id: int | None = None

    def hashed(self, name: str) -> str:
        """A customer's name as it is kept: the same for the same name in this workspace only."""
        plain = " ".join(name.split()).casefold()
        return hmac.new(self.secret, plain.encode(), hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Made:
    """Rows to keep, each key once."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    #: Lines that say the same as another, word for word, or were added to another.
    repeated: int
    merged: int


def rows_of(kind: ImportKind, lines: Sequence[Line], ground: Ground) -> Made:
    """The rows that lines come to, in whichever order they stand."""
    make = _MAKERS[kind]
    faults: list[Fault] = []
    made: dict[str, Row] = {}
    said: dict[str, list[Mapping[str, Any]]] = {}
    seen: Counter[str] = Counter()
    repeated = merged = 0
    for line in lines:
        try:
            found = make(line.values, ground, seen)
        except RowFaults as several:
            faults += [Fault(line.row, sentence) for sentence in several.sentences]
            continue
        except UsageError as error:
            faults.append(Fault(line.row, str(error)))
            continue
        for row in found:
            key = row["key"]
            if key not in made:
                made[key], said[key] = row, [line.values]
            elif line.values in said[key]:
                repeated += 1
            else:
                said[key].append(line.values)
                if (fault := _merge(made[key], row)) is not None:
                    faults.append(Fault(line.row, fault))
                else:
                    merged += 1
    return Made(tuple(made.values()), tuple(faults), repeated, merged)


def _merge(kept: Row, row: Row) -> str | None:
    """Add a line to the row of the same thing; what speaks against it, else None."""
    added = [name for name in _ADDED if name in row]
    if not added:
        return (
            "The row tells again, with other values, what an earlier row of the file told. Keep one of them."
        )
    if kept.get("currency") != row.get("currency"):
        return "The row is in another currency than an earlier row of the same day. Tell them apart."
    sums: dict[str, Any] = {name: (kept[name] or 0) + row[name] for name in added if row[name] is not None}
    if any(total > _LARGEST for total in sums.values()):
        return "Together with earlier rows of the same thing this is more than can be. Correct it."
    kept.update(sums)
    return None


def _key(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:64]


def _ad(values: Mapping[str, Any], ground: Ground, _seen: Counter[str]) -> list[Row]:
    platform = values["platform"].casefold()[:32]
    named = [values.get(use, "") for use in ("campaign_id", "campaign", "ad_set", "ad")]
    key = _key("ad", platform, values["day"], *([named[0]] if named[0] else named[1:2]), *named[2:])
    return [
        {
            "key": key, "at": values["at"], "platform": platform, "campaign": values["campaign"][:200],
            "channel_id": ground.channel_id, "currency": values["currency"], "spend_micros": values["spend"],
            "with_fees": values.get("fees"), "impressions": values.get("impressions"),
            "link_clicks": values.get("link_clicks"),
        }
    ]  # fmt: skip


def _order(values: Mapping[str, Any], ground: Ground, _seen: Counter[str]) -> list[Row]:
    returned = values.get("returned", 0)
    if returned > values["value"]:
        raise UsageError("More was returned than the order was worth. Correct it.")
    who = values.get("customer")
    return [
        {
            "key": _key("order", ground.hashed(values["id"])), "at": values["at"],
            "customer": ground.hashed(who) if who else None, "currency": values["currency"],
            "value_micros": values["value"], "returned_micros": returned,
        }
    ]  # fmt: skip


def _customer(values: Mapping[str, Any], ground: Ground, _seen: Counter[str]) -> list[Row]:
    return [{"key": ground.hashed(values["customer"]), "at": values["at"]}]


def _answer(values: Mapping[str, Any], _ground: Ground, seen: Counter[str]) -> list[Row]:
    kind = values["survey"].casefold()
    if kind not in _SCORES:
        raise UsageError(
            f"There is no survey of the kind {kind[:20]!r}: it is csat (1 to 5) or nps (0 to 10)."
        )
    least, most = _SCORES[kind]
    if not least <= values["score"] <= most:
        raise UsageError(f"{values['score']} is none. A {kind.upper()} answer lies from {least} to {most}.")
    words = values.get("words", "")
    told = ("answer", kind, values["id"]) if values.get("id") else None
    key = _key(*told) if told else _counted(seen, "answer", kind, values["at"], values["score"], words)
    return [{"key": key, "at": values["at"], "kind": kind, "score": values["score"], "words": words}]


def _counted(seen: Counter[str], *parts: object) -> str:
    """A key for what has no number: alike rows are told apart by their place among each other."""
    bare = _key(*parts)
    seen[bare] += 1
    return _key(bare, seen[bare])


def _testimonial(values: Mapping[str, Any], _ground: Ground, _seen: Counter[str]) -> list[Row]:
    named = values.get("rater", "")[:120] if values.get("consent") else None
    return [
        {
            "key": _key("testimonial", values["text"], values["at"].date()), "at": values["at"],
            "text": values["text"], "link": values.get("link"), "rater": named or None,
            "is_positive": values.get("positive"), "source": values.get("source"),
        }
    ]  # fmt: skip


def _mention(values: Mapping[str, Any], ground: Ground, _seen: Counter[str]) -> list[Row]:
    brand_id = ground.brands.get(" ".join(values["brand"].split()).casefold())
    if brand_id is None:
        raise UsageError(
            f"There is no brand {values['brand'][:40]!r}. Add it first: tabuh brand add NAME [--own]."
        )
    if values["number"] > _MOST_MENTIONS:
        raise UsageError("Mentions: that is more than can be. Correct it.")
    query = values.get("query", "")[:200]
    key = _key("mention", brand_id, values["day"], values.get("source", ""), query)
    return [
        {
            "key": key, "at": values["at"], "brand_id": brand_id, "number": values["number"], "query": query,
            "source": values.get("source"),
        }
    ]  # fmt: skip


def _sharer(values: Mapping[str, Any], _ground: Ground, seen: Counter[str]) -> list[Row]:
    platform = values.get("platform", "").casefold()[:32]
    if values.get("id"):
        key = _key("sharer", platform, values["id"])
    else:
        key = _counted(seen, "sharer", platform, values["at"], values["followers"])
    return [{"key": key, "at": values["at"], "platform": platform, "followers": values["followers"]}]


def _session(values: Mapping[str, Any], _ground: Ground, _seen: Counter[str]) -> list[Row]:
    rows = tool_rows(tool_of(values.get("tool", "")), "", values["day"], values["at"], values)
    if not rows:
        raise UsageError("The row has neither sessions nor conversions nor revenue.")
    return rows


def _benchmark(values: Mapping[str, Any], ground: Ground, _seen: Counter[str]) -> list[Row]:
    row = benchmark_values(values, ground.platforms)
    about = (row["metric"], row["platform"], row["industry"], row["segment"], row["period"], row["source"])
    key = _key("benchmark", *(part.casefold() for part in about), values["day"])
    return [{"key": key, **row}]


def tool_of(name: str) -> str:
    """The word by which a tool's totals are kept."""
    return _TOOLS.get(name.casefold(), "other")


def tool_rows(tool: str, site: str, day: object, at: datetime, values: Mapping[str, Any]) -> list[Row]:
    """What a day's totals of another tool are kept as: a row for each metric that they tell."""
    named = {"came_from": 200, "medium": 100, "campaign": 200}
    where = {use: str(values.get(use) or "")[:most] for use, most in named.items()}
    return [
        {
            "key": _key("tool", tool, site, metric, day, *where.values()), "at": at, "tool": tool,
            "site": site, "metric": metric, **where, "amount": values[metric],
            "currency": values["currency"] if metric == "revenue" else None,
        }
        for metric in ("sessions", "engaged", "conversions", "revenue")
        if values.get(metric) is not None
    ]  # fmt: skip


_MAKERS: Final[Mapping[ImportKind, Callable[[Mapping[str, Any], Ground, Counter[str]], list[Row]]]] = {
    ImportKind.ADS: _ad,
    ImportKind.ORDERS: _order,
    ImportKind.CUSTOMERS: _customer,
    ImportKind.ANSWERS: _answer,
    ImportKind.TESTIMONIALS: _testimonial,
    ImportKind.MENTIONS: _mention,
    ImportKind.SHARERS: _sharer,
    ImportKind.SESSIONS: _session,
    ImportKind.BENCHMARKS: _benchmark,
}
