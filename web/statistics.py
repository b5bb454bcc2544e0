"""What the statistics pages tell besides numbers: rows of the list, and how a post compares, in sentences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.against import Rank
from analytics.overview import Overview, Totals
from analytics.post_sheet import Names, first_line
from analytics.posts import PostLine, PostStatistics
from analytics.usual import Headline, Point, Usual, headline_of
from domain.catalogue import CATALOGUE
from domain.content import content_from
from domain.equal_age import ANCHORS
from domain.figure import Figure, Passport
from domain.media import Attachment
from domain.post import Sender
from domain.post_filters import KINDS
from domain.rules import kind_of
from store.tables import Measurement
from web.chart_words import Usual as UsualBand
from web.charts import Chart, growth, heat
from web.figures import Facts, ShownFigure, facts, shown
from web.i18n import Voice
from web.said import said

#: Totals by what happened in the period.
ACTIVITY = ("posts_published", "impressions", "engagement", "clicks", "followers", "follower_growth")
#: Totals of the posts published in it; the rate comes in between.
PUBLISHED = ("impressions", "engagement", "clicks")
#: A look that is so late says that something is wrong.
_OVERDUE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh a post's numbers are: a sign, and when they were read and will be."""

    sign: str
    tone: str
    word: str
    read_at: datetime | None
    next_at: datetime | None


def freshness(measurement: Measurement | None, voice: Voice, *, now: datetime) -> Freshness:
    """When a post's numbers were read, whether that went well, and when they are read again."""
    _ = voice.gettext
    if measurement is None or measurement.last_read_at is None:
        coming = measurement.next_at if measurement else None
        return Freshness("draft", "plain", _("not read yet"), None, coming)
    read, coming = measurement.last_read_at, measurement.next_at
    if coming is None:
        return Freshness("published", "plain", _("final"), read, None)
    if measurement.failures or coming < now - _OVERDUE:
        return Freshness("warn", "warn", _("behind"), read, coming)
    return Freshness("published", "good", _("fresh"), read, coming)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One published post of the list."""

    id: int
    text: str
    channel: str
    platform: str
    #: The route that made it, or the person who wrote it.
    maker: str
    published_at: datetime
    zone: str
    age: str
    kind: str
    language: str
    campaign: str
    tags: str
    #: Experiment and arm.
    experiment: str
    figures: Mapping[str, ShownFigure]
    #: Its place among the channel's posts at equal age: a percentage, and what was compared; empty: too few.
    usual: str
    usual_of: str
    freshness: Freshness
    #: Its first picture; None: it has none of our own.
    picture: Attachment | None
    #: Seen to be gone from the platform.
    gone: bool
    #: Its text is another there.
    changed: bool
    #: Written on the platform itself.
    native: bool


def row(line: PostLine, names: Names, voice: Voice, *, now: datetime, keys: Iterable[str]) -> Row:
    """A post of the list with these figures."""
    post, content = line.post, content_from(line.post.content)
    assert post.published_at is not None
    rank = line.rank
    return Row(
        id=post.id,
        text=first_line(post),
        channel=line.channel.name,
        platform=voice.gettext(names.supplies.title(line.channel.platform)),
        maker=names.maker(post),
        published_at=post.published_at,
        zone=line.channel.zone,
        age=voice.interval(now - post.published_at),
        kind=said(voice, KINDS[kind_of(post.content)]),
        language=content.language or "",
        campaign=post.campaign or "",
        tags=", ".join(post.tags or ()),
        experiment=names.arms.get(post.id, ""),
        figures={key: shown(line.figures[key], voice) for key in keys},
        usual=voice.percent(rank.percentile / 100, 0) if rank else "",
        usual_of=rank_words(rank, voice) if rank else "",
        freshness=freshness(line.measurement, voice, now=now),
        picture=next((one for one in content.media if one.sha256 and not one.is_video), None),
        gone=post.deleted_at is not None,
        changed=post.changed_there_at is not None,
        native=post.origin == Sender.NATIVE,
    )


def rank_words(rank: Rank, voice: Voice) -> str:
    """What a rank is of: ``engagement after 1 day, 87 posts``."""
    return voice.gettext(
        "%(metric)s after %(age)s, %(posts)s posts",
        metric=said(voice, CATALOGUE[rank.key].name).lower(),
        age=voice.interval(rank.checkpoint),
        posts=voice.number(rank.posts),
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the numbers of one column come from, whichever row they are in."""

    label: str
    facts: Facts
    oldest: datetime | None


def origins(figures: Sequence[Figure], voice: Voice) -> list[Origin]:
    """The passports of these figures, those of one key together, in the catalogue's order."""
    by_key: dict[str, list[Passport]] = {}
    for figure in figures:
        by_key.setdefault(figure.key, []).append(figure.passport)
    made = []
    for key in (key for key in CATALOGUE if key in by_key):
        passports, definition = by_key[key], CATALOGUE[key]
        told = facts(_together(passports), definition, voice)
        oldest = min((one.read_oldest for one in passports if one.read_oldest), default=None)
        made.append(Origin(said(voice, definition.name), told, oldest))
    return made


def _together(passports: Sequence[Passport]) -> Passport:
    first = passports[0]
    covered = [one.coverage for one in passports]
    return Passport(
        key=first.key,
        formula=first.formula,
        version=first.version,
        denominator=first.denominator,
        basis=first.basis,
        sources=tuple(sorted({source for one in passports for source in one.sources})),
        read_newest=max((one.read_newest for one in passports if one.read_newest), default=None),
        coverage=type(first.coverage)(
            sum(one.measured for one in covered),
            sum(one.in_scope for one in covered),
            sum(one.not_supplied for one in covered),
        ),
    )


