"""Languages of the pages: negotiation, catalogues, and numbers and times as a reader writes them."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from tools import messages
from web.i18n import LANGUAGES, Voice, negotiate, offset_words, translations

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
EN, ID = Voice("en", "Asia/Jakarta"), Voice("id", "Asia/Jakarta")
CATALOGUES = pytest.mark.parametrize("path", messages.catalogues(), ids=lambda path: path.parent.parent.name)


@pytest.mark.parametrize(
    ("cookie", "person", "accept", "language"),
    [
        ("id", "en", "en", "id"),
        (None, "id", "en", "id"),
        (None, None, "fr-FR, id;q=0.7, en;q=0.9", "en"),
        (None, None, "id-ID,id;q=0.9", "id"),
        (None, None, "in", "id"),
        (None, None, "en;q=0, id;q=0.1", "id"),
        ("xx", "", "de, ;;q=x, *", "en"),
        (None, None, "a," * 50_000, "en"),
        (None, None, None, "en"),
    ],
)
def test_the_language_is_the_cookies_then_the_persons_then_the_browsers(
    cookie: str | None, person: str | None, accept: str | None, language: str
) -> None:
    assert negotiate(cookie=cookie, person=person, accept=accept) == language


def test_numbers_are_written_as_in_the_language() -> None:
    assert (EN.number(1234567), ID.number(1234567)) == ("1,234,567", "1.234.567")
    assert (EN.number(0.5, 2), ID.number(0.5, 2)) == ("0.5", "0,5")
    assert (EN.compact(18432), ID.compact(18432)) == ("18.4K", "18,4\N{NO-BREAK SPACE}rb")
    assert (EN.percent(0.084), ID.percent(0.084, 0)) == ("8.4%", "8%")
    assert (EN.signed(12), EN.signed(-4), EN.signed(0)) == ("+12", "−4", "0")


def test_money_keeps_cents_only_where_there_are_any() -> None:
    assert ID.money(125_000_000, "IDR") == "Rp1.250.000"
    assert EN.money(125_000_000, "IDR") == "IDR\N{NO-BREAK SPACE}1,250,000"
    assert EN.money(1999, "USD") == "$19.99"
    assert EN.money(500, "JPY") == "¥500"
    assert EN.money(-1050, "USD") == "-$10.50"


def test_times_name_the_zone_as_people_there_do() -> None:
    assert EN.moment(MORNING) == "Tue 24 Nov, 09:00 WIB"
    assert ID.moment(MORNING) == "Sel 24 Nov, 09.00 WIB"
    assert EN.time(MORNING, "Asia/Makassar") == "10:00 WITA"
    assert EN.time(MORNING, "Asia/Jayapura") == "11:00 WIT"
    assert EN.time(MORNING, "America/Sao_Paulo") == "23:00 UTC−3"
    assert EN.time(MORNING, "Asia/Kathmandu") == "07:45 UTC+5:45"
    assert offset_words("Asia/Jakarta", now=MORNING) == "Asia/Jakarta (WIB)"


def test_a_day_is_the_day_in_the_zone_that_is_shown() -> None:
    late = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
    assert EN.date(late) == "1 Jan 2027"
    assert EN.day(late, "Europe/Berlin") == "Thursday, 31 December"
    assert ID.date(date(2026, 8, 17)) == "17 Agu 2026"
    assert ID.month(MORNING) == "November 2026"
    assert (EN.weekday(0), ID.weekday(6, "wide")) == ("Mon", "Minggu")


def test_the_year_is_said_only_when_it_is_another_one() -> None:
    assert "2026" not in EN.moment(MORNING, now=MORNING)
    assert EN.moment(MORNING, now=MORNING + timedelta(days=90)) == "Tue 24 Nov 2026, 09:00 WIB"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        EN.moment(datetime(2026, 11, 24, 9, 0))


def test_distances_and_lengths_are_words() -> None:
    assert EN.relative(MORNING + timedelta(hours=3), now=MORNING) == "in 3 hours"
    assert ID.relative(MORNING - timedelta(hours=3), now=MORNING) == "3 jam yang lalu"
    assert ID.relative(MORNING + timedelta(seconds=9), now=MORNING) == "baru saja"
    assert EN.interval(timedelta(minutes=90)) == "1 hour 30 minutes"
    assert ID.interval(timedelta(days=2, hours=3, minutes=4)) == "2 hari 3 jam"
    assert EN.interval(timedelta(0)) == "0 seconds"


def test_plurals_follow_the_language_and_numbers_are_formatted() -> None:
    one, many = "One thing needs another look:", "%(num)s things need another look:"
    assert EN.ngettext(one, many, 1) == "One thing needs another look:"
    assert EN.ngettext(one, many, 1240) == "1,240 things need another look:"
    assert ID.ngettext(one, many, 1) == "1 hal perlu diperiksa lagi:"


def test_placeholders_are_filled_in_the_translation() -> None:
    assert ID.gettext("Target %(value)s", value=5) == "Target 5"
    assert EN.gettext("100% there") == "100% there"


def test_each_language_but_english_has_a_catalogue() -> None:
    assert {path.parent.parent.name for path in messages.catalogues()} == set(LANGUAGES) - {"en"}


@CATALOGUES
def test_the_catalogue_holds_exactly_the_texts_of_the_sources(path: Path) -> None:
    text, _ = messages.brought_up(path, messages.extracted())
    assert text == path.read_bytes(), "run: python -m tools.messages"


@CATALOGUES
def test_every_text_is_translated_and_keeps_its_placeholders(path: Path) -> None:
    language = path.parent.parent.name
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    assert messages.untranslated(catalogue) == []
    for text in catalogue:
        if text.id:
            for string in _strings(text):
                assert _placeholders(string) == _placeholders(_source(text)), text.id


@CATALOGUES
def test_the_plural_header_is_the_languages_own(path: Path) -> None:
    with path.open("rb") as source:
        stated = re.search(rb"Plural-Forms: (.*?)\\n", source.read())
        source.seek(0)
        catalogue = read_po(source, locale=path.parent.parent.name)
    assert stated
    assert stated[1].decode() == catalogue.plural_forms
    assert catalogue.num_plurals == {"id": 1}[path.parent.parent.name]


def test_english_needs_no_catalogue() -> None:
    assert translations("en").gettext("Queue") == "Queue"


def _source(text: Message) -> str:
    """Of a plural, the form with the number: it has all placeholders."""
    return text.id if isinstance(text.id, str) else text.id[-1]


def _strings(text: Message) -> list[str]:
    return [text.string] if isinstance(text.string, str) else list(text.string or ())


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|\{\w*\}|%%", text))
