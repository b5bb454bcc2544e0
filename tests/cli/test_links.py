"""Short links by command, on both databases."""

from pathlib import Path

import pytest

from tests.cli.driving import done, refused, run

pytestmark = pytest.mark.usefixtures("on_both")


def test_a_link_is_made_shown_changed_removed_and_restored() -> None:
    made = done("link", "add", "https://shop.example/", "--code", "Summer-Sale", "--note", "Poster")
    assert (made["code"], made["note"], made["target"]) == ("summer-sale", "Poster", "https://shop.example/")
    assert made["address"].endswith("/l/summer-sale")

    assert [one["code"] for one in done("link", "list", "--own", "--find", "post")] == ["summer-sale"]
    assert "Poster" in run("link", "list").out
    shown = done("link", "show", "SUMMER-SALE", "--days", "7")
    assert shown["last"]["clicks"] == {"human": 0, "bot": 0, "unknown": 0}
    assert "Nobody has followed it" in run("link", "show", "summer-sale").out

    assert (
        done("link", "change", "summer-sale", "--target", "https://b.example/")["target"]
        == "https://b.example/"
    )
    assert done("link", "remove", "summer-sale")["removed_at"]
    assert "leads nowhere now" in run("link", "remove", "summer-sale").out
    assert refused("link", "add", "https://c.example/", "--code", "summersale").startswith(
        "2 The code summersale is taken"
    )
    assert done("link", "restore", "summer-sale")["removed_at"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["add", "x"], "2 'x' is no web address"),
        (["add", "https://a.example/", "--code", "a"], "2 A code has 2 to 32 characters"),
        (["show", "nothing"], "1 There is no link 'nothing'"),
        (["change", "nothing"], "2 Say what to change"),
        (["remove", "nothing"], "1 There is no link 'nothing'"),
        (["qr", "nothing", "code.gif"], "2 A QR code is written as SVG or PNG"),
        (["domain", "x"], "2 'x' is no domain"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments: list[str], says: str) -> None:
    assert refused("link", *arguments).startswith(says)


def test_a_code_and_the_clicks_are_written_to_files(tmp_path: Path) -> None:
    done("link", "add", "https://shop.example/", "--code", "sale")
    assert done("link", "domain", "go.example.org") == {"domain": "go.example.org"}
    for ending, begins in (("svg", b"<svg"), ("png", b"\x89PNG")):
        file = tmp_path / f"code.{ending}"
        assert done("link", "qr", "sale", str(file))["address"].endswith("go.example.org:8420/sale")
        assert file.read_bytes().startswith(begins)
    clicks = tmp_path / "clicks.csv"
    assert done("link", "clicks", "sale", str(clicks))["clicks"] == 0
    assert clicks.read_text().startswith("time_utc,class,reason,referrer,country")
    assert done("link", "domain", "none") == {"domain": None}
    assert refused("link", "qr", "sale", str(tmp_path / "no" / "code.svg")).startswith("1 ")
