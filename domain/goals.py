"""What a business wants from its posts, in words, and which figures speak of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.definition import Definition, Shape, Subject
from domain.sentence import Words

#: The goal that a person words by herself; every figure may fit it.
OWN = "own"


@dataclass(frozen=True, slots=True)
class Goal:
    """One business goal."""

    key: str
    name: Words
    #: Pieces of the keys of metrics and rates that speak of it.
    pieces: tuple[str, ...] = ()
    #: Subjects whose figures speak of it.
    subjects: tuple[Subject, ...] = ()
    shapes: tuple[Shape, ...] = ()

    def fits(self, definition: Definition) -> bool:
        """Whether a figure speaks of the goal; the person's own fits every figure."""
        return (
            self.key == OWN
            or definition.subject in self.subjects
            or definition.shape in self.shapes
            or (not definition.outside and any(piece in str(definition.key) for piece in self.pieces))
        )


_GOALS = (
    Goal(
        "awareness",
        Words("Become known: more people see us", "Dikenal: lebih banyak orang melihat kami"),
        ("impressions", "reach", "views", "visits"),
        (Subject.MENTIONS,),
        (Shape.STOCK, Shape.GROWTH, Shape.UNIQUE),
    ),
    Goal(
        "community",
        Words("Talk with people: they answer and pass on", "Berbincang: orang menanggapi dan meneruskan"),
        (
            "engagement", "reactions", "replies", "shares", "quotes", "saves", "er_", "applause",
            "amplification", "comment", "conversation", "follower",
        ),
        (Subject.MENTIONS, Subject.CLICKERS),
    ),
    Goal(
        "traffic",
        Words("Bring readers to the site", "Mendatangkan pembaca ke situs"),
        ("clicks", "ctr", "visits", "views"),
        (Subject.SITES, Subject.CLICKERS),
    ),
    Goal(
        "sales",
        Words("Sell: enquiries, orders and revenue", "Menjual: permintaan, pesanan, dan pendapatan"),
        ("clicks", "ctr", "visits"),
        (Subject.SITES, Subject.ORDERS, Subject.CUSTOMERS, Subject.CLICKERS),
    ),
    Goal(
        "costs",
        Words("Spend less for the same", "Mengeluarkan lebih sedikit untuk hasil yang sama"),
        (),
        (Subject.ADS,),
    ),
    Goal(
        "service",
        Words("Serve customers so that they stay", "Melayani pelanggan agar bertahan"),
        ("replies", "response"),
        (Subject.ANSWERS, Subject.TESTIMONIALS, Subject.CUSTOMERS),
    ),
    Goal(
        "rhythm",
        Words("Publish steadily", "Terbit dengan teratur"),
        ("posts_published",),
    ),
    Goal(OWN, Words("Another goal, in your own words", "Tujuan lain, dengan kata sendiri")),
)  # fmt: skip

#: Every goal by its key, in the order in which they are offered.
GOALS: Mapping[str, Goal] = {goal.key: goal for goal in _GOALS}
