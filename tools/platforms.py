"""Writes docs/platforms.md from what the adapters declare; a test keeps it true.

python -m tools.platforms
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from domain.content import Budget, Call, Capabilities, Counting, DeliveryClass, Price, Proof
from domain.media import PictureRules, VideoRules
from publishers.base import Publisher
from publishers.registry import BUILT_IN, adapter

FILE = Path(__file__).resolve().parents[1] / "docs" / "platforms.md"

_HEAD = """\
# What each platform can do

Made from what the adapters declare (`python -m tools.platforms`); a test keeps it true. Limits are those of
the platform itself where no server says otherwise: servers of the Mastodon API, for one, tell their own when
a channel is connected. `tabuh channel platforms` lists the platforms of an installation, those that other
packages add included.
"""

_UNITS = {
    Counting.GRAPHEMES: "characters",
    Counting.CODE_POINTS: "code points",
    Counting.UTF16: "UTF-16 units",
    Counting.BYTES: "bytes",
}
_LOST = {
    DeliveryClass.NATIVE_KEY: "sent again with the same key, which makes no second post",
    DeliveryClass.TWO_PHASE: "the container or upload is asked how far it got",
    DeliveryClass.LIST_AND_MATCH: "the channel's own posts are read, and this one looked for",
    DeliveryClass.AT_MOST_ONCE: "nobody can be asked: a person looks and decides",
    DeliveryClass.LOCAL: "none can be lost: the post is a row of our own",
}
_PROOFS = {
    Proof.REAL_SERVER: "on a real server",
    Proof.OFFICIAL_CONTRACT: "against the platform's own description",
    Proof.STAND_IN: "on a server that others made to stand in for it",
    Proof.FAKE: "against our imitation of it",
}
_CALLS = {Call.POST: "a post", Call.POST_WITH_LINK: "a post with a link", Call.READ: "a reading"}


def text() -> str:
    """The whole page."""
    kinds = [(name, adapter(name)) for name in sorted(BUILT_IN)]
    sections = [
        _HEAD,
        _section("Posts", _POSTS, [_post_cells(name, kind) for name, kind in kinds]),
        _section("Pictures and videos", _MEDIA, [_media_cells(name, kind) for name, kind in kinds]),
        _section(
            "When an answer is lost",
            "| platform | class | what happens then |",
            [_lost_cells(name, kind) for name, kind in kinds],
        ),
        _section(
            "Numbers", "| platform | of a post | of a channel |", [_number_cells(*one) for one in kinds]
        ),
        _section(
            "Budgets and prices",
            "| platform | what is counted or paid |",
            [cells for name, kind in kinds if (cells := _money_cells(name, kind.capabilities))],
            lead="As documented by the platform; a platform that is not named states none that we know of.",
        ),
        _section(
            "How it was proved",
            "| platform | proved |",
            [(f"`{name}`", _PROOFS[kind.capabilities.proof]) for name, kind in kinds],
            lead=(
                "Every adapter keeps the same contract of tests: each failure, a lost answer, a crash before "
                "and after every request. What it was tried against differs."
            ),
        ),
    ]
    return "\n".join(sections)


_POSTS = "| platform | text | threads | polls | title | first comment | change | delete |"
_MEDIA = "| platform | pictures | descriptions | videos |"


def _section(title: str, head: str, rows: Sequence[Sequence[str]], *, lead: str = "") -> str:
    columns = head.count("|") - 1
    told = [f"| {' | '.join(cells)} |" for cells in rows]
    words = [lead, ""] if lead else []
    return "\n".join([f"## {title}", "", *words, head, "|---" * columns + "|", *told, ""])


def _post_cells(name: str, kind: type[Publisher]) -> tuple[str, ...]:
    able = kind.capabilities
    poll = f"{able.polls.most} answers of {able.polls.max_option}" if able.polls else "–"
    title = "–" if able.max_title is None else f"{able.max_title}{', asked for' if able.needs_title else ''}"
    return (
        f"{kind.title} (`{name}`)",
        "any" if able.max_characters is None else f"{able.max_characters:,} {_UNITS[able.counting]}",
        f"{able.max_thread} parts" if able.max_thread > 1 else "–",
        poll,
        title,
        _yes(able.first_comment),
        _yes(able.can_edit),
        _yes(able.can_delete),
    )


def _yes(able: bool) -> str:
    return "yes" if able else "–"


def _media_cells(name: str, kind: type[Publisher]) -> tuple[str, ...]:
    able = kind.capabilities
    needed = ", one is asked for" if able.needs_media else ""
    return (
        f"`{name}`",
        _pictures(able.pictures) + needed,
        _descriptions(able.pictures),
        _videos(able.videos),
    )


def _pictures(rules: PictureRules | None) -> str:
    return "–" if rules is None else f"{rules.most} of {_size(rules.max_bytes)}"


def _descriptions(rules: PictureRules | None) -> str:
    if rules is None or rules.max_alt == 0:
        return "–"
    return "any" if rules.max_alt is None else f"{rules.max_alt:,}"


def _videos(rules: VideoRules | None) -> str:
    if rules is None:
        return "–"
    kinds = "/".join(sorted(_kind(kind) for kind in rules.kinds))
    length = f", {rules.max_seconds:,.0f} s" if rules.max_seconds is not None else ""
    return f"{rules.most} of {_size(rules.max_bytes)}{length}, {kinds}"


def _kind(media_type: str) -> str:
    return {"video/mp4": "MP4", "video/quicktime": "MOV", "video/webm": "WebM"}.get(media_type, media_type)


def _size(size: int) -> str:
    if size >= 2**40:
        return "any size"
    return f"{size / 10**9:,.1f} GB".replace(".0 ", " ") if size >= 10**9 else f"{size / 10**6:,.0f} MB"


def _lost_cells(name: str, kind: type[Publisher]) -> tuple[str, ...]:
    able = kind.capabilities
    until = f" (for {_span(able.key_ttl)}; after that it is looked for)" if able.key_ttl else ""
    return f"`{name}`", f"`{able.delivery}`", _LOST[able.delivery] + until


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes % (24 * 60) == 0:
        return _counted(minutes // (24 * 60), "day")
    return _counted(minutes // 60, "hour") if minutes % 60 == 0 else _counted(minutes, "minute")


def _counted(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def _number_cells(name: str, kind: type[Publisher]) -> tuple[str, ...]:
    able = kind.capabilities
    return f"`{name}`", _listed(able.post_metrics), _listed(able.channel_metrics)


def _listed(metrics: frozenset[str]) -> str:
    return ", ".join(sorted(str(one) for one in metrics)) or "–"


def _money_cells(name: str, able: Capabilities) -> tuple[str, ...]:
    told = [*map(_budget, able.budgets), *_prices(able.prices)]
    return (f"`{name}`", "; ".join(told)) if told else ()


def _budget(one: Budget) -> str:
    shared = ", of all channels together" if one.shared else ""
    calls = {Call.POST: "posts", Call.POST_WITH_LINK: "posts with a link", Call.READ: "readings"}[one.call]
    return f"{one.most:,} {calls} in {_span(one.every)}{shared}"


def _prices(prices: Sequence[Price]) -> Iterator[str]:
    for one in prices:
        amount = f"{one.micros / 1_000_000:.6f}".rstrip("0").rstrip(".")
        yield f"{_CALLS[one.call]} costs {amount} {one.currency} (since {one.since})"


def main() -> None:
    """Write the page."""
    FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
