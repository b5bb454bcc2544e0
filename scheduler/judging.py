"""Whether an entry passes a route's words and rules, with a limit on the time that its patterns take."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from domain.entry import Entry
from domain.filters import Match, Subject, judge
from domain.route import match
from scheduler.patterns import LIMIT, SlowPattern, finds
from scheduler.rules import Rules
from store.tables import Feed

#: For all patterns of a route in one run, in processor time: a run holds the feed, and on SQLite all writers.
BUDGET: Final = timedelta(seconds=1)
#: Begins the reason of an entry on which a pattern took too long; it is judged again later.
SLOW: Final = "cannot be judged yet: "


class Judge:
    """A route's rules for one run."""

    def __init__(self, rules: Rules, *, budget: timedelta = BUDGET) -> None:
        self._rules = rules
        self._left = budget.total_seconds()

    def __call__(self, entry: Entry, feed: Feed, *, seen_at: datetime) -> Match:
        """Hold an entry against words and rules.

        Args:
            seen_at: when the entry was first seen, by which its age counts: one that waits does not grow old.

        Raises:
            SlowPattern: a pattern did not finish in time; nothing is known of this entry.
        """
        passed = match(texts_of(entry), include=self._rules.include, exclude=self._rules.exclude)
        if not passed.passes or not self._rules.filters:
            return passed
        subject = Subject(
            title=entry.title,
            text=entry.text,
            link=entry.link or "",
            authors=entry.authors,
            categories=entry.categories,
            feed=(feed.title, feed.url),
            language=entry.language,
            age=max(seen_at - (entry.published_at or seen_at), timedelta()),
        )
        return judge(subject, self._rules.filters, finds=self._finds)

    def _finds(self, pattern: str, texts: Iterable[str]) -> bool:
        if self._left <= 0:
            raise SlowPattern("The patterns of this route take too long together: simplify them.")
        began = time.thread_time()
        try:
            return finds(pattern, texts, limit=min(LIMIT, timedelta(seconds=self._left)))
        finally:
            self._left -= time.thread_time() - began


def texts_of(entry: Entry) -> tuple[str, ...]:
    """What a route's words are held against."""
    return (entry.title, entry.text, *entry.categories)
