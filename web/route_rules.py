"""The rules of a route as rows of a form: how each row goes on from the one above, and three fields."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.filters import Effect, Field, Group, How, Need, Rule, checked_rule
from web.i18n import Voice
from web.i18n import marked as N_
from web.posted import Mistake

#: How a row begins: a new group, or one more rule of the group above.
JOINTS = {
    "only": N_("Only if"),
    "never": N_("Never if"),
    "or": N_("… or if"),
    "and": N_("… and if"),
}
FIELDS = {
    Field.ANY: N_("title, text or category"),
    Field.TITLE: N_("title"),
    Field.TEXT: N_("text"),
    Field.LINK: N_("link"),
    Field.AUTHOR: N_("author"),
    Field.CATEGORY: N_("category"),
    Field.FEED: N_("feed"),
    Field.LANGUAGE: N_("language"),
    Field.AGE: N_("age"),
    Field.LENGTH: N_("length of the text"),
}
HOWS = {
    How.HAS: N_("has the words"),
    How.CONTAINS: N_("contains"),
    How.IS: N_("is"),
    How.MATCHES: N_("matches the pattern"),
    How.UNDER: N_("is under"),
    How.OVER: N_("is over"),
}
_MORE = {Need.ANY: "or", Need.ALL: "and"}


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row as it was typed."""

    joint: str = "only"
    field: str = Field.TITLE
    how: str = How.HAS
    value: str = ""


def rows_of(groups: Iterable[Group]) -> list[RuleRow]:
    """The rows that stand for these groups."""
    return [
        RuleRow(group.act if place == 0 else _MORE[group.need], rule.field, rule.how, rule.value)
        for group in groups
        for place, rule in enumerate(group.rules)
    ]


def groups_of(rows: Sequence[RuleRow], voice: Voice) -> list[Group]:
    """The groups that rows mean; rows without a value are left out.

    Raises:
        Mistake: one goes on from nothing, or a group mixes "or" and "and".
        UsageError: a rule cannot be read.
    """
    _ = voice.gettext
    groups: list[Group] = []
    for row in rows:
        if not row.value.strip():
            continue
        rule = checked_rule(row.field, row.how, row.value)
        if row.joint in (Effect.ONLY, Effect.NEVER):
            groups.append(Group(Effect(row.joint), Need.ANY, (rule,)))
            continue
        if not groups or row.joint not in ("or", "and"):
            raise Mistake("rules", _("The first rule begins with “Only if” or “Never if”."))
        groups[-1] = _longer(groups[-1], Need.ANY if row.joint == "or" else Need.ALL, rule, voice)
    return groups


def _longer(group: Group, need: Need, rule: Rule, voice: Voice) -> Group:
    if len(group.rules) > 1 and group.need is not need:
        raise Mistake(
            "rules", voice.gettext("Rules that belong together are joined by “or” or by “and”, not by both.")
        )
    return Group(group.act, need, (*group.rules, rule))


def group_words(group: Group, voice: Voice) -> str:
    """A group as one line in the reader's language."""
    _ = voice.gettext
    joint = _("or") if group.need is Need.ANY else _("and")
    return f" {joint} ".join(
        f"{_(FIELDS[rule.field])} {_(HOWS[rule.how])} “{rule.value}”" for rule in group.rules
    )
