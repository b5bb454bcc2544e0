"""Feeds and routes in words: how a feed does, what became of entries, and whether the sums hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.post import Fate
from store.feed_health import FeedHealth, Rhythm
from store.feeds import FeedLine, Health
from store.ledger import Balance
from store.tables import Feed
from web.i18n import Voice
from web.i18n import marked as N_
from web.said import ended, said

#: A feed's state in a word, the tone of its badge and its sign.
HEALTH: Mapping[Health, tuple[str, str, str]] = {
    Health.WAITING: (N_("Not read yet"), "plain", "draft"),
    Health.HEALTHY: (N_("Healthy"), "good", "good"),
    Health.FAILING: (N_("Cannot be read"), "bad", "bad"),
    Health.ASKS: (N_("Asks you"), "warn", "warn"),
    Health.GONE: (N_("Gone"), "bad", "bad"),
    Health.PAUSED: (N_("Paused"), "plain", "skipped"),
}

#: What became of an entry: in a word, the tone of its badge and its sign.
FATES: Mapping[Fate, tuple[str, str, str]] = {
    Fate.POSTED: (N_("posted"), "good", "published"),
    Fate.QUEUED: (N_("queued"), "plain", "queued"),
    Fate.HELD: (N_("held"), "warn", "awaiting_approval"),
    Fate.FILTERED: (N_("filtered"), "plain", "skipped"),
    Fate.DUPLICATE: (N_("duplicate"), "plain", "skipped"),
    Fate.SKIPPED: (N_("skipped"), "plain", "skipped"),
    Fate.FAILED: (N_("failed"), "bad", "failed"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A state as a badge shows it."""

    word: str
    tone: str
    sign: str


def health_mark(health: Health, voice: Voice) -> Mark:
    """A feed's state as a badge."""
    word, tone, sign = HEALTH[health]
    return Mark(voice.gettext(word), tone, sign)


def fate_mark(fate: Fate, voice: Voice) -> Mark:
    """What became of an entry as a badge."""
    word, tone, sign = FATES[fate]
    return Mark(voice.gettext(word), tone, sign)


def health_sentence(line: FeedLine, voice: Voice, *, now: datetime) -> str:
    """How a feed does and what happens next, in one or two plain sentences."""
    _ = voice.gettext
    feed = line.feed
    match line.health:
        case Health.WAITING:
            return _("It was never read.") + _next(feed, voice, now=now)
        case Health.HEALTHY:
            assert feed.last_success_at is not None
            read = _("Read %(when)s.", when=voice.relative(feed.last_success_at, now=now))
            return read + _next(feed, voice, now=now)
        case Health.FAILING:
            why = ended(said(voice, feed.last_error or ""))
            return f"{_failures(feed, voice)} {why}" + _next(feed, voice, now=now)
        case Health.ASKS:
            waits = voice.ngettext(
                "%(num)s entry waits for your word on what to post.",
                "%(num)s entries wait for your word on what to post.",
                line.held,
            )
            because = said(voice, feed.asks_because) if feed.asks_because else _("a backup was restored")
            return waits + " " + _("Why: %(why)s", why=ended(because))
    assert feed.paused_at is not None
    why = ended(said(voice, feed.paused_reason or "paused by hand"))
    return _("Paused %(when)s: %(why)s", when=voice.relative(feed.paused_at, now=now), why=why)


def rhythm_words(rhythm: Rhythm, voice: Voice) -> str:
    """Entries of this week beside what is usual."""
    came = voice.ngettext("%(num)s entry", "%(num)s entries", rhythm.this_week)
    if rhythm.usual is None:
        return voice.gettext("%(came)s; what is usual is not known yet", came=came)
    usual = voice.number(rhythm.usual, digits=1)
    return voice.gettext("%(came)s; usually about %(usual)s", came=came, usual=usual)


def hub_words(found: FeedHealth, voice: Voice) -> str:
    """What the feed's hub does for us; empty where there is none."""
    hub, _ = found.hub, voice.gettext
    if hub is None:
        return ""
    if hub.given_up_at is not None or hub.wanted == "unsubscribe":
        return _("given up: %(why)s", why=said(voice, hub.last_error or "it is not needed any more"))
    if hub.last_error:
        return _("asked again later: %(why)s", why=said(voice, hub.last_error))
    if hub.verified_until is None:
        return _("asked, and has not answered yet")
    counted = (voice.number(hub.pushed), voice.number(hub.pushed + hub.polled))
    return _(
        "tells of news: %(pushed)s of %(all)s new entries came with a push", pushed=counted[0], all=counted[1]
    )


def about(found: FeedHealth, voice: Voice) -> str:
    """What a person should know of a feed beside its state, in a sentence or two."""
    feed, _ = found.line.feed, voice.gettext
    told = [ended(said(voice, feed.paused_reason or feed.last_error or ""))]
    if found.quiet_until is not None:
        told.append(_("Its server wants no request before %(time)s.", time=voice.moment(found.quiet_until)))
    if found.rhythm.is_silent and feed.paused_at is None:
        told.append(_("Nothing came this week, which is unusual."))
    return " ".join(filter(None, told))


def _failures(feed: Feed, voice: Voice) -> str:
    return voice.ngettext("The last look failed.", "The last %(num)s looks failed.", feed.failures)


def _next(feed: Feed, voice: Voice, *, now: datetime) -> str:
    if feed.next_at is None:
        return ""
    if feed.next_at <= now:
        return " " + voice.gettext("The next look is due now.")
    return " " + voice.gettext("Next look %(when)s.", when=voice.relative(feed.next_at, now=now))


@dataclass(frozen=True, slots=True)
class BalanceShown:
    """``12 seen = 3 posted + 9 skipped``, piece by piece."""

    seen: str
    #: Number, word, and whether it is more than none.
    parts: tuple[tuple[str, str, bool], ...]
    holds: bool

    @property
    def text(self) -> str:
        """In one line, without the fates that no entry has."""
        told = " + ".join(f"{number} {word}" for number, word, some in self.parts if some)
        return f"{self.seen} = {told or 0}"


def balance_shown(balance: Balance, voice: Voice) -> BalanceShown:
    """What became of all entries that a route has seen."""
    parts = tuple(
        (voice.number(balance.fates[fate]), voice.gettext(FATES[fate][0]), balance.fates[fate] > 0)
        for fate in Fate
    )
    seen = voice.gettext("%(number)s seen", number=voice.number(balance.seen))
    return BalanceShown(seen, parts, balance.holds)
