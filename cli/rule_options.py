"""The options of a route's rules, which several commands take, and the rules that they say."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from domain.filters import Group
    from domain.spread import Pace
    from domain.wording import Picture, Tags
    from scheduler.rules import Rules

_AGAIN = "may be given again"


def _options(
    *,
    include: Annotated[
        list[str] | None,
        typer.Option(metavar="WORDS", help=f"Post only entries that hold one of these; {_AGAIN}."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="WORDS", help=f"Post no entry that holds one of these; {_AGAIN}."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULES",
            help="Post only entries that meet this, such as 'title has python || category is Rust', "
            f"'language is en && age under 7 days'; {_AGAIN}, then each must be met.",
        ),
    ] = None,
    never: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULES",
            help=f"Post no entry that meets this, such as 'author is Bob || length under 100'; {_AGAIN}.",
        ),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(
            help="Text with variables such as {{ title }}, {{ link }}, {{ hashtags }}; "
            "empty: the channel's own."
        ),
    ] = None,
    prefix: Annotated[str | None, typer.Option(help="Text before the template's; a template too.")] = None,
    suffix: Annotated[str | None, typer.Option(help="Text after the template's; a template too.")] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(metavar="CATEGORY=HASHTAG", help=f"A category's hashtag; CATEGORY= for none; {_AGAIN}."),
    ] = None,
    always_tag: Annotated[
        list[str] | None, typer.Option(metavar="HASHTAG", help=f"A hashtag of every post; {_AGAIN}.")
    ] = None,
    most_tags: Annotated[int | None, typer.Option(help="Most hashtags of a post.")] = None,
    picture: Annotated[
        str | None,
        typer.Option(help="entry: the feed's own; content: the first in the text; none.", metavar="SOURCE"),
    ] = None,
    picture_width: Annotated[
        int | None, typer.Option(metavar="PIXELS", help="Leave out pictures known to be narrower; 0: none.")
    ] = None,
    picture_instead: Annotated[
        str | None, typer.Option(metavar="URL", help="The picture of entries that have none.")
    ] = None,
    picture_alt: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A picture's words where the feed gives none.")
    ] = None,
    utm: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help=f"Tag links, such as source={{{{ platform }}}}; {_AGAIN}."),
    ] = None,
    timing: Annotated[
        str | None, typer.Option(help="next_slot of the channel's posting schedule, or at_once.")
    ] = None,
    per_run: Annotated[
        int | None, typer.Option(help="Most posts of one poll; the others wait for the next. 0: all.")
    ] = None,
    per_day: Annotated[
        int | None,
        typer.Option(help="Most posts that go out in a day of the channel's zone; the others wait. 0: all."),
    ] = None,
    gap: Annotated[
        int | None, typer.Option(metavar="MINUTES", help="At least between two posts; 0: none.")
    ] = None,
    first: Annotated[
        str | None, typer.Option(help="What goes out first when not all can: oldest or newest.")
    ] = None,
    late: Annotated[
        str | None,
        typer.Option(help="A post that a down-time made late: send (or what its channel says), skip or ask."),
    ] = None,
    shorten: Annotated[
        bool | None, typer.Option("--shorten/--no-shorten", help="Use own short links.")
    ] = None,
    approval: Annotated[
        bool | None, typer.Option("--approval/--no-approval", help="A person releases each post.")
    ] = None,
) -> None:
    """Only its parameters count."""


def with_rules(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take the options of rules; its parameter ``said`` gets those that were given."""
    own = inspect.signature(command)
    options = inspect.signature(_options)
    kept = [parameter for name, parameter in own.parameters.items() if name != "said"]

    @wraps(command)
    def wrapped(*args: Any, **given: Any) -> None:
        said = {name: given.pop(name) for name in options.parameters}
        command(*args, **given, said={name: value for name, value in said.items() if value not in (None, [])})

    last = [parameter for parameter in kept if parameter.name == "as_json"]
    ordered = [parameter for parameter in kept if parameter.name != "as_json"]
    wrapped.__signature__ = own.replace(  # type: ignore[attr-defined]
        parameters=[
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in (*ordered, *options.parameters.values(), *last)
        ]
    )
    hints = get_type_hints(command, include_extras=True) | get_type_hints(_options, include_extras=True)
    wrapped.__annotations__ = {name: hint for name, hint in hints.items() if name != "said"}
    return wrapped


def rules_said(rules: "Rules", said: dict[str, Any]) -> "Rules":
    """The rules with what was said on the command line; what was not said stays as it is.

    Raises:
        UsageError: something cannot be read.
    """
    plain = ("include", "exclude", "timing", "late", "shorten")
    changes: dict[str, Any] = {name: said[name] for name in plain if name in said}
    for name in ("template", "prefix", "suffix"):
        if name in said:
            changes[name] = said[name].replace("\\n", "\n")
    if "approval" in said:
        changes["needs_approval"] = said["approval"]
    if "utm" in said:
        changes["utm"] = dict(
            _pair(part, "--utm", "NAME=VALUE, such as medium=social") for part in said["utm"]
        )
    return replace(
        rules,
        **changes,
        filters=_filters(rules.filters, said),
        tags=_tags(rules.tags, said),
        picture=_picture(rules.picture, said),
        pace=_pace(rules.pace, said),
    )


def _filters(known: "Sequence[Group]", said: dict[str, Any]) -> "Sequence[Group]":
    from domain.filters import Effect, parse_group

    kept = list(known)
    for act in Effect:
        if act.value in said:
            kept = [group for group in kept if group.act is not act]
            kept += [parse_group(act, text) for text in said[act.value] if text.strip()]
    return kept


def _tags(tags: "Tags", said: dict[str, Any]) -> "Tags":
    changes: dict[str, Any] = {}
    if "tag" in said:
        form = "CATEGORY=HASHTAG, such as 'Web development=#webdev'"
        changes["instead"] = dict(_pair(part, "--tag", form) for part in said["tag"] if part.strip())
    if "always_tag" in said:
        changes["always"] = tuple(said["always_tag"])
    if "most_tags" in said:
        changes["most"] = said["most_tags"]
    return replace(tags, **changes)


def _picture(picture: "Picture", said: dict[str, Any]) -> "Picture":
    changes: dict[str, Any] = {}
    for option, name in (("picture", "source"), ("picture_instead", "fallback"), ("picture_alt", "alt")):
        if option in said:
            changes[name] = said[option]
    if "picture_width" in said:
        changes["least_width"] = said["picture_width"] or None
    return replace(picture, **changes)


def _pace(pace: "Pace", said: dict[str, Any]) -> "Pace":
    from domain.errors import UsageError

    changes: dict[str, Any] = {name: said[name] or None for name in ("per_run", "per_day") if name in said}
    if "gap" in said:
        changes["gap_minutes"] = said["gap"]
    if "first" in said:
        if said["first"] not in ("oldest", "newest"):
            raise UsageError(f"Unknown order {said['first']!r}. Known: oldest, newest.")
        changes["newest_first"] = said["first"] == "newest"
    return replace(pace, **changes)


def _pair(part: str, option: str, form: str) -> tuple[str, str]:
    from domain.errors import UsageError

    name, equals, value = part.partition("=")
    if not equals:
        raise UsageError(f"Cannot read {option} {part!r}. Write it as {form}.")
    return name, value
