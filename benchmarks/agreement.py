"""How far our reading of the sample feeds agrees with what seven other parsers agree on.

    python -m benchmarks.agreement [--folder FOLDER] [--write]

For each field it prints how many values the vote states, how many of them are ours as the document states
them (*read*), how many are ours as Tabuh keeps them (*kept*: after the corrections that follow the reading,
such as FeedBurner's original link), and how many votes can be told to be misread. Claimed for id, link, title
and published: at least 99.5 % of the values read, votes that hold U+FFFD left aside. Every difference stands
with its reason in docs/reference/feed-agreement.md, which ``--write`` renews.
"""

import argparse
import html
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from domain.entry import Entry
from domain.errors import NotAFeed
from feeds.parse import ParsedFeed, parse
from net.decode import inflate

ROOT: Final = Path(__file__).resolve().parent.parent
LIST: Final = ROOT / "docs" / "reference" / "feed-agreement.md"
#: The address that the voting parsers were given.
BASE: Final = "http://base.invalid/feed"
NOW: Final = datetime(2030, 1, 1, tzinfo=UTC)
#: The fields for which the share is claimed.
CLAIMED: Final = ("id", "link", "title", "published")
LEAST: Final = 0.995
_MISREAD: Final = "\N{REPLACEMENT CHARACTER}"
_UNSEEN: Final = re.compile("[\u200b\u2060\ufeff\u00ad]")

#: Why a value of ours is another one, by a short name.
REASONS: Final = {
    "original link": "the entry names its own page (feedburner:origLink); the vote has the counting redirect",
    "misread vote": "most parsers could not decode the text and hold U+FFFD; ours is readable, or guessed",
    "invisible mark": "a zero-width mark inside the title is left out",
    "no web address": "the link is no http(s) address, and nobody could open it",
    "escaped space": "a space inside an address is written as %20, so that it stays one address in a post",
    "nothing in it": "the entry has neither id, link, title nor text, and is left out",
    "name only": "the mail address beside the author's name is left out",
    "all authors": "the entry names several authors and all are kept, in the document's order",
    "fraction": "the vote rounds a fraction of a second up",
    "nested": "entries stand inside of entries; feedparser counts the outer ones as well, which hold nothing",
}


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One value of ours that is not the vote's; it holds no text of the feed."""

    file: str
    #: Position in the document; -1 for the feed itself.
    position: int
    field: str
    #: A name of `REASONS`; empty when nobody knows.
    reason: str


@dataclass
class Agreement:
    """Counts of values by field."""

    stated: Counter[str] = field(default_factory=Counter)
    #: Equal as the document states it.
    read: Counter[str] = field(default_factory=Counter)
    #: Equal after our corrections.
    kept: Counter[str] = field(default_factory=Counter)
    #: Votes that hold U+FFFD.
    misread: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def share(self, name: str) -> float:
        """Of the readable votes, the share that we read alike; 0 to 1."""
        return self.read[name] / (self.stated[name] - self.misread[name])

    def compare(
        self, place: tuple[str, int], name: str, ours: object, vote: object, *, stated: object = None
    ) -> None:
        """Count one value of a file's entry: ``stated`` is what the document says where we keep another."""
        is_misread = _MISREAD in str(vote)
        self.stated[name] += 1
        self.misread[name] += is_misread
        self.kept[name] += ours == vote
        self.read[name] += not is_misread and vote in (ours, stated)
        if ours != vote:
            self.differences.append(Difference(*place, name, _reason(name, ours, vote, stated)))


def measure(folder: Path) -> Agreement:
    """Read every sample feed, and compare it with the vote."""
    found = Agreement()
    for name, vote in json.loads((folder / "expected.json").read_text()).items():
        body = (folder / name).read_bytes()
        try:
            parsed = parse(body, url=BASE, content_type=None, now=NOW, limit=10**6)
        except NotAFeed:
            if "entries" in vote:
                found.differences.append(Difference(name, -1, "entries", ""))
            continue
        _compare_feed(found, name, parsed, vote)
        pages = _pages(body)
        for position, entry, expected in _pairs(found, name, parsed, vote):
            stated = pages.get(entry.link or "") if entry else None
            for kind, value in _values(entry).items():
                if kind in expected:
                    wanted = _enclosures(expected[kind]) if kind == "enclosures" else expected[kind]
                    found.compare(
                        (name, position), kind, value, wanted, stated=stated if kind == "link" else None
                    )
    return found


def describe(found: Agreement) -> Iterator[str]:
    """The figures as lines of a table in Markdown."""
    yield "| field | votes | misread votes | read alike | kept alike | of all votes | of the readable ones |"
    yield "|---|---|---|---|---|---|---|"
    for name in sorted(found.stated, key=lambda name: (name not in CLAIMED, name)):
        counts = (found.stated[name], found.misread[name], found.read[name], found.kept[name])
        of_all = found.read[name] / found.stated[name]
        said = " | ".join([*(f"{count:,}" for count in counts), f"{of_all:.2%}", f"{found.share(name):.2%}"])
        yield f"| {name} | {said} |"


