"""Business figures, imports, surveys, brands and connectors on the command line."""

from pathlib import Path

import pytest

from tests.cli.driving import done, refused, run

ADS = (
    "day,campaign,spend,impressions,link clicks\n"
    "2026-01-05,Spring,10.50,1000,21\n2026-01-06,Spring,4.5,500,9\n"
)


@pytest.fixture
def ads(tmp_path: Path) -> str:
    path = tmp_path / "ads.csv"
    path.write_text(ADS)
    return str(path)


def test_a_file_is_tried_kept_known_again_and_undone(folder: Path, ads: str) -> None:
    said = ("import", "ads", ads, "--platform", "x", "--currency", "USD")

    assert done(*said, "--dry-run")["added"] == 2
    assert done("import", "list") == []
    kept = done(*said)
    assert (kept["added"], kept["export"]) == (2, None)
    assert (done(*said)["added"], done(*said)["known"]) == (0, 2)
    assert done("business", "show", "--days", "3660")["figures"]["ad_spend"]["value"] == 15
    assert done("import", "undo", kept["id"])["taken_back"] == 2
    assert done("business", "show")["figures"]["ad_spend"]["value"] is None


def test_every_wrong_row_is_named_and_nothing_is_kept(folder: Path, ads: str) -> None:
    said = run("import", "ads", ads, "--platform", "x")

    assert said.code == 2
    assert "Row 2: The row names no currency. Say which one it is: --currency USD." in said.out
    assert "Row 3:" in said.out
    assert "2 rows are wrong" in said.err


def test_a_survey_is_asked_linked_and_closed(folder: Path) -> None:
    made = done("survey", "add", "Happy", "--kind", "nps")
    assert made["address"].endswith(f"/s/{made['code']}")
    assert len(done("survey", "link", "Happy", "--count", "3")["links"]) == 3
    assert done("survey", "close", "Happy")["open"] is False
    assert refused("survey", "close", "Happy") == "2 The survey 'Happy' is closed already."
    assert refused("survey", "show", "Sad").startswith("1 There is no survey 'Sad'.")


def test_brands_are_counted_by_hand(folder: Path) -> None:
    done("brand", "add", "Tabuh", "--own")
    done("brand", "add", "Gong")
    done("brand", "mention", "Tabuh", "3", "--source", "news", "--query", "tabuh")
    done("brand", "mention", "gong", "1", "--source", "news")

    own, _other = done("brand", "list")
    figures = done("business", "show")["figures"]

    assert own["sources"] == [{"source": "news", "query": "tabuh"}]
    assert figures["mentions_tracked"]["value"] == 4
    assert refused("brand", "add", "TABUH") == "2 There is a brand called 'TABUH' already."


def test_a_connector_that_cannot_be_is_refused_in_one_sentence(folder: Path, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text("{}")

    assert refused("connector", "add", "Web", "--tool", "ga4", "--property", "1", "--key-file", str(key)) == (
        "2 This is no key of a service account. Give the JSON file that Google Cloud made for it."
    )
    assert done("connector", "list") == []


def test_a_testimonial_is_written_down_and_judged(folder: Path) -> None:
    made = done("testimonial", "add", "Lovely", "--name", "Ayu", "--consent")
    assert (made["rater"], made["is_positive"]) == ("Ayu", None)
    assert done("testimonial", "judge", made["id"], "--positive")["is_positive"] is True
    assert refused("testimonial", "add", "Nice", "--name", "Budi").startswith("2 A name is kept only")


def test_a_customers_value_is_chosen_within_reason(folder: Path) -> None:
    assert done("business", "value", "--margin", "40", "--years", "3")["margin"] == 40
    assert refused("business", "value", "--margin", "0").startswith("2 The margin is a percentage")
    assert done("business", "cohorts")["cohorts"] == []
