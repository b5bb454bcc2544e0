"""A report as a letter: what happened, the targets, what needs a person, and where the whole stands."""

from domain.period import Every
from domain.report import KpiLine, Report
from domain.sentence import Amount, Sentence, Words, day
from domain.sentences import say

_TITLES = {
    Every.WEEK: Words("Weekly report", "Laporan mingguan"),
    Every.MONTH: Words("Monthly report", "Laporan bulanan"),
    Every.QUARTER: Words("Quarterly report", "Laporan kuartalan"),
}
_HEADS = {
    "happened": Words("What happened", "Yang terjadi"),
    "kpis": Words("Targets", "Target"),
    "needed": Words("What needs a person", "Yang perlu ditangani"),
    "coming": Words("What comes next", "Yang akan datang"),
}
_WHOLE = Words("The whole report, with tables and charts:", "Laporan lengkap, dengan tabel dan grafik:")


def subject(report: Report, language: str) -> str:
    """Such as ``Weekly report: Rumah Rempah, 9 November 2026 to 15 November 2026``."""
    until = Words("to", "sampai").said(language)
    days = f"{day(report.first, language)} {until} {day(report.last, language)}"
    return f"{_TITLES[report.every].said(language)}: {report.workspace}, {days}"


def letter(report: Report, language: str, *, address: str) -> str:
    """The text of the mail; ``address`` is where the whole report is read."""
    parts = [subject(report, language)]
    for name, remarks in (
        ("happened", report.happened),
        ("needed", report.needed),
        ("coming", report.coming),
    ):
        if name == "needed" and report.kpis:
            parts.append(_listed("kpis", [_target(line, language) for line in report.kpis], language))
        if remarks:
            parts.append(_listed(name, [_upper(say(one.sentence, language)) for one in remarks], language))
    parts.append(f"{_WHOLE.said(language)}\n{address}")
    return "\n\n".join(parts) + "\n"


def _listed(name: str, lines: list[str], language: str) -> str:
    return "\n".join([_HEADS[name].said(language), *(f"- {line}" for line in lines)])


def _target(line: KpiLine, language: str) -> str:
    state = say(Sentence(f"status.{line.status}"), language)
    if line.actual is None:
        return f"{line.name}: {state}"
    values = {
        "actual": Amount(line.actual, line.unit, line.currency),
        "target": Amount(line.target, line.unit, line.currency),
    }
    return f"{line.name}: {say(Sentence('standing.of_target', values), language)}, {state}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
