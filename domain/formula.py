"""Formulas of the catalogue in the words that people know, in both languages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from domain.catalogue import CATALOGUE
from domain.definition import FOLLOWERS, POSTS, Definition, Shape
from domain.imported_figures import PAGES_OPENED
from domain.sentence import Words, number
from domain.site_figures import CLICKERS, ORDERS, REACHED

#: What a denominator that is no metric is called.
_BELOW: Final[Mapping[str, Words]] = {
    POSTS: Words("measured posts", "pos yang terukur"),
    FOLLOWERS: Words("followers at publishing", "pengikut saat terbit"),
    CLICKERS: Words("human clickers", "pengeklik manusia"),
    ORDERS: Words("orders with a value", "pesanan bernilai"),
    REACHED: Words("people reached", "orang terjangkau"),
    PAGES_OPENED: Words("survey pages opened", "halaman survei yang dibuka"),
}


def formula(definition: Definition) -> Words:
    """``100 × (reactions + replies + shares) ÷ impressions``, with the names that readers know."""
    if definition.shape is Shape.MEAN:
        ratio = formula(replace(definition, shape=Shape.RATE, stated=None))
        return Words(f"mean over posts of {ratio.en}", f"rata-rata atas pos dari {ratio.id}")
    if definition.stated is not None:
        return definition.stated
    return Words(_made("en", definition), _made("id", definition))


def _made(language: str, definition: Definition) -> str:
    parts = [CATALOGUE[metric].name.said(language).lower() for metric in definition.numerator]
    above = " + ".join(parts) or Words("number of posts", "jumlah pos").said(language)
    under = below(definition)
    if under is None:
        return above
    above = f"({above})" if len(parts) > 1 else above
    times = f"{number(definition.factor, language)} × " if definition.factor != 1 else ""
    return f"{times}{above} ÷ {under.said(language)}"


def below(definition: Definition) -> Words | None:
    """What a rate is divided by; None for what is not divided."""
    if definition.denominator is None:
        return None
    found = _BELOW.get(definition.denominator) or CATALOGUE[definition.denominator].name
    return Words(found.en.lower(), found.id.lower())
