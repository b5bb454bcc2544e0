"""How the pages speak: translations, and numbers, money and times as a reader writes them.

English is the source language. Other languages are gettext catalogues in ``web/locales``, kept as text
and compiled in memory at first use; ``tools/messages.py`` brings them up to date with the sources.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
    get_currency_symbol,
)
from babel.support import NullTranslations, Translations
from babel.units import format_unit

#: Languages of the pages, each under the name its own speakers use.
LANGUAGES = {"en": "English", "id": "Bahasa Indonesia"}
DEFAULT_LANGUAGE = "en"
DOMAIN = "web"
LOCALES = Path(__file__).parent / "locales"

#: A plain date is shown as it is; a moment is moved into the zone first.
When = datetime | date

#: Old code for Indonesian, still sent by some Java systems.
_ALIASES = {"in": "id"}
#: How a clock is written: CLDR's short form for English would be 9:00 AM.
_CLOCK = {"en": "HH:mm", "id": "HH.mm"}
#: Below this a time is "just now": nobody plans in seconds.
_JUST_NOW = timedelta(seconds=45)
_UNITS = (
    ("duration-day", timedelta(days=1)),
    ("duration-hour", timedelta(hours=1)),
    ("duration-minute", timedelta(minutes=1)),
    ("duration-second", timedelta(seconds=1)),
)


@lru_cache
def translations(language: str) -> NullTranslations:
    """The catalogue of one language; English needs none and answers with the source text."""
    path = LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as source:  # without the locale, Babel would assume English plurals
        catalogue = read_po(source, locale=language, domain=DOMAIN)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


def negotiate(*, cookie: str | None = None, person: str | None = None, accept: str | None = None) -> str:
    """The language of a page: what was chosen on this device, then what the person prefers, then the browser.

    Args:
        cookie: the value of the language cookie.
        person: the language in the signed-in person's settings.
        accept: the raw Accept-Language header.

    Returns:
        A key of ``LANGUAGES``; unknown and broken values are passed over.
    """
    for wish in (cookie, person, *_accepted(accept or "")):
        language = _known(wish)
        if language:
            return language
    return DEFAULT_LANGUAGE


def _accepted(header: str) -> list[str]:
    """Language tags of an Accept-Language header, best first (RFC 9110, section 12.5.4)."""
    weighted = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if quality > 0:
            weighted.append((-quality, place, tag.strip()))
    return [tag for _, _, tag in sorted(weighted)]


def _known(tag: str | None) -> str | None:
    primary = (tag or "").lower().replace("_", "-").split("-")[0]
    primary = _ALIASES.get(primary, primary)
    return primary if primary in LANGUAGES else None


def marked(text: str) -> str:
    """Mark a constant for translation where no reader is known yet; import it as ``N_``."""
    return text


def _number(value: float | Decimal, digits: int, language: str) -> str:
    pattern = "#,##0." + "#" * digits if digits else "#,##0"
    return format_decimal(value, format=pattern, locale=_locale(language))


#: A page of statistics shows hundreds of numbers, many of them small and often.
_known_number = lru_cache(maxsize=8_192, typed=True)(_number)


@dataclass(frozen=True)
class Voice:
    """One language and one time zone, and everything that is written in them.

    Times must be aware; they are shown in ``zone`` unless a call names another IANA zone.
    """

    language: str = DEFAULT_LANGUAGE
    zone: str = "UTC"

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    def gettext(self, text: str, **values: object) -> str:
        """Translate; ``%(name)s`` placeholders are filled when values are given."""
        translated: str = translations(self.language).ugettext(text)
        return translated % values if values else translated

    def ngettext(self, one: str, many: str, num: int, **values: object) -> str:
        """Translate with the plural form of ``num``, which is also the placeholder ``%(num)s``."""
        translated: str = translations(self.language).ungettext(one, many, num)
        return translated % {"num": self.number(num), **values}

    def number(self, value: float | Decimal, digits: int = 0) -> str:
        """``1,240`` or ``1.240``, with up to ``digits`` decimals."""
        if not value and str(value).startswith("-"):  # it is equal to a zero without a sign
            return _number(value, digits, self.language)
        return _known_number(value, digits, self.language)

    def compact(self, value: float | Decimal) -> str:
        """``18.4K`` or ``18,4 rb``; exact below a thousand."""
        if -1000 < value < 1000:
            return self.number(value, 1)
        return format_compact_decimal(value, locale=self.locale, fraction_digits=1)

    def percent(self, value: float | Decimal, digits: int = 1) -> str:
        """A share between 0 and 1 as ``8.4%`` or ``8,4%``, always with ``digits`` decimals."""
        pattern = "#,##0." + "0" * digits + "%" if digits else "#,##0%"
        return format_percent(value, format=pattern, locale=self.locale)

    def signed(self, value: float | Decimal, digits: int = 0) -> str:
        """A difference with its sign: ``+12``, ``−4`` or ``0``."""
        sign = "+" if value > 0 else "−" if value < 0 else ""
        return sign + self.number(-value if value < 0 else value, digits)

    def exactly(self, value: Decimal) -> str:
        """A number with all the digits it has, at least two behind the point."""
        return format_decimal(value, format="#,##0.00####", locale=self.locale, decimal_quantization=False)

    def money(self, minor: int, currency: str) -> str:
        """An amount in minor units (ISO 4217), without the fraction when it is zero."""
        precision = get_currency_precision(currency)
        amount = Decimal(minor).scaleb(-precision)
        pattern = self.locale.currency_formats["standard"].pattern
        if amount == amount.to_integral_value():
            pattern = pattern.replace(".00", "")
        if get_currency_symbol(currency, self.locale) == currency:  # a code needs a space: IDR 1,250,000
            pattern = pattern.replace("¤", "¤\N{NO-BREAK SPACE}")
        return format_currency(amount, currency, format=pattern, locale=self.locale, currency_digits=False)

    def date(self, value: When, zone: str | None = None) -> str:
        """``24 Nov 2026``; a plain date is taken as it is."""
        return format_date(self._there(value, zone), "d MMM y", locale=self.locale)

    def day(self, value: When, zone: str | None = None) -> str:
        """``Tuesday, 24 November`` for headings."""
        return format_date(self._there(value, zone), "EEEE, d MMMM", locale=self.locale)

    def month(self, value: When, zone: str | None = None) -> str:
        """``November 2026``."""
        return format_date(self._there(value, zone), "MMMM y", locale=self.locale)

    def weekday(self, number: int, width: str = "abbreviated") -> str:
        """The name of a day of the week, 0 is Monday; ``width`` is CLDR's (wide, abbreviated, narrow)."""
        return str(self.locale.days["stand-alone"][width][number])

    def time(self, value: datetime, zone: str | None = None) -> str:
        """``09:00 WIB``."""
        there = self._moment(value, zone)
        return f"{format_time(there, _CLOCK[self.language], locale=self.locale)} {abbreviation(there)}"

    def hour(self, number: int) -> str:
        """``09:00`` or ``09.00``, an hour of the day without a zone; 0 to 23."""
        return f"{number:02d}{_CLOCK[self.language][2]}00"

    def moment(self, value: datetime, zone: str | None = None, *, now: datetime | None = None) -> str:
        """``Tue 24 Nov, 09:00 WIB``; with the year when ``now`` lies in another one."""
        there = self._moment(value, zone)
        other_year = now is not None and now.astimezone(there.tzinfo).year != there.year
        pattern = f"EEE d MMM{' y' if other_year else ''}, {_CLOCK[self.language]}"
        return f"{format_datetime(there, pattern, locale=self.locale)} {abbreviation(there)}"

    def relative(self, value: datetime, *, now: datetime) -> str:
        """``in 3 hours`` or ``3 jam yang lalu``."""
        distance = value - now
        if abs(distance) < _JUST_NOW:
            return self.gettext("just now")
        return format_timedelta(distance, add_direction=True, threshold=1.2, locale=self.locale)

    def interval(self, length: timedelta) -> str:
        """A length of time in its two largest units: ``1 hour 30 minutes``, ``2 hari``."""
        rest, words = abs(length), []
        for unit, size in _UNITS:
            count, rest = divmod(rest, size)
            if count:
                words.append(format_unit(count, unit, locale=self.locale))
        return " ".join(words[:2]) or format_unit(0, "duration-second", locale=self.locale)

    def _there(self, value: When, zone: str | None) -> When:
        return self._moment(value, zone).date() if isinstance(value, datetime) else value

    def _moment(self, value: datetime, zone: str | None) -> datetime:
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be shown; give an aware one.")
        return value.astimezone(ZoneInfo(zone or self.zone))


def abbreviation(value: datetime) -> str:
    """The zone as people there write it (``WIB``, ``CET``); ``UTC−3`` where no letters are in use."""
    name = value.tzname() or ""
    if name[:1] not in "+-":
        return name
    offset = value.utcoffset() or timedelta(0)
    hours, minutes = divmod(int(abs(offset).total_seconds()) // 60, 60)
    sign = "−" if offset < timedelta(0) else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02d}" if minutes else "")


def offset_words(zone: str, *, now: datetime) -> str:
    """A zone for a list to choose from: ``Asia/Jakarta (WIB)``."""
    return f"{zone} ({abbreviation(now.astimezone(UTC).astimezone(ZoneInfo(zone)))})"


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)
