"""Figures of own sites that look for a time from a click to what came of it: one key for each such time.

The time is a part of the formula, so that figures with different ones are never mixed; the names carry it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.definition import Definition
from domain.sentence import Unit, Words
from domain.site_figures import CLICKERS, REACHED, WINDOW, site_flow, site_rate

#: Days from a click to a conversion that still counts as its own; the first has the keys without a number.
DAYS: Final = (WINDOW.days, 7, 14, 90)


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
