"""What a platform asks for when a channel is connected, as a form: made from its adapter's own models.

A secret has a password field that is never filled in: what was typed goes to the adapter and nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from publishers.base import Publisher
from web.i18n import Voice
from web.said import said

#: Which of an adapter's models a field belongs to; also the beginning of the field's name in the form.
SETTINGS, CREDENTIALS = "settings", "credentials"


@dataclass(frozen=True, slots=True)
class AskedField:
    """One field of a connect form."""

    #: In the form: ``settings-server``.
    name: str
    #: In the model: ``server``.
    key: str
    label: str
    hint: str
    is_secret: bool
    #: Of many lines.
    is_long: bool
    required: bool
    #: (value, label); none: a line of text.
    options: tuple[tuple[str, str], ...]
    default: str
    #: Hardly anybody changes it: folded away.
    is_expert: bool


def asked(
    kind: type[Publisher], voice: Voice, *, only: Sequence[str] = (SETTINGS, CREDENTIALS)
) -> list[AskedField]:
    """The fields that a person fills in; what an adapter learns by itself is not among them."""
    models = {SETTINGS: kind.Settings, CREDENTIALS: kind.Credentials}
    return [
        _field(part, key, info, voice)
        for part in only
        for key, info in models[part].model_fields.items()
        if not is_learned(info)
    ]


def is_learned(info: FieldInfo) -> bool:
    """Whether the adapter finds this out by itself, or the platform's consent page grants it."""
    extra = info.json_schema_extra
    return isinstance(extra, Mapping) and bool(extra.get("learned") or extra.get("granted"))


def is_secret(info: FieldInfo) -> bool:
    """Whether this may never be shown."""
    return SecretStr in _kinds(info)


def _kinds(info: FieldInfo) -> tuple[Any, ...]:
    return (info.annotation, *get_args(info.annotation))


def _field(part: str, key: str, info: FieldInfo, voice: Voice) -> AskedField:
    default = info.default if isinstance(info.default, str) else ""
    if isinstance(info.default, bool):
        default = str(info.default).lower()
    return AskedField(
        name=f"{part}-{key}",
        key=key,
        label=said(voice, info.title or key.replace("_", " ").capitalize()),
        hint=said(voice, info.description) if info.description else "",
        is_secret=is_secret(info),
        is_long=isinstance(info.json_schema_extra, Mapping) and bool(info.json_schema_extra.get("long")),
        required=info.is_required(),
        options=tuple(_options(info, voice)),
        default=default,
        is_expert=isinstance(info.json_schema_extra, Mapping) and bool(info.json_schema_extra.get("expert")),
    )


def _options(info: FieldInfo, voice: Voice) -> list[tuple[str, str]]:
    for kind in _kinds(info):
        if kind is bool:
            return [("true", said(voice, "yes")), ("false", said(voice, "no"))]
        if get_origin(kind) is Literal:
            empty = [] if info.is_required() else [("", "–")]
            return [*empty, *((str(one), said(voice, str(one))) for one in get_args(kind))]
    return []


def given(typed: Mapping[str, str], part: str) -> dict[str, str]:
    """What was typed for one of the models; empty fields are left out."""
    start = f"{part}-"
    return {
        name.removeprefix(start): value.strip()
        for name, value in typed.items()
        if name.startswith(start) and value.strip()
    }


def mistakes(
    kind: type[Publisher],
    typed: Mapping[str, str],
    voice: Voice,
    *,
    only: Sequence[str] = (SETTINGS, CREDENTIALS),
    kept: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """What is wrong with a filled-in form, one sentence for each field.

    Args:
        kept: credentials that stay as they are where nothing was typed.
    """
    models: dict[str, type[BaseModel]] = {SETTINGS: kind.Settings, CREDENTIALS: kind.Credentials}
    wrong: dict[str, str] = {}
    for part in only:
        try:
            models[part].model_validate({**(kept or {}), **given(typed, part)})
        except ValidationError as error:
            for one in error.errors(include_input=False, include_url=False, include_context=False):
                name = f"{part}-{one['loc'][0] if one['loc'] else ''}"
                wrong.setdefault(name, _sentence(one["type"], one["msg"], voice))
    return wrong


def _sentence(kind: str, text: str, voice: Voice) -> str:
    _ = voice.gettext
    match kind:
        case "missing" | "string_too_short":
            return _("Fill this in.")
        case "literal_error":
            return _("Choose one of the list.")
        case "extra_forbidden":
            return _("This platform has no such field.")
    return said(voice, text.removeprefix("Value error, "))
