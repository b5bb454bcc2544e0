"""Means of the posts' own ratios, beside the ratios of sums: each post weighs the same, large or small."""

from dataclasses import replace

from domain.definition import Definition, Shape
from domain.rates import RATES
from domain.sentence import Words

#: Rates of which people also ask for the average of posts.
_AVERAGED = ("er_reach", "er_impr", "er_views", "er_followers", "ctr_impr")


#: What people call the mean of one family of rates.
_CALLED = {
    "Engagement rate": Words("Average engagement rate", "Tingkat keterlibatan rata-rata"),
    "Click-through rate": Words("Average click-through rate", "Rasio klik-tayang rata-rata"),
}


def _named(rate: Definition) -> Words:
    """The family's name, and in brackets the denominator and that each post weighs the same."""
    family, _, suffix = rate.name.en.partition(" (")
    called, suffix_id = _CALLED[family], rate.name.id.partition(" (")[2]
    return Words(
        f"{called.en} ({suffix.rstrip(')')}, mean of posts)",
        f"{called.id} ({suffix_id.rstrip(')')}, rata-rata pos)",
    )


def _mean(rate: Definition) -> Definition:
    formula = rate.formula
    return replace(
        rate,
        key=f"{rate.key}_mean",
        name=_named(rate),
        definition=Words(
            f"The mean of the posts' own rates, each post weighing the same. {rate.definition.en}",
            f"Rata-rata tingkat tiap pos, setiap pos berbobot sama. {rate.definition.id}",
        ),
        shape=Shape.MEAN,
        stated=Words(f"mean over posts of {formula}", f"rata-rata atas pos dari {formula}"),
    )


MEANS = tuple(_mean(rate) for rate in RATES if rate.key in _AVERAGED)
