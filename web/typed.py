"""What people type into forms of feeds, routes and KPIs, kept as it was typed, and what it means."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel

from domain.errors import TabuhError, UsageError
from domain.existing import parse_existing
from web.i18n import Voice
from web.posted import Mistake, clean
from web.said import ended, said

#: A field as it was typed; whatever is wrong with it is said beside it.
Typed = Annotated[str, AfterValidator(clean)]


#: Days that may be typed.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


def day(field: str, text: str, voice: Voice) -> date | None:
    """A day as browsers send it; None when nothing was typed. Raises `Mistake` when it is none."""
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise Mistake(field, voice.gettext("This is no day. Write it as 2026-12-31.")) from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Mistake(field, voice.gettext("Choose a day of our time."))
    return found


def days_typed(text: str, *, most: int) -> int | None:
    """A whole number of days, 1 to ``most``; None: it is none, or nothing was typed."""
    plain = text.strip()
    days = int(plain) if plain.isdecimal() and len(plain) <= len(str(most)) else 0
    return days if 1 <= days <= most else None


class ExistingForm(BaseModel):
    """Which of the entries that are there already shall be posted."""

    #: ``none``, ``newest``, ``last`` or ``since``; ``all`` for entries that wait; empty: not answered yet.
    existing: Typed = ""
    last: Typed = ""
    since: Typed = ""

    def choice(self, voice: Voice) -> str | None:
        """As the commands take it; None when it was not answered. Raises `Mistake` when it is incomplete."""
        _ = voice.gettext
        match self.existing:
            case "":
                return None
            case "all":
                return "all"
            case "last":
                return _parsed(f"last:{self.last.strip()}", "last", _("Write how many, such as 3."))
            case "since":
                first = day("since", self.since, voice)
                if first is None:
                    raise Mistake("since", _("Choose the first day that counts."))
                return f"since:{first.isoformat()}"
        return _parsed(self.existing, "existing", _("Choose one of these."))


def _parsed(text: str, field: str, wrong: str) -> str:
    try:
        return str(parse_existing(text))
    except UsageError:
        raise Mistake(field, wrong) from None


class Errors(dict[str, str]):
    """What is wrong with a form, by field; templates ask for any field."""

    def __missing__(self, field: str) -> str:
        return ""


def errors_of(error: TabuhError | Mistake, field: str, voice: Voice) -> Errors:
    """The error beside its field; ``field`` is where one belongs that names none."""
    if isinstance(error, Mistake):
        return Errors({error.field: str(error)})
    return Errors({field: ended(said(voice, str(error)))})
