"""`tabuh kpi guide` in a folder: printed, kept in versions, shared, confirmed."""

import json
from pathlib import Path

from tests.cli.driving import done, refused, run


def test_the_guide_from_its_first_kpi_to_a_revoked_link(folder: Path) -> None:
    assert refused("kpi", "guide") == (
        "1 There is no KPI guide yet: it begins with the first KPI. Add one: tabuh kpi add"
    )
    assert done("kpi", "guide", "versions") == []
    done(
        "kpi", "add", "Visits: at least 100 a month", "--metric", "visits", "--target", "100", "--every",
        "month", "--why", "*the* shop",
    )  # fmt: skip

    [first] = done("kpi", "guide", "versions")
    assert (first["number"], first["read"]) == (1, 0)
    assert first["changes"][0].startswith("Added: Visits: at least 100 a month, by owner, ")
    said = run("kpi", "guide", "--language", "id")
    assert said.out.startswith("# Panduan KPI, versi 1: ")
    assert "| Mengapa penting | \\*the\\* shop |" in said.out

    done("kpi", "edit", "Visits: at least 100 a month", "--target", "120", "--because", "more readers")
    newest = done("kpi", "guide")
    assert newest["version"] == 2
    assert newest["kpis"][0]["values"]["target"] == 120
    assert done("kpi", "guide", "--version", "1")["kpis"][0]["values"]["target"] == 100
    assert "Because: more readers." in done("kpi", "guide", "versions")[0]["changes"][0]

    for kind, begins in (("pdf", b"%PDF-"), ("html", b"<!doctype html>"), ("md", b"# KPI guide, version 2")):
        assert run("kpi", "guide", "--format", kind, "-o", f"guide.{kind}").code == 0
        assert (folder / f"guide.{kind}").read_bytes().lstrip().startswith(begins)
    assert json.loads(run("kpi", "guide", "--format", "json").out)["version"] == 2

    made = done("kpi", "guide", "share", "Board", "--days", "30")
    assert "/guide/" in made["address"]
    [link] = done("kpi", "guide", "links")
    assert (link["name"], link["version"], "address" in link) == ("Board", None, False)
    done("kpi", "guide", "revoke", str(link["id"]))
    assert done("kpi", "guide", "links") == []

    assert done("kpi", "guide", "read") == {"version": 2, "person": "owner", "new": True}
    assert not done("kpi", "guide", "read")["new"]
    assert done("kpi", "guide", "receipts")["read"] == 1
    assert done("kpi", "guide", "receipts", "--version", "1")["read"] == 0


def test_what_cannot_be_is_said_in_a_sentence(folder: Path) -> None:
    done("kpi", "add", "Visits", "--metric", "visits", "--target", "100", "--every", "month")

    assert refused("kpi", "guide", "--version", "9").startswith("1 The KPI guide has no version 9.")
    assert refused("kpi", "guide", "--format", "exe").endswith("as pdf, html, markdown or json, not 'exe'.")
    assert refused("kpi", "guide", "--language", "fr").endswith("en (English) and id (Indonesian).")
    assert refused("kpi", "guide", "share", "x", "--days", "400").endswith("open for 1 hour to 365 days.")
    assert refused("kpi", "guide", "share", "x", "--version", "7").startswith("1 ")
    assert refused("kpi", "guide", "revoke", "5").startswith("1 There is no link 5 to the KPI guide.")
    assert refused("kpi", "guide", "read", "--person", "Nobody").startswith("1 'Nobody' is no member")
    assert refused("kpi", "guide", "-o", "no/such/guide.md").startswith("1 The file no/such/guide.md")