@dataclass(frozen=True, slots=True)
class TotalsRow:
    """One channel's totals, or those of all together (without a name)."""

    name: str
    figures: Mapping[str, ShownFigure]


def totals_rows(
    found: Overview, voice: Voice, *, keys: Sequence[str], published: bool, only: int | None
) -> list[TotalsRow]:
    """One row for each channel, and one for all where there are several."""

    def made(name: str, totals: Totals) -> TotalsRow:
        figures = totals.published if published else totals.activity
        return TotalsRow(name, {key: shown(figures[key], voice) for key in keys if key in figures})

    rows = [made(channel.name, totals) for channel, totals in found.channels if only in (None, channel.id)]
    if only is None and len(rows) > 1:
        rows.append(made(voice.gettext("All channels"), found.total))
    return rows


def headline(found: PostStatistics, voice: Voice) -> str:
    """How the post compares with the channel's others of the same age, in a sentence or two."""
    _ = voice.gettext
    known = headline_of(found.usual)
    if known is None:
        return _("Too few posts of this channel were measured at the same age to say what is usual.")
    low, high = known.interval
    rank, low, high = (known.percentile, low, high) if known.percentile >= 50 else (
        100 - known.percentile, 100 - high, 100 - low
    )  # fmt: skip
    words = {
        "age": voice.interval(known.checkpoint),
        "metric": said(voice, CATALOGUE[known.key].name).lower(),
        "channel": found.line.channel.name,
        "share": voice.percent(rank / 100, 0),
    }
    if known.percentile >= 50:
        told = _("After %(age)s: more %(metric)s than %(share)s of the posts of %(channel)s at that age.",
                 **words)  # fmt: skip
    else:
        told = _("After %(age)s: less %(metric)s than %(share)s of the posts of %(channel)s at that age.",
                 **words)  # fmt: skip
    sure = _(
        "%(posts)s posts were compared; with 95%% certainty the share lies between %(low)s and %(high)s.",
        posts=voice.number(known.posts), low=voice.percent(low / 100, 0), high=voice.percent(high / 100, 0),
    )  # fmt: skip
    return " ".join(filter(None, (told, _remarks(known, voice), sure)))


def _remarks(known: Headline, voice: Voice) -> str:
    """Which other counts stand out, and which do not."""
    _ = voice.gettext
    parts = [_("%(metric)s: unusually many", metric=said(voice, CATALOGUE[key].name)) for key in known.many]
    parts += [_("%(metric)s: unusually few", metric=said(voice, CATALOGUE[key].name)) for key in known.few]
    parts += [_("%(metric)s: as usual", metric=said(voice, CATALOGUE[key].name)) for key in known.usual]
    return "; ".join(parts) + "." if parts else ""


def curve_keys(found: PostStatistics, voice: Voice) -> list[tuple[str, str]]:
    """The counts of which there is a curve, the most telling first."""
    return curve_keys_of(found.curves, voice)


def curve_keys_of(keys: Iterable[str], voice: Voice) -> list[tuple[str, str]]:
    """These counts with their names, the most telling first."""
    order = {key: place for place, key in enumerate(ANCHORS)}
    places = {key: place for place, key in enumerate(CATALOGUE)}
    ranked = sorted(set(keys), key=lambda key: (order.get(key, 99), places[key]))
    return [(key, said(voice, CATALOGUE[key].name)) for key in ranked]


def growth_chart(key: str, points: Sequence[Point], usual: Usual | None, voice: Voice) -> Chart:
    """A count by the post's age, over the middle half of the channel's other posts."""
    name = said(voice, CATALOGUE[key].name)
    band = [
        UsualBand(one.checkpoint, *one.quartiles) for one in (usual.bands if usual else ()) if one.quartiles
    ]
    own = [(point.checkpoint, float(point.value)) for point in points]
    cuts = [point.checkpoint for point in points if point.cut]
    return growth(voice.gettext("Growth: %(metric)s", metric=name), name, own, band, cuts=cuts, voice=voice)


def click_chart(found: PostStatistics, voice: Voice, *, now: datetime) -> Chart | None:
    """Human clicks by hour of the week in the channel's zone; hours that have not come yet are left out."""
    post, zone = found.line.post, found.line.channel.zone
    if not found.clicks.by_hour or post.published_at is None:
        return None
    where = ZoneInfo(zone)
    cells: dict[tuple[int, int], float] = {}
    at, last = post.published_at, min(now, post.published_at + timedelta(days=7))
    while at <= last:
        cells.setdefault(_cell(at, where), 0.0)
        at += timedelta(hours=1)
    for hour, number in found.clicks.by_hour:
        cells[_cell(hour, where)] = cells.get(_cell(hour, where), 0.0) + number
    title = voice.gettext("When people clicked (%(zone)s)", zone=zone)
    return heat(title, voice.gettext("Clicks"), cells, voice=voice)


def _cell(at: datetime, where: ZoneInfo) -> tuple[int, int]:
    there = at.astimezone(where)
    return there.weekday(), there.hour


def last_days(days: int, voice: Voice) -> str:
    """A period that ends now, such as "Last 28 days"."""
    return voice.ngettext("Last %(num)s day", "Last %(num)s days", days)
