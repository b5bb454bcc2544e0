"""A whole audit: every check over one sample."""

from analytics.audit.agreement import agreement
from analytics.audit.asking import Asked, Found, sample
from analytics.audit.counters import counters
from analytics.audit.freshness import freshness
from analytics.audit.meanings import meanings
from domain.audit import WORST_FIRST, Audit, Checked, check_days
from domain.audit_sentences import RULES


def make_audit(asked: Asked) -> Audit:
    """Every check, its findings worst first, and what each looked at.

    Reads a bounded number of posts (`asked.most_posts`, the newest of each channel within the days); a
    check that saw a part says so.

    Raises:
        UsageError: it cannot look back so many days.
    """
    check_days(asked.days)
    drawn, found = sample(asked), Found()
    for checks in (freshness, counters, agreement, meanings):
        checks(asked, drawn, found)
    order = {rule: place for place, rule in enumerate(RULES)}
    worst = {level: place for place, level in enumerate(WORST_FIRST)}
    looked: dict[str, Checked] = {one.rule: one for one in found.checked}
    return Audit(
        at=asked.now,
        days=asked.days,
        checked=tuple(looked[rule] for rule in RULES if rule in looked),
        findings=tuple(
            sorted(
                found.findings,
                key=lambda one: (worst[one.severity], order[one.rule], one.where.name, one.what.key),
            )
        ),
    )
