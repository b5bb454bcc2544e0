"""Published posts as columns, channel by channel; a column is put together when it is first looked at."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from domain.metrics import Metric
from store.columns import LAYOUT, POST, Mask, Numbers, blank, empty

if TYPE_CHECKING:
    from store.part_sums import PartSums


class Block:
    """Some posts of one channel, in no order."""

    def __init__(
        self,
        channel_id: int,
        size: int,
        made: Callable[[str], Numbers | None],
        *,
        sums: "PartSums | None" = None,
    ) -> None:
        """Args:
        made: a column; None: nothing is known of any post.
        sums: they are all posts of some parts, of which sums may be kept.
        """
        self.channel_id, self.size, self.sums = channel_id, size, sums
        self._made, self._known = made, dict[str, Numbers | None]()

    def known(self, name: str) -> Numbers | None:
        """A column that was asked for; None: nothing is known of any post."""
        if name not in self._known:
            self._known[name] = self._made(name)
        return self._known[name]

    def column(self, name: str) -> Numbers:
        """A column that was asked for, to be read only."""
        known = self.known(name)
        return blank(name, self.size) if known is None else known

    def only(self, mask: Mask) -> "Block":
        """The posts that a mask chooses."""
        places = chosen(mask)
        if places is None:
            return self

        def made(name: str) -> Numbers | None:
            known = self.known(name)
            return None if known is None else known[places]

        size = places.stop - places.start if isinstance(places, slice) else int(np.count_nonzero(mask))
        return Block(self.channel_id, size, made)

    def keep(self, name: str, made: Callable[[], Numbers]) -> Numbers:
        """Something else of each post, made once."""
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = made()
        return found


def chosen(mask: Mask) -> Mask | slice | None:
    """What takes from a column what a mask chooses, without a copy where it can; None: all of it."""
    number = int(np.count_nonzero(mask))
    if number == len(mask):
        return None
    if not number:
        return slice(0, 0)
    first = int(mask.argmax())
    return slice(first, first + number) if mask[first : first + number].all() else mask


class Columns(Mapping[str, Numbers]):
    """The columns of all blocks, one after the other."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks, self._known = blocks, dict[str, Numbers]()

    def __getitem__(self, name: str) -> Numbers:
        if name not in self._known:
            own = [block.column(name) for block in self._blocks]
            self._known[name] = np.concatenate(own) if own else empty(name, 0)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(LAYOUT)

    def __len__(self) -> int:
        return len(LAYOUT)


@dataclass
class Posts:
    """Published posts, and what is known of each."""

    #: Each of one channel; a channel may have two.
    blocks: Sequence[Block]
    #: Channel, metric and the platform's field that it was read from, where that was asked for.
    sources: frozenset[tuple[int, Metric, str]] = frozenset()
    #: Words of the posts by column, where they were asked for.
    words: Mapping[str, "Having"] = field(default_factory=dict)

    @cached_property
    def size(self) -> int:
        """How many posts."""
        return sum(block.size for block in self.blocks)

    @cached_property
    def columns(self) -> Columns:
        """Of all posts, those that were asked for."""
        return Columns(self.blocks)

    @property
    def ids(self) -> Numbers:
        """The posts' numbers."""
        return self.columns[POST]

    @cached_property
    def channels(self) -> Numbers:
        """The channel of each post."""
        of = np.array([block.channel_id for block in self.blocks], np.int64)
        return np.repeat(of, [block.size for block in self.blocks])

    def only(self, mask: Mask) -> "Posts":
        """Those that a mask chooses."""
        ends = np.cumsum([block.size for block in self.blocks])[:-1]
        parts = np.split(mask, ends) if self.blocks else []
        blocks = [block.only(own) for block, own in zip(self.blocks, parts, strict=True)]
        words = {name: having.only(mask) for name, having in self.words.items()}
        return Posts(blocks, self.sources, words)


@dataclass(frozen=True, slots=True)
class Having:
    """Which posts have which words: pairs of a post's place and the place of a word among ``words``."""

    words: Sequence[str]
    posts: Numbers
    codes: Numbers

    def only(self, mask: Mask) -> "Having":
        """The pairs of the posts that a mask chooses, by their places among those."""
        kept = mask[self.posts]
        places = np.cumsum(mask) - 1
        return Having(self.words, places[self.posts[kept]], self.codes[kept])
