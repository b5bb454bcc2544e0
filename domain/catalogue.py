"""The catalogue of metrics and rates, in the order in which people meet them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from domain.channel_counts import CHANNEL_COUNTS
from domain.counts import COUNTS
from domain.definition import POSTS, Definition, Shape
from domain.errors import UsageError
from domain.imported_figures import IMPORTED
from domain.means import MEANS
from domain.platform_counts import PLATFORM_COUNTS
from domain.rates import RATES
from domain.site_figures import SITE_FIGURES
from domain.windowed_figures import WINDOWED, windowed


class Catalogue(Mapping[str, Definition]):
    """Definitions by their keys. It lists some; any other window is there when it is asked for."""

    def __init__(self, listed: Iterable[Definition]) -> None:
        self._listed = {str(entry.key): entry for entry in listed}

    def __getitem__(self, key: str) -> Definition:
        found = self._listed.get(key) or windowed(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)


#: Every metric and rate by its key.
CATALOGUE: Mapping[str, Definition] = Catalogue(
    (*COUNTS, *PLATFORM_COUNTS, *CHANNEL_COUNTS, *RATES, *MEANS, *SITE_FIGURES, *WINDOWED, *IMPORTED)
)


def definition(key: str) -> Definition:
    """The entry by its key.

    Raises:
        UsageError: there is none; the text lists those there are.
    """
    found = CATALOGUE.get(key)
    if found is None:
        raise UsageError(f"Unknown metric {key!r}. Known: {', '.join(CATALOGUE)}.")
    return found


def of_posts() -> Sequence[Definition]:
    """Entries that one post by itself can have, in the catalogue's order."""
    shapes = (Shape.FLOW, Shape.UNIQUE, Shape.RATE)
    found = (entry for entry in CATALOGUE.values() if entry.shape in shapes and not entry.outside)
    return [entry for entry in found if entry.denominator != POSTS]
