"""A route's template: what it may say, and the text it makes of an entry's values.

People write templates, and some of them are strangers to each other. So a template is held
to a list of allowed parts before it is compiled: no loops, calls, arithmetic or assignments.
What is left takes time in proportion to its length; every filter's answer is capped.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from domain.errors import UsageError
from domain.route import utm_name, with_utm
from feeds.plain import cut, one_line

DEFAULT_TEMPLATE: Final = "{{ title }}\n\n{{ link }}"
#: Longest template, in characters.
MAX_TEMPLATE: Final = 4_000
#: Most filters in a template.
MAX_FILTERS: Final = 40
#: Longest text that a template may make, in characters; also the most that any variable holds.
MAX_OUTPUT: Final = 20_000
#: What a template may name.
VARIABLES: Final = (
    "title",
    "link",
    "text",
    "summary",
    "author",
    "feed",
    "categories",
    "hashtags",
    "published",
    "platform",
    "channel",
    "route",
)
_LISTS: Final = ("categories", "hashtags")
#: What a UTM value may name.
UTM_VARIABLES: Final = ("platform", "channel", "route", "feed")
_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Filter,
    nodes.If,
    nodes.CondExpr,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
)


def check_template(text: str) -> None:
    """Refuse a template that could not be rendered for every entry.

    Raises:
        UsageError: says what is wrong, and what is known instead.
    """
    for values in (_FULL, _BARE):
        rendered(text, values)


def clean_utm(utm: Mapping[str, str]) -> dict[str, str]:
    """UTM parameters as a route keeps them, under their full names; empty ones are left out.

    Raises:
        UsageError: an unknown parameter or variable, or a template that cannot be read.
    """
    cleaned = {utm_name(name): value.strip() for name, value in utm.items() if value.strip()}
    for value in cleaned.values():
        _text_of(_compiled(value, UTM_VARIABLES), dict.fromkeys(UTM_VARIABLES, "x"))
    return cleaned


def tagged(link: str, utm: Mapping[str, str], *, values: Mapping[str, str]) -> str:
    """The link with the route's UTM parameters; ``values`` holds all `UTM_VARIABLES`."""
    return with_utm(
        link, {name: one_line(_text_of(_compiled(text, UTM_VARIABLES), values)) for name, text in utm.items()}
    )


def rendered(text: str, values: Mapping[str, Any]) -> str:
    """What a template makes of these values, which hold all `VARIABLES`. Raises `UsageError`."""
    return _text_of(_compiled(text, VARIABLES), values)


def _text_of(template: Template, values: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    try:
        for piece in template.generate(values):
            pieces.append(piece)
            if sum(map(len, pieces)) > MAX_OUTPUT:
                raise UsageError(f"The template makes a text of more than {MAX_OUTPUT:,} characters.")
    except UsageError:
        raise
    except Exception as exc:  # whatever a template raises, its author must hear of it
        raise UsageError(f"The template cannot be rendered: {exc}. Correct it and save it again.") from exc
    return "".join(pieces)


@lru_cache(maxsize=256)
def _compiled(text: str, known: tuple[str, ...]) -> Template:
    if len(text) > MAX_TEMPLATE:
        raise UsageError(f"A template has at most {MAX_TEMPLATE:,} characters; this one has {len(text):,}.")
    try:
        _check_depth(text)
        tree = _ENVIRONMENT.parse(text)
        _check_parts(tree)
        unknown = sorted({name.name for name in tree.find_all(nodes.Name)} - set(known))
        if unknown:
            raise UsageError(
                f"The template names {', '.join(map(repr, unknown))}, which is not known. "
                f"Known: {', '.join(known)}."
            )
        return _ENVIRONMENT.from_string(text)
    except TemplateSyntaxError as exc:
        raise UsageError(f"The template cannot be read, line {exc.lineno}: {exc.message}") from exc
    except (TemplateError, RecursionError, SyntaxError, ValueError, MemoryError) as exc:
        raise UsageError(f"The template cannot be read: {exc}") from exc  # such as: nested too deeply


def _check_depth(text: str) -> None:
    """Filters and negations nest, and compiling takes time that grows with the cube of their number."""
    nesting = sum(token in ("|", "not") for _, kind, token in _ENVIRONMENT.lex(text) if kind != "data")
    if nesting > MAX_FILTERS:
        raise UsageError(f"A template has at most {MAX_FILTERS} filters; this one has {nesting}.")


def _check_parts(tree: nodes.Template) -> None:
    filters = ", ".join(sorted(_ENVIRONMENT.filters))
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            raise UsageError(
                f"The template uses {_part(node)} in line {node.lineno}. It may hold text, "
                f"{{{{ variables }}}}, filters and {{% if %}}. Filters: {filters}."
            )
        if isinstance(node, nodes.Filter) and node.name not in _ENVIRONMENT.filters:
            raise UsageError(
                f"The template uses the filter {node.name!r}, which is not known. Known: {filters}."
            )


def _part(node: nodes.Node) -> str:
    match node:
        case nodes.For():
            return "a loop"
        case nodes.Call():
            return "a call"
        case nodes.Getattr() | nodes.Getitem():
            return "a part of a variable"
        case nodes.Assign() | nodes.AssignBlock():
            return "an assignment"
        case nodes.BinExpr() | nodes.UnaryExpr():
            return "arithmetic"
    return f"{type(node).__name__.lower()!r}"


class Listed(list[str]):
    """A list that reads well where a template names it as a whole."""

    def __init__(self, parts: Iterable[str], *, separator: str) -> None:
        super().__init__(parts)
        self._separator = separator

    def __str__(self) -> str:
        return self._separator.join(self)


def _words(value: Any, number: int) -> str:
    """The first ``number`` words, with an ellipsis when there are more."""
    words = str(value).split()
    return " ".join(words) if len(words) <= number else " ".join(words[: max(number, 0)]).rstrip(",;:") + "…"


def _cut(value: Any, number: int) -> str:
    """At most ``number`` characters, ended after a whole word."""
    return cut(str(value), max(number, 1))


def _joined(value: Any, separator: str = ", ") -> str:
    parts: Sequence[Any] = value if isinstance(value, list) else [value]
    return str(separator).join(str(part) for part in parts)[:MAX_OUTPUT]


def _replaced(value: Any, old: str, new: str) -> str:
    text, old, new = str(value), str(old), str(new)
    if not old:
        return text
    fits = MAX_OUTPUT // max(len(new), 1)  # so that the answer cannot outgrow what is allowed
    return text.replace(old, new, fits)[:MAX_OUTPUT]


def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True
    )
    environment.globals.clear()
    environment.filters = {
        "words": _words,
        "cut": _cut,
        "join": _joined,
        "replace": _replaced,
        "upper": lambda value: str(value).upper(),
        "lower": lambda value: str(value).lower(),
        "trim": lambda value: str(value).strip(),
        "default": lambda value, other="": value or other,
        "first": lambda value: value[0] if value else "",
        "length": len,
    }
    return environment


_ENVIRONMENT: Final = _environment()
#: Two entries between which all others lie: a template that can render both renders any.
_FULL: Final[Mapping[str, Any]] = {
    name: Listed(["Word"], separator=" ") if name in _LISTS else "Word" for name in VARIABLES
}
_BARE: Final[Mapping[str, Any]] = {
    name: Listed([], separator=" ") if name in _LISTS else "" for name in VARIABLES
}
