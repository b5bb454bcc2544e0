"""Decision records: one page each, all of one shape, each number given once."""

import re

import pytest

from tests.docs.markdown import DOCS, Page, page

RECORDS = [Page(path) for path in sorted((DOCS / "decisions").glob("[0-9]*.md"))]
SECTIONS = ["Question", "Decision", "Reasons", "Consequences"]


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_a_record_has_the_four_sections_and_fits_on_a_page(record: Page) -> None:
    number = record.path.name[:4]
    title, *sections = record.headings

    assert title.startswith(f"{number}: ")
    assert sections == SECTIONS
    assert re.search(r"^Date: \d{4}-\d\d-\d\d\. (In force|Replaced by)", record.text, re.MULTILINE)
    assert len(record.text.splitlines()) <= 60


def test_each_number_is_given_once_and_every_record_is_listed_with_its_title() -> None:
    numbers = [record.path.name[:4] for record in RECORDS]
    assert len(set(numbers)) == len(numbers)
    listed = page("docs/decisions/README.md").text

    for record in RECORDS:
        number, _, title = record.headings[0].partition(": ")
        assert f"| [{number}]({record.path.name}) | {title} |" in listed
