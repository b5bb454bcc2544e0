"""Names of KPIs that say what is to be reached: a name made of the target, and what a name leaves out.

A name holds metric, direction, amount and day, and the audience where there is one; acronyms are spelled out,
since whoever reads the name may not know them.
"""

import re
from collections.abc import Mapping

from domain.definition import Definition, Direction
from domain.kpi import NAME_LENGTH, NewKpi, TargetKind
from domain.sentence import Amount, Sentence, Unit, Value, Words
from domain.sentences import say

#: What acronyms of this trade stand for. An expansion in either language explains them.
ACRONYMS: Mapping[str, Words] = {
    "ER": Words("engagement rate", "tingkat keterlibatan"),
    "CTR": Words("click-through rate", "rasio klik-tayang"),
    "RKT": Words("click-through rate", "rasio klik-tayang"),
    "CPC": Words("cost per click", "biaya per klik"),
    "BPK": Words("cost per click", "biaya per klik"),
    "CPM": Words("cost per thousand impressions", "biaya per seribu tayangan"),
    "CPA": Words("cost per acquisition", "biaya per akuisisi"),
    "ROI": Words("return on investment", "imbal hasil investasi"),
    "ROAS": Words("return on ad spend", "imbal hasil belanja iklan"),
    "NPS": Words("net promoter score", "skor promotor bersih"),
    "CSAT": Words("customer satisfaction", "kepuasan pelanggan"),
    "CLV": Words("customer lifetime value", "nilai seumur hidup pelanggan"),
    "SOV": Words("share of voice", "pangsa suara"),
    "MAU": Words("monthly active users", "pengguna aktif bulanan"),
    "DAU": Words("daily active users", "pengguna aktif harian"),
    "YOY": Words("year over year", "dibanding tahun lalu"),
    "MOM": Words("month over month", "dibanding bulan lalu"),
    "FY": Words("financial year", "tahun buku"),
    "EOY": Words("end of the year", "akhir tahun"),
}
#: Signs that stand for themselves: names of platforms, zones, currencies, the trade's own name.
_KNOWN = frozenset(
    re.findall(
        r"\w+",
        "KPI SMART URL RSS API UTC WIB WITA WIT USD EUR IDR RP GBP JPY SGD TV PDF FAQ DM UK US USA EU RI "
        "X IG FB YT TT WA B2B B2C SMS UMKM Q1 Q2 Q3 Q4",
    )
)
_ACRONYM = re.compile(r"\b[A-Z][A-Z0-9]{1,5}\b")
_WORD = re.compile(r"[^\W\d_]{3,}")
_DIRECTIONS = re.compile(
    r"[+−±-]\s?\d|\b(raise|increase|grow|growth|gain|lift|more|lower|reduce|cut|drop|less|fewer|at least|"
    r"at most|reach|keep|hold|double|halve|below|above|under|over|"
    r"naik\w*|meningkat\w*|tingkatkan|menambah|tambah\w*|turun\w*|kurang\w*|capai|mencapai|sedikitnya|minimal|"
    r"maksimal|paling|jaga|gandakan|lebih|di bawah|di atas)\b",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\b(20\d\d|q[1-4]|day|week|month|quarter|year|daily|weekly|monthly|quarterly|yearly|annual|spring|summer|autumn|"
    r"winter|january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec|"
    r"hari\w*|minggu\w*|pekan\w*|bulan\w*|kuartal\w*|triwulan\w*|tahun\w*|januari|februari|maret|mei|juni|juli|"
    r"agustus|oktober|desember|agu|okt|des|ramadan|lebaran)\b|\d{1,2}[./-]\d{1,2}",
    re.IGNORECASE,
)
#: Words of metrics' names that many of them share, and so tell none apart.
_COMMON = frozenset(("rate", "per", "for", "the", "and", "tingkat", "rasio", "jumlah", "dan", "yang"))


def lint(name: str, new: NewKpi, definition: Definition | None) -> list[Sentence]:
    """What a name leaves out or does not explain; empty: nothing. It may be in either language."""
    found: list[Sentence] = []
    plain = name.casefold()
    if definition is not None and not _names(plain, definition):
        found.append(Sentence("naming.metric", {"metric": definition.name}))
    if not _DIRECTIONS.search(name):
        found.append(Sentence("naming.direction"))
    if not re.search(r"\d", re.sub(r"\b20\d\d\b|\bQ[1-4]\b", "", name)):
        found.append(Sentence("naming.amount"))
    if not _TIMES.search(name):
        found.append(Sentence("naming.date"))
    words = {word.casefold() for word in _WORD.findall(new.audience)}
    if words and not any(word in plain for word in words):
        found.append(Sentence("naming.audience", {"audience": new.audience}))
    return [*found, *_acronyms(name)]


def _names(plain: str, definition: Definition) -> bool:
    """Whether some telling word of the metric's name, in either language, stands in it."""
    words = {
        word.casefold() for text in (definition.name.en, definition.name.id) for word in _WORD.findall(text)
    }
    telling = {word.rstrip("s") for word in words - _COMMON}
    return any(word in plain for word in telling)


def _acronyms(name: str) -> list[Sentence]:
    found: list[Sentence] = []
    for acronym in dict.fromkeys(_ACRONYM.findall(name)):
        stands_for = ACRONYMS.get(acronym)
        if stands_for is None and acronym not in _KNOWN:
            found.append(Sentence("naming.unknown_acronym", {"acronym": acronym}))
        elif stands_for is not None and not any(
            text in name.casefold() for text in (stands_for.en, stands_for.id)
        ):
            found.append(Sentence("naming.acronym", {"acronym": acronym, "words": stands_for}))
    return found


def suggested(
    new: NewKpi, definition: Definition, *, scope_name: str = "", currency: str = "", language: str = "en"
) -> str:
    """A name that leaves nothing out; where it gets longer than `NAME_LENGTH`, the audience goes first."""
    values: dict[str, Value] = {"metric": definition.name, "amount": _amount(new, definition, currency)}
    where = f", {scope_name}" if scope_name else ""
    whom = f", {new.audience}" if new.audience else ""
    for more in (where + whom, where, ""):
        name = say(Sentence("naming.name", {**values, "more": more, "when": _when(new)}), language)
        if len(name) <= NAME_LENGTH:
            return name
    return name[: NAME_LENGTH - 1] + "…"


def _amount(new: NewKpi, definition: Definition, currency: str) -> Sentence:
    up = new.direction is Direction.UP
    if new.target_kind is TargetKind.RELATIVE:
        return Sentence("signed.plus" if up else "signed.minus", {"amount": Amount(new.target, Unit.PERCENT)})
    value = Amount(new.target, definition.unit, currency if definition.unit is Unit.MONEY else "")
    return Sentence("naming.at_least" if up else "naming.at_most", {"amount": value})


def _when(new: NewKpi) -> Sentence:
    each: Value = Sentence(f"every.{new.every}")
    if new.deadline is None:
        return Sentence("naming.each", {"every": each})
    return Sentence("naming.until", {"every": each, "deadline": new.deadline})