def document(found: Agreement) -> str:
    """The page that lists every difference with its reason."""
    counts = Counter(difference.reason for difference in found.differences)
    places: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for difference in sorted(found.differences):
        places[difference.file, difference.field, difference.reason].append(difference.position)
    return "\n".join(
        [
            "# Where our reading of feeds differs from other parsers",
            "",
            "Written by `python -m benchmarks.agreement --write`; a test holds it to be exact. Seven",
            "parsers voted on each value of 377 feeds. *Read* is what the document states, *kept* what Tabuh",
            "makes of it: FeedBurner's redirects become the page they lead to. A vote that holds U+FFFD",
            "was misread by those who cast it.",
            "",
            *describe(found),
            "",
            "## Reasons",
            "",
            "| reason | values | meaning |",
            "|---|---|---|",
            *(f"| {name} | {counts[name]:,} | {text} |" for name, text in REASONS.items() if counts[name]),
            "",
            "## Every difference",
            "",
            "Entries are counted from 0; *feed* is the feed itself.",
            "",
            "| file | field | entries | reason |",
            "|---|---|---|---|",
            *(
                f"| {file} | {name} | {_ranges(positions)} | {reason} |"
                for (file, name, reason), positions in places.items()
            ),
            "",
        ]
    )


def _compare_feed(found: Agreement, name: str, parsed: ParsedFeed, vote: Mapping[str, Any]) -> None:
    expected = vote.get("feed", {})
    for kind, value in (("title", _words(parsed.title)), ("link", parsed.site_url)):
        if kind in expected:
            found.compare((name, -1), f"feed {kind}", value, expected[kind])


def _pairs(
    found: Agreement, name: str, parsed: ParsedFeed, vote: Mapping[str, Any]
) -> Iterator[tuple[int, Entry | None, Mapping[str, Any]]]:
    """Our entries beside the vote's; those with nothing in them count only where the vote counts them."""
    ours: list[Entry | None] = [place.entry for place in parsed.places]
    count = vote.get("entry_count")
    if count is not None and len(ours) != count:
        ours = list(parsed.entries)
        reason = "nested" if len(ours) == count else ""
        found.differences.append(Difference(name, -1, "entries", reason))
    for position, (entry, expected) in enumerate(zip(ours, vote.get("entries", ()), strict=False)):
        yield position, entry, expected


def _values(entry: Entry | None) -> Mapping[str, Any]:
    if entry is None:
        return dict.fromkeys(("id", "title", "link", "author", "published", "updated", "enclosures"))
    return {
        "id": entry.guid,
        "title": _words(entry.title),
        "link": entry.link,
        "author": ", ".join(entry.authors) or None,
        "published": entry.published_at and int(entry.published_at.timestamp()),
        "updated": entry.updated_at and int(entry.updated_at.timestamp()),
        "enclosures": sorted(enclosure.url for enclosure in entry.enclosures),
    }


def _enclosures(vote: Any) -> list[str]:
    return sorted(one if isinstance(one, str) else one["url"] for one in vote)


def _words(text: str) -> str:
    """The form in which the vote keeps a title."""
    return " ".join(re.sub(r"<[^>]*>", "", html.unescape(html.unescape(text))).split())


def _pages(body: bytes) -> Mapping[str, str]:
    """What a document gives as its entries' links, by the original links that stand in their place."""
    text = inflate(body, max_bytes=2**24).decode("utf-8", "replace")
    found = {}
    for entry in re.findall(r"<(?:item|entry)[\s>].*?</(?:item|entry)>", text, re.DOTALL):
        original = re.search(r"<feedburner:origLink>([^<]+)<", entry)
        link = re.search(r"<link>([^<]+)</link>|<link(?=[^>]*rel=.alternate)[^>]*href=[\"']([^\"']+)", entry)
        if original and link:
            stated = html.unescape(link[1] or link[2]).strip()
            found[html.unescape(original[1]).strip()] = stated
    return found


def _reason(name: str, ours: object, vote: object, stated: object) -> str:
    """The reason for a difference, where the two values tell it."""
    mine, theirs = str(ours or ""), str(vote)
    rules = {
        "misread vote": _MISREAD in theirs,
        "original link": name == "link" and stated == vote,
        "escaped space": "%20" in mine and mine.replace("%20", " ") == theirs,
        "nothing in it": not ours and name == "published",
        "no web address": name == "link" and not ours and not theirs.startswith(("http:", "https:")),
        "invisible mark": _UNSEEN.sub("", theirs) == mine,
        "name only": name == "author" and "@" in theirs and "@" not in mine,
        "all authors": name == "author" and theirs in mine.split(", "),
        "fraction": name == "updated" and isinstance(ours, int) and vote == ours + 1,
    }
    return next((reason for reason, holds in rules.items() if holds), "")


def _ranges(positions: list[int]) -> str:
    """``0-3, 7`` for 0, 1, 2, 3 and 7."""
    runs: list[list[int]] = []
    for position in positions:
        if runs and position == runs[-1][-1] + 1:
            runs[-1].append(position)
        else:
            runs.append([position])
    said = (f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    return "feed" if positions == [-1] else ", ".join(said)


def main() -> None:
    """Compare, and print the figures and the reasons."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "feeds")
    options.add_argument("--write", action="store_true", help=f"renew {LIST.relative_to(ROOT)}")
    given = options.parse_args()
    if not (given.folder / "expected.json").is_file():
        raise SystemExit(
            f"{given.folder} holds no expected.json: give the folder of the samples with --folder."
        )
    found = measure(given.folder)
    print(*describe(found), sep="\n")
    for reason, count in Counter(one.reason for one in found.differences).most_common():
        print(f"{count:>4} {reason or 'UNEXPLAINED'}: {REASONS.get(reason, 'look into it')}")
    if given.write:
        LIST.write_text(document(found))


if __name__ == "__main__":
    main()
