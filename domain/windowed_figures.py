"""Figures of own sites that look for a time from a click to what came of it: one key for each such time.

The time is a part of the formula, so that figures with different ones are never mixed; the names carry it.
Some of these times are listed in the catalogue; any other number of days has its key too, made when asked.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from domain.definition import Definition
from domain.errors import UsageError
from domain.sentence import Unit, Words
from domain.site_figures import CLICKERS, REACHED, WINDOW, site_flow, site_rate

#: Days from a click to a conversion that still counts as its own; the first has the keys without a number.
DAYS: Final = (WINDOW.days, 7, 14, 90)
#: The longest time that may be asked for, in days.
LONGEST: Final = 365
_FREE = re.compile(r"([a-z_]+)_([1-9][0-9]{0,2})", re.ASCII)


def _within(days: int) -> Iterator[Definition]:
    """The figures that look for so many days."""
    end = "" if days == WINDOW.days else f"_{days}"
    for made in (*_rates(days, end), *_money(days, end)):
        yield replace(made, window=days)


def _rates(days: int, end: str) -> tuple[Definition, ...]:
    return (
        site_rate(
            f"conversion_rate{end}",
            Words(
                f"Conversion rate (converting clickers/human clickers, last click, {days} days)",
                "Tingkat konversi (pengeklik yang berkonversi/pengeklik manusia, klik terakhir, "
                f"{days} hari)",
            ),
            Words(
                f"Share of the people who clicked in the period and converted within {days} days of "
                "their click. "
                "People are told apart for one day; a click without a hash is one person.",
                f"Bagian orang yang mengeklik dalam periode dan berkonversi dalam {days} hari setelah "
                "kliknya. Orang "
                "dibedakan untuk satu hari; klik tanpa hash dihitung satu orang.",
            ),
            Words(
                f"100 × human clickers with a key event within {days} days ÷ human clickers",
                f"100 × pengeklik manusia dengan peristiwa penting dalam {days} hari ÷ pengeklik manusia",
            ),
            CLICKERS,
        ),
        site_rate(
            f"conversion_rate_clicks{end}",
            Words(
                f"Conversion rate (conversions/human clicks, last click, {days} days)",
                f"Tingkat konversi (konversi/klik manusia, klik terakhir, {days} hari)",
            ),
            Words(
                f"Conversions within {days} days of clicks in the period, divided by those clicks; "
                "can exceed 100%.",
                f"Konversi dalam {days} hari setelah klik dalam periode, dibagi klik itu; dapat "
                "melebihi 100%.",
            ),
            Words(
                f"100 × key events within {days} days of a click ÷ human clicks",
                f"100 × peristiwa penting dalam {days} hari setelah klik ÷ klik manusia",
            ),
            "clicks",
        ),
        site_rate(
            f"conversion_rate_reach{end}",
            Words(
                f"Conversion rate (converting clickers/people reached, last click, {days} days)",
                f"Tingkat konversi (pengeklik yang berkonversi/orang terjangkau, klik terakhir, {days} hari)",
            ),
            Words(
                "Share of the people reached by the posts of the period who clicked and converted "
                f"within {days} days "
                "of their click. Of several posts, somebody whom two reached counts for each.",
                "Bagian orang terjangkau pos dalam periode yang mengeklik dan berkonversi dalam "
                f"{days} hari setelah "
                "kliknya. Orang yang dijangkau dua pos terhitung dua kali.",
            ),
            Words(
                f"100 × human clickers of posts with a key event within {days} days ÷ reach of these posts",
                f"100 × pengeklik manusia pada pos dengan peristiwa penting dalam {days} hari ÷ "
                "jangkauan pos itu",
            ),
            REACHED,
        ),
    )


def _money(days: int, end: str) -> tuple[Definition, ...]:
    return (
        site_flow(
            f"revenue_first{end}",
            Words(f"Revenue (first click, {days} days)", f"Pendapatan (klik pertama, {days} hari)"),
            Words(
                f"As revenue, credited to the first visit of ours within {days} days before the "
                "conversion; what none "
                "preceded is not in it.",
                f"Seperti pendapatan, diberikan kepada kunjungan pertama dari kita dalam {days} hari sebelum "
                "konversi; yang tidak didahului apa pun tidak termasuk.",
            ),
            Words(
                f"values of key events − refunds, all to the first of our visits within {days} days",
                "nilai peristiwa penting − pengembalian, semua kepada kunjungan pertama dari kita "
                f"dalam {days} hari",
            ),
            unit=Unit.MONEY,
        ),
        site_flow(
            f"revenue_linear{end}",
            Words(f"Revenue (linear, {days} days)", f"Pendapatan (linear, {days} hari)"),
            Words(
                f"As revenue, shared evenly by the visits of ours within {days} days before the "
                "conversion; what none "
                "preceded is not in it.",
                f"Seperti pendapatan, dibagi rata kepada kunjungan dari kita dalam {days} hari "
                "sebelum konversi; yang "
                "tidak didahului apa pun tidak termasuk.",
            ),
            Words(
                f"values of key events − refunds, shared evenly by our visits within {days} days",
                "nilai peristiwa penting − pengembalian, dibagi rata kepada kunjungan dari kita "
                f"dalam {days} hari",
            ),
            unit=Unit.MONEY,
        ),
    )


WINDOWED: Final = tuple(one for days in DAYS for one in _within(days))
#: The keys of figures that look for a time, without one.
BASES: Final = frozenset(str(one.key) for one in _within(WINDOW.days))


def windowed(key: str) -> Definition | None:
    """The figure by a key such as ``conversion_rate_45``; None: it is no figure with a time of its own.

    What looks for the first of `DAYS` has the key without a number, and no other.
    """
    found = _FREE.fullmatch(key)
    if found is None or found[1] not in BASES:
        return None
    days = int(found[2])
    return _of(days).get(key) if days <= LONGEST and days != WINDOW.days else None


@lru_cache(maxsize=LONGEST)
def _of(days: int) -> dict[str, Definition]:
    return {str(one.key): one for one in _within(days)}


def windowed_base(key: str) -> str | None:
    """The key without its number of days; None: it looks for no time."""
    known = _FREE.fullmatch(key)
    base = key if known is None else known[1]
    return base if base in BASES else None


def key_within(key: str, days: int) -> str:
    """The key of the same figure that looks for so many days.

    Raises:
        UsageError: it looks for no time, or not for so many days.
    """
    base = windowed_base(key)
    if base is None:
        raise UsageError(
            f"{key} looks for no time from a click: leave the window out, or choose one of "
            f"{', '.join(sorted(BASES))}."
        )
    return base if check_days(days) == WINDOW.days else f"{base}_{days}"


def check_days(days: int) -> int:
    """The days of a window.

    Raises:
        UsageError: there are too few or too many.
    """
    if not 1 <= days <= LONGEST:
        raise UsageError(f"A window has 1 to {LONGEST} days from a click.")
    return days
