"""`tabuh audit`: whether the figures can be trusted."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, count, say, show, table, when

if TYPE_CHECKING:
    from domain.audit import Audit, Finding


def audit(
    context: typer.Context,
    *,
    days: Annotated[int, typer.Option(min=1, max=366, help="So many days back.")] = 30,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="First make standings and daily sums anew from the readings.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check the figures: freshness, gaps, falling counts, sums, clicks against visits, changed meanings.

    The audit is kept with its date. Ends with exit code 1 when something is wrong.
    """
    from domain.audit import thawed
    from scheduler import auditing

    with opened(context) as tabuh:
        where = tabuh.workspace.id
        if rebuild:
            made = auditing.rebuild(tabuh.context, where, actor=tabuh.actor)
            if not as_json:
                say(f"Standings and sums of {count(made, 'channel')} were made anew.")
        row = auditing.audit_now(tabuh.context, where, days=days, actor=tabuh.actor)
        found = thawed(row.body)
        zone = tabuh.workspace.zone
        show({"id": row.id, **document(found)}, *_texts(found, zone), as_json=as_json)
    if found.wrong:
        raise typer.Exit(1)


def document(found: "Audit") -> dict[str, Any]:
    """An audit as JSON tells it, sentences in both languages."""
    from domain.audit_sentences import RULES

    rang = {one.rule for one in found.findings if one.severity != "fine"}
    return {
        "at": found.at,
        "days": found.days,
        "wrong": found.wrong,
        "counts": found.counts(),
        "findings": [finding_document(one) for one in found.findings],
        "checks": [
            {
                "rule": one.rule,
                "name": RULES[one.rule].en,
                "passed": one.rule not in rang,
                "looked_at": one.looked,
                "of": one.of,
                "sampled": one.sampled,
            }
            for one in found.checked
        ],
    }


def finding_document(one: "Finding") -> dict[str, Any]:
    """A finding as JSON tells it."""
    from dataclasses import asdict

    from domain.sentences import say as words

    return {
        "rule": one.rule,
        "severity": one.severity,
        "what": {language: words(one.what, language) for language in ("en", "id")},
        "action": {language: words(one.action, language) for language in ("en", "id")},
        "where": asdict(one.where),
        "count": one.count,
        "examples": [asdict(example) for example in one.examples],
        "since": one.since,
    }


def _texts(found: "Audit", zone: str) -> list[Any]:
    from domain.audit import LEVELS
    from domain.audit_sentences import RULES
    from domain.sentences import say as words

    findings = table(
        ["", "Where", "What", "Since", "What to do"],
        (
            (
                LEVELS[one.severity].en,
                f"{one.where.kind} {one.where.name}",
                words(one.what),
                when(one.since, zone),
                words(one.action),
            )
            for one in found.findings
        ),
        empty="Nothing was found.",
    )
    passed = table(
        ["Passed", ">Looked at", "Note"],
        (
            (RULES[one.rule].en, one.looked, f"the newest of {one.of}" if one.sampled else "")
            for one in found.passed()
        ),
        empty="No check passed.",
    )
    counts = found.counts()
    told = ", ".join(f"{number} {LEVELS[level].en.lower()}" for level, number in counts.items())
    return [findings, "\n", passed, f"\nThe last {count(found.days, 'day')}: {told}."]
