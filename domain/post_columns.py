"""The columns of the list of published posts: those that say what a post is, and every figure of one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.catalogue import CATALOGUE, of_posts
from domain.definition import POSTS, Definition, Shape, Supplies
from domain.errors import UsageError
from domain.metrics import Metric
from domain.sentence import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PostColumn:
    """One column that is no figure."""

    key: str
    name: Words
    definition: Words


#: By what a list is sorted that nobody sorted.
BY_TIME = "published"
POST, PLATFORM, CHANNEL, MAKER, AGE = "post", "platform", "channel", "maker", "age"
USUAL, READ, CAMPAIGN, TAGS, KIND, LANGUAGE = "usual", "read", "campaign", "tags", "kind", "language"
ARM = "experiment"

ABOUT: Mapping[str, PostColumn] = {
    one.key: one
    for one in (
        PostColumn(
            key=POST,
            name=Words("Post", "Pos"),
            definition=Words("Its picture and how its text begins.", "Gambar dan awal teksnya."),
        ),
        PostColumn(
            key=PLATFORM,
            name=Words("Platform", "Platform"),
            definition=Words("The platform it went out on.", "Platform tempat pos terbit."),
        ),
        PostColumn(
            key=CHANNEL,
            name=Words("Channel", "Kanal"),
            definition=Words("The channel it went out on.", "Kanal tempat pos terbit."),
        ),
        PostColumn(
            key=MAKER,
            name=Words("Route or author", "Rute atau penulis"),
            definition=Words(
                "The route that made it, or the person who wrote it.",
                "Rute yang membuatnya, atau orang yang menulisnya.",
            ),
        ),
        PostColumn(
            key=BY_TIME,
            name=Words("Published", "Terbit"),
            definition=Words(
                "When it went out, in the channel's time zone.", "Kapan pos terbit, menurut zona waktu kanal."
            ),
        ),
        PostColumn(
            key=AGE,
            name=Words("Age", "Umur"),
            definition=Words("How long it has been out.", "Sudah berapa lama pos terbit."),
        ),
        PostColumn(
            key=USUAL,
            name=Words("Against your usual", "Dibanding biasanya"),
            definition=Words(
                "Its place among the channel's posts at equal age, in percent of those it is ahead of: by "
                "engagement, else views, clicks or impressions, whichever can be compared.",
                "Letaknya di antara pos kanal itu pada umur yang sama, dalam persen pos yang dilampauinya: "
                "menurut keterlibatan, kalau tidak ada kali dilihat, klik, atau tayangan.",
            ),
        ),
        PostColumn(
            key=READ,
            name=Words("Read", "Dibaca"),
            definition=Words(
                "When its numbers were last read, and whether that is fresh.",
                "Kapan angkanya terakhir dibaca, dan apakah masih baru.",
            ),
        ),
        PostColumn(
            key=KIND,
            name=Words("Type", "Jenis"),
            definition=Words("What it is made of.", "Terbuat dari apa pos ini."),
        ),
        PostColumn(
            key=CAMPAIGN,
            name=Words("Campaign", "Kampanye"),
            definition=Words("The campaign it belongs to.", "Kampanye tempat pos ini tergolong."),
        ),
        PostColumn(
            key=TAGS,
            name=Words("Tags", "Tag"),
            definition=Words("Words by which people sort posts.", "Kata untuk mengelompokkan pos."),
        ),
        PostColumn(
            key=ARM,
            name=Words("Experiment", "Eksperimen"),
            definition=Words(
                "The experiment it belongs to, and the arm of it.",
                "Eksperimen tempat pos ini tergolong, dan cabangnya.",
            ),
        ),
        PostColumn(
            key=LANGUAGE,
            name=Words("Language", "Bahasa"),
            definition=Words("The language stated on it.", "Bahasa yang tercantum padanya."),
        ),
    )
}

#: What posts brought on the workspace's own sites.
BROUGHT: Sequence[str] = ("conversions", "revenue")
#: Stand for the figure that the channels in view can have: times shown, a rate, and comments, without the
#: channels' own where all of their platforms tell them apart.
EXPOSURE, RATE, COMMENTS = "exposure", "rate", "comments"
_EXPOSURES = (Metric.IMPRESSIONS, Metric.VIEWS)
#: Shown until somebody chooses; with `BROUGHT` where there are sites that count it.
USUAL_COLUMNS: Sequence[str] = (
    POST, BY_TIME, EXPOSURE, Metric.REACH, "engagement", RATE, USUAL, COMMENTS, Metric.SHARES,
    Metric.REACTIONS, Metric.CLICKS, READ,
)  # fmt: skip
#: The order in which columns are offered and shown: figures stand between these.
_BEFORE = (POST, PLATFORM, CHANNEL, MAKER, KIND, LANGUAGE, BY_TIME, AGE)
_AFTER = (USUAL, READ, CAMPAIGN, TAGS, ARM)
#: Not sorted by: there is no order in it, or it is worked out for the posts in view only.
_UNSORTED = frozenset({TAGS, ARM})


def rates() -> Sequence[Definition]:
    """Rates that one post can have."""
    return [entry for entry in of_posts() if entry.shape is Shape.RATE and entry.denominator != POSTS]


def offered() -> Sequence[str]:
    """Every column there is, in the order in which columns are shown."""
    return (*_BEFORE, *(entry.key for entry in of_posts()), *BROUGHT, *_AFTER)


def known(keys: Iterable[str]) -> None:
    """Check that all of these are columns. Raises `UsageError`: the text lists those there are."""
    names = (*offered(), EXPOSURE, RATE, COMMENTS)
    if unknown := [key for key in keys if key not in names]:
        raise UsageError(f"Unknown column {unknown[0]!r}. Known: {', '.join(names)}.")


def resolved(
    keys: Iterable[str], platforms: Collection[str], supplies: Supplies, *, sites: bool = False
) -> tuple[str, ...]:
    """The columns to be shown, in their order: what stands for a figure becomes the one that is there.

    Args:
        keys: none: the usual ones.
        sites: whether the workspace counts conversions.
        platforms: of the channels in view.

    Raises:
        UsageError: there is no such column.
    """
    chosen = tuple(keys)
    known(chosen)
    usual = (*USUAL_COLUMNS, *(BROUGHT if sites else ()))
    wanted = {_stood_for(key, platforms, supplies) for key in chosen or usual}
    return tuple(key for key in offered() if key in wanted or key == POST)


def _stood_for(key: str, platforms: Collection[str], supplies: Supplies) -> str:
    if key == COMMENTS:
        told = [one for one in platforms if supplies.gives(one, Metric.REPLIES)]
        apart = told and all(supplies.gives(one, Metric.REPLIES_OTHERS) for one in told)
        return Metric.REPLIES_OTHERS if apart else Metric.REPLIES
    if key not in (EXPOSURE, RATE):
        return key
    choices = [str(one) for one in _EXPOSURES] if key == EXPOSURE else [rate.key for rate in rates()]
    able = (
        one
        for one in choices
        if any(not supplies.lacking(platform, CATALOGUE[one]) for platform in platforms)
    )
    return next(able, choices[0])


def figures_among(keys: Iterable[str]) -> list[str]:
    """Those that are figures."""
    return [key for key in keys if key not in ABOUT]


def sortable(key: str) -> bool:
    """Whether a list can be sorted by this column."""
    return key not in _UNSORTED


def name_of(key: str) -> Words:
    """What a column is called."""
    return ABOUT[key].name if key in ABOUT else CATALOGUE[key].name


def definition_of(key: str) -> Words:
    """What a column says."""
    return ABOUT[key].definition if key in ABOUT else CATALOGUE[key].definition
