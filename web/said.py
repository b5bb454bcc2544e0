"""What lower layers said in English, in the reader's language: reasons on rows, and errors.

Reasons are written for people when something happens, long before somebody reads them. Here each is
known again by its form, and said anew; one that is not known is shown as it was written.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

from domain.errors import UsageError
from domain.filters import Effect, parse_group
from domain.sentence import Sentence, Words
from domain.sentences import say
from web import (
    said_of_access,
    said_of_chat,
    said_of_content,
    said_of_experiments,
    said_of_feeds,
    said_of_guide,
    said_of_imports,
    said_of_links,
    said_of_networks,
    said_of_past,
    said_of_plans,
    said_of_posts,
    said_of_press,
    said_of_rules,
    said_of_sites,
    said_of_social,
    said_of_statistics,
    said_of_telling,
)
from web.i18n import Voice
from web.i18n import marked as N_
from web.route_rules import group_words

#: Placeholders: ``span`` is a length of time as `feeds.interval.span` writes it, ``rest`` a text of its own,
#: ``rule`` a route's rules as `domain.filters` writes them.
KNOWN = (
    # Why the next poll is when it is (feeds.interval, scheduler.polling, scheduler.feeds).
    N_("%(rest)s; what it shows has changed so much that it waits for your choice of what to post"),
    N_("%(rest)s, not in the hours and days that the feed wants left out"),
    N_("once more, for the whole feed"),
    N_("every %(span)s: chosen by hand"),
    N_("every %(span)s: the server's max-age asks for it"),
    N_("every %(span)s: the server's Expires asks for it"),
    N_("every %(span)s: the feed itself asks for it"),
    N_("every %(span)s: this feed posts about every %(span_2)s"),
    N_("every %(span)s: not enough dated entries to know its rhythm"),
    N_("in %(span)s: the feed could not be read 1 time"),
    N_("in %(span)s: the feed could not be read %(times)s times in a row"),
    N_("in %(span)s: the server asked for this pause"),
    N_("the old address stopped to work: a look at the new one"),
    N_("once more before 410 is believed"),
    N_("the server asked for a pause, for all its feeds"),
    N_("resumed by hand"),
    N_("asked for by hand"),
    N_("paused by hand"),
    # Why a feed could not be read (net.client, feeds.fetch, feeds.parse).
    N_(
        "%(host)s is not read: %(name)s leads to %(address)s, port %(port)s, which is not public; to reach a "
        "network of your own, name it in TABUH_ALLOWED_NETWORKS"
    ),
    N_("%(host)s did not finish within %(limit)s s; try again later"),
    N_("%(host)s did not answer in time; check that it is up"),
    N_("%(host)s stopped sending in the middle; try again later"),
    N_("%(host)s could not be reached (%(why)s); check the address"),
    N_("%(host)s redirects more than %(times)s times; check the address"),
    N_("%(host)s sent more than %(size)s; ask for a shorter document"),
    N_("%(host)s refuses to show the feed (403); check that the address is public"),
    N_("%(host)s has no feed at this address (404); check the address"),
    N_("%(host)s stands behind a proxy that wants a password (407); check the address"),
    N_("%(host)s asks for fewer requests (429); the next look comes later"),
    N_("%(host)s has trouble of its own (%(status)s); the next look comes later"),
    N_("%(host)s answers without a feed (%(status)s); check the address"),
    N_("%(host)s refuses the request (%(status)s); check the address"),
    N_("%(url)s cannot be read: write an address that starts with http:// or https://"),
    N_("%(url)s is a web page, not a feed; it names these feeds: %(feeds)s"),
    N_("%(url)s is a web page that names no feed; look for an RSS or Atom link on the site"),
    N_("%(url)s answers with an empty document; check the address"),
    N_("%(url)s answers with something that is no RSS, Atom or JSON feed; check the address"),
    N_("%(url)s answers with JSON that is no JSON Feed (%(why)s); give the address of a feed"),
    # What became of an entry (scheduler.routing, scheduler.arriving, domain.route).
    N_("existed before the route"),
    N_("existed before the feed was added"),
    N_("older than the day on which the feed was added"),
    N_("not chosen when the feed was resumed"),
    N_("came while the route was paused"),
    N_("the feed waits for your choice of what to post: resume it"),
    # Why a feed asks (scheduler.flooding, scheduler.arriving).
    N_("%(news)s entries came at once, where %(rest)s"),
    N_("%(news)s of the %(shown)s entries that it shows are new, where %(rest)s"),
    N_("%(news)s entries came within a day, where %(rest)s"),
    N_("hardly any is usual"),
    N_("about %(number)s is usual"),
    N_("about %(number)s are usual"),
    N_("%(news)s entries look like known ones under new names"),
    N_("it shows entries that are older than the last look and were not there"),
    N_("has the excluded word: %(word)s"),
    N_("has none of: %(words)s"),
    N_("the same as “%(title)s” of another feed"),
    N_("stopped by the rule: never if %(rule)s"),
    N_("does not meet the rule: only if %(rule)s (its language is not stated)"),
    N_("does not meet the rule: only if %(rule)s"),
    N_("over the route's cap per run: it goes out with a later one"),
    N_("over the route's cap per day: it goes out when a day has room"),
    N_("its route was removed"),
    N_("cannot be judged yet: %(rest)s"),
    N_("The pattern '%(pattern)s' did not finish within %(limit)s s on this text: simplify it."),
    N_("The patterns of this route take too long together: simplify them."),
    # Errors of forms (scheduler.feeds, scheduler.routes, scheduler.templating, domain.route, domain.kpi).
    N_("%(feed)s is not paused, and asks nothing."),
    N_("%(feed)s holds nothing."),
    N_("%(feed)s is paused: resume it first."),
    N_("Route '%(route)s' is not paused."),
    N_("Route '%(route)s' reads %(feed)s already."),
    N_("There is a route called '%(name)s' already. Choose another name."),
    N_("A route needs a name of 1 to 80 characters."),
    N_("A route reads at least one feed: name it."),
    N_("An interval is between %(span)s and %(span_2)s; %(span_3)s is not."),
    N_("The template makes an empty text of this entry, and the entry has no link."),
    N_("The template makes a text of more than %(limit)s characters."),
    N_("The template cannot be read, line %(line)s: %(why)s"),
    N_("The template names %(names)s, which is not known. Known: %(known)s."),
    N_("A template has at most %(limit)s characters; this one has %(length)s."),
    N_("The word '%(word)s'… is longer than %(limit)s characters: shorten it."),
    N_("A route takes at most %(limit)s words to include or exclude; got %(count)s."),
    N_("A route takes at most %(limit)s rules in %(groups)s groups."),
    N_("Cannot read the age '%(given)s'. Write it as 90 min, 12 h, 7 days or 2 weeks."),
    N_("Cannot read the length '%(given)s'. Write it as 200, 200 characters or 50 words."),
    N_(
        "Cannot read the language '%(given)s'. Write tags such as en, id or pt-BR, and unknown for entries "
        "that state none."
    ),
    N_("The rule about %(field)s cannot say '%(how)s'. It can say: %(known)s."),
    N_("The rule about %(field)s says nothing to compare with: write it."),
    N_("The rule '%(beginning)s'… is longer than %(limit)s characters: shorten it."),
    N_("The pattern is longer than %(limit)s characters: shorten it, or use several."),
    N_("The pattern '%(pattern)s' cannot be read: %(why)s."),
    N_(
        "The pattern '%(pattern)s' takes too long on some texts: avoid repetitions inside repetitions, such "
        "as (a+)+."
    ),
    N_("The pattern '%(pattern)s' repeats too often: use smaller counts, or + and *."),
    N_("A cap per run is between 1 and %(limit)s posts; %(number)s is not."),
    N_("A cap per day is between 1 and %(limit)s posts; %(number)s is not."),
    N_("The gap between two posts is between 0 and %(limit)s minutes; %(number)s is not."),
    N_("A post has between 0 and %(limit)s hashtags; %(number)s is not."),
    N_("'%(given)s' is no hashtag: it needs a letter, such as #news."),
    N_("The least width is between 1 and %(limit)s pixels; %(number)s is not."),
    N_("The picture '%(address)s' cannot be shown: write an address with http:// or https://."),
    N_("The text before is longer than %(limit)s characters: shorten it."),
    N_("The text after is longer than %(limit)s characters: shorten it."),
    N_("Route '%(route)s' was removed, and cannot be copied."),
    N_("Route '%(route)s' has %(number)s posts that did not go out yet. Choose what to do: keep or skip."),
    N_("Route '%(route)s' has 1 post that did not go out yet. Choose what to do: keep or skip."),
    N_("A replay looks back between 1 and %(limit)s days; %(number)s is not."),
    N_("Cannot read the target '%(target)s'. Write 5000 or 2.5%% to reach, +20%% or -10%% to change by."),
    N_("Unknown time zone '%(zone)s'. Use an IANA name such as Asia/Jakarta, Europe/Berlin or UTC."),
    N_("This cursor belongs to another list: start again from the first page."),
)

#: Texts that name a command, and what a page says instead.
REWORDED = {
    "%(url)s is one of your feeds already. `tabuh feed list` shows them all.": N_(
        "%(url)s is one of your feeds already."
    ),
    "Channel '%(channel)s' has no posting schedule to take slots from. Set one with %(command)s, or use "
    "--timing at_once.": N_(
        "%(channel)s has no posting schedule to take slots from. Give it one on its own page, or choose to "
        "post at once."
    ),
    "There is no feed '%(feed)s'. `tabuh feed list` shows those there are.": N_(
        "There is no such feed here."
    ),
    "There is no route '%(route)s'. `tabuh route list` shows those there are.": N_(
        "There is no such route here."
    ),
    "There is no channel '%(channel)s'. `tabuh channel list` shows those there are.": N_(
        "There is no such channel here."
    ),
    "There is no post %(post)s. `tabuh post list` shows those there are.": N_("There is no such post here."),
    "There is no KPI '%(kpi)s'. `tabuh kpi list` shows those there are.": N_("There is no such KPI here."),
    "Post %(post)s is not published, so it has no statistics yet.": N_(
        "This post is not published, so it has no statistics yet."
    ),
}

_SPAN = re.compile(r"(\d+(?:\.\d+)?) (s|min|h|days)")
_LENGTHS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "days": timedelta(days=1),
}


def said(voice: Voice, words: str | Words | Sentence) -> str:
    """The text in the reader's language; one in English that is not known stays as it is."""
    match words:
        case Words():
            return words.said(voice.language)
        case Sentence():
            return say(words, voice.language)
    for pattern, text in _patterns():
        found = pattern.fullmatch(words)
        if found:
            values = {name: _value(name, value, voice) for name, value in found.groupdict().items()}
            return voice.gettext(text, **values) if values else voice.gettext(text)
    return words


