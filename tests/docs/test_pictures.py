"""The two pictures are sound, readable in light and dark, and say what text and code say."""

from xml.etree import ElementTree as ET

import pytest

from domain.content import DeliveryClass
from domain.post import MOVES, PostState, words
from publishers.registry import BUILT_IN, adapter
from tests.docs.markdown import DOCS, page

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = sorted(DOCS.glob("*.svg"))
WAY = page("docs/way-of-a-post.md")

HOW = {
    DeliveryClass.NATIVE_KEY: "a second call with the same key changes nothing",
    DeliveryClass.LIST_AND_MATCH: "our own recent posts are read and compared",
    DeliveryClass.TWO_PHASE: "the container or upload is asked how far it got",
    DeliveryClass.AT_MOST_ONCE: "nobody can be asked: a person decides",
    DeliveryClass.LOCAL: "there is no call: a published post is on the page",
}


def names(picture: str) -> list[str]:
    texts = ET.parse(DOCS / picture).getroot().iter(f"{SVG}text")
    return [text.text or "" for text in texts if "name" in text.get("class", "").split()]


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_stands_alone_in_either_theme(path: object) -> None:
    root = ET.parse(str(path)).getroot()
    style = "".join(element.text or "" for element in root.iter(f"{SVG}style"))

    assert {root.get("role"), root.get("aria-labelledby")} == {"img", "title what"}
    assert all(root.findtext(f"{SVG}{name}") for name in ("title", "desc"))
    assert "@media (prefers-color-scheme: dark)" in style
    assert root.find(f"{SVG}rect[@class='paper']") is not None
    assert not [one for one in root.iter() if one.tag.removeprefix(SVG) in ("script", "image", "use", "a")]
    assert "url(http" not in style


def test_each_step_of_the_picture_is_told_in_words() -> None:
    drawn = names("way-of-a-post.svg")

    assert len(drawn) == 15
    told = WAY.text.partition("## The states")[0]
    assert [name for name in drawn if f"**{name}" not in told] == []


def test_the_picture_of_the_states_has_all_of_them() -> None:
    assert {name.lower() for name in names("post-states.svg")} == {words(state) for state in PostState}


def test_the_table_of_moves_is_the_one_of_the_code() -> None:
    table = {}
    for line in WAY.text.partition("| from | to |")[2].partition("\n\n")[0].splitlines()[2:]:
        old, new = (cell.strip() for cell in line.strip("|").split("|"))
        table[old] = {name.strip() for name in new.split(",") if name.strip()}

    assert table == {words(old): {words(new) for new in moves} for old, moves in MOVES.items()}


def test_the_table_of_lost_answers_is_what_the_adapters_declare() -> None:
    for name in BUILT_IN:
        kind = adapter(name)
        shown = kind.title if kind.capabilities.delivery != DeliveryClass.LOCAL else "page"
        [line] = [line for line in WAY.text.splitlines() if HOW[kind.capabilities.delivery] in line]
        assert shown.lower() in line.lower()
