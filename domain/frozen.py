"""Values as JSON and back, so that what was said once reads the same years later.

Each value that JSON does not know carries its kind under ``$``. Fields that a later version adds keep their
defaults, fields that it drops are passed over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from domain.sentence import Amount, Sentence, Unit, Words

_KIND: Final = "$"
_TIMES: Final[Mapping[str, type[date]]] = {"date": date, "datetime": datetime}


class Freezer:
    """Freezes and thaws the dataclasses and enumerations that it was told of, and what sentences are made of.

    Tuples and lists come back as tuples, mappings as dicts.
    """

    def __init__(self, kinds: Iterable[Any]) -> None:
        self._kinds: dict[str, Any] = {
            kind.__name__: kind for kind in (Words, Unit, Amount, Sentence, *kinds)
        }

    def freeze(self, value: Any) -> Any:
        """As JSON.

        Raises:
            TypeError: a kind of value that was not named.
        """
        kind = type(value).__name__
        if kind in self._kinds:
            if isinstance(value, StrEnum):
                return {_KIND: kind, "is": str(value)}
            return {_KIND: kind, **{one.name: self.freeze(getattr(value, one.name)) for one in fields(value)}}
        if isinstance(value, datetime | date):
            return {_KIND: kind, "is": value.isoformat()}
        if isinstance(value, Mapping):
            return {_KIND: "map", "is": {str(key): self.freeze(one) for key, one in value.items()}}
        if isinstance(value, tuple | list):
            return [self.freeze(one) for one in value]
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise TypeError(f"{kind} is not frozen here")

    def thaw(self, frozen: Any) -> Any:
        """The value again.

        Raises:
            TypeError, ValueError, KeyError: it was not frozen here.
        """
        if isinstance(frozen, list):
            return tuple(self.thaw(one) for one in frozen)
        if not isinstance(frozen, dict):
            return frozen
        kind = frozen[_KIND]
        if kind == "map":
            return {key: self.thaw(one) for key, one in frozen["is"].items()}
        if kind in _TIMES:
            return _TIMES[kind].fromisoformat(frozen["is"])
        known = self._kinds[kind]
        if issubclass(known, StrEnum):
            return known(frozen["is"])
        names = {one.name for one in fields(known)}
        return known(**{name: self.thaw(one) for name, one in frozen.items() if name in names})