def upper(text: str) -> str:
    """With a capital, as a sentence begins."""
    return text[:1].upper() + text[1:]


def ended(text: str) -> str:
    """The text as a whole sentence, with a full stop where it has no end of its own."""
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def _value(name: str, value: str, voice: Voice) -> str:
    if name.startswith("span"):
        return _length(value, voice)
    if name == "rule":
        return _rule(value, voice)
    return said(voice, value) if name.startswith("rest") else value


def _rule(text: str, voice: Voice) -> str:
    """A route's rules in the reader's words; as they were written, if they cannot be read again."""
    try:
        return group_words(parse_group(Effect.ONLY, text), voice)
    except UsageError:
        return text


def _length(text: str, voice: Voice) -> str:
    found = _SPAN.fullmatch(text)
    return voice.interval(float(found[1]) * _LENGTHS[found[2]]) if found else text


@lru_cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(_compiled())


def _compiled() -> Iterator[tuple[re.Pattern[str], str]]:
    reworded = {
        **said_of_feeds.REWORDED,
        **said_of_access.REWORDED,
        **REWORDED,
        **said_of_rules.REWORDED,
        **said_of_posts.REWORDED,
        **said_of_plans.REWORDED,
        **said_of_past.REWORDED,
        **said_of_imports.REWORDED,
        **said_of_telling.REWORDED,
    }
    known = (
        *said_of_feeds.KNOWN,
        *said_of_guide.KNOWN,
        *said_of_access.KNOWN,
        *KNOWN,
        *said_of_rules.KNOWN,
        *said_of_sites.KNOWN,
        *said_of_posts.KNOWN,
        *said_of_content.KNOWN,
        *said_of_experiments.KNOWN,
        *said_of_plans.KNOWN,
        *said_of_past.KNOWN,
        *said_of_imports.KNOWN,
        *said_of_press.KNOWN,
        *said_of_social.KNOWN,
        *said_of_statistics.KNOWN,
        *said_of_links.KNOWN,
        *said_of_networks.KNOWN,
        *said_of_chat.KNOWN,
        *said_of_telling.KNOWN,
    )
    for form, text in (*reworded.items(), *((text, text) for text in known)):
        parts = re.split(r"%\((\w+)\)s", form)
        texts = [re.escape(part.replace("%%", "%")).replace("'", "['\"]") for part in parts[::2]]
        names = [f"(?P<{name}>.+?)" for name in parts[1::2]]
        places = [*names, ""]
        pattern = "".join(text + place for text, place in zip(texts, places, strict=True))
        yield re.compile(pattern, re.DOTALL), text
