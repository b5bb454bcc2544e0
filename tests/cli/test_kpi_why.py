"""Why a KPI stands where it stands, and benchmarks, by commands alone, on both databases."""

from pathlib import Path

import pytest

from tests.cli.driving import done, refused, run

pytestmark = pytest.mark.usefixtures("on_both")


def test_a_kpi_is_explained_by_name_and_by_number() -> None:
    added = done(
        "kpi", "add", "Visits of a month", "--metric", "visits", "--target", "5000", "--every", "month"
    )

    found = done("kpi", "variance", "Visits of a month", "--against", "year", "--by", "kind")

    assert (found["change"]["against"], found["kpi_id"]) == ("year", added["id"])
    assert found["change"]["said"][0]["en"]
    assert done("kpi", "show", str(added["id"]))["name"] == "Visits of a month"
    assert "no day" in run("kpi", "variance", str(added["id"])).out.lower() or (
        "not enough" in run("kpi", "variance", str(added["id"])).out.lower()
    )
    assert "There is no KPI" in refused("kpi", "variance", "Nothing")


def test_benchmarks_go_the_whole_way_from_the_template_to_their_removal(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.csv"
    assert run("benchmark", "template", "--out", str(file)).code == 0

    brought = done("benchmark", "import", str(file), "--industry", "Retail")

    assert (brought["added"], brought["faults"]) == (3, [])
    assert done("benchmark", "import", str(file), "--industry", "Retail")["added"] == 0
    listed = done("benchmark", "list", "--metric", "er_impr")
    assert [(one["metric"], one["median"], one["source_date"]) for one in listed] == [
        ("er_impr", 2.0, "2026-01-31")
    ]
    done("benchmark", "remove", str(listed[0]["id"]))
    assert "There is no benchmark" in refused("benchmark", "remove", str(listed[0]["id"]))
    done("import", "undo", str(brought["id"]))
    assert done("benchmark", "list") == []


def test_a_wrong_file_is_refused_with_every_row_and_column(tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(
        "metric,value,source,source_date\ner_imp,2,Study,2026-01-31\ner_impr,x,Study,2026-01-31\n"
    )

    answer = run("benchmark", "import", str(file))

    assert answer.code == 2
    assert "no key of the catalogue" in answer.out
    assert "is not one number" in answer.out
    assert done("benchmark", "list") == []
