"""Sites, conversions and attribution by command."""

from pathlib import Path

import pytest

from tests.cli.driving import done, refused, run

pytestmark = pytest.mark.usefixtures("on_both")


def test_a_site_is_set_up_shown_changed_and_removed() -> None:
    made = done("site", "add", "Shop", "shop.example", "https://www.shop.example/x", "--other", "newsletter")
    assert made["hosts"] == ["shop.example", "www.shop.example"]
    assert made["conversions"] == {"order": True, "newsletter": False}
    assert f'data-site="{made["key"]}"' in run("site", "show", "shop").out
    assert refused("site", "add", "Shop", "other.example") == (
        "2 There is a site 'Shop' already. Choose another name."
    )
    assert refused("site", "add", "Two", "www.shop.example").startswith(
        "2 www.shop.example belongs to the site"
    )
    changed = done("site", "change", made["key"], "--host", "shop.example", "--key-event", "newsletter")
    assert (changed["hosts"], changed["conversions"]["order"]) == (["shop.example"], False)
    done("site", "remove", "Shop")
    assert done("site", "list") == []
    assert refused("site", "show", "Shop").startswith("1 There is no site 'Shop'.")


def test_conversions_are_told_refunded_and_imported(tmp_path: Path) -> None:
    assert refused("conversion", "add", "order", "--order", "A").startswith("2 Set up a site first")
    done("site", "add", "Shop", "shop.example")
    first = done("conversion", "add", "order", "--order", "A-1", "--value", "125000", "--currency", "idr")
    again = done("conversion", "add", "order", "--order", "A-1", "--value", "125000", "--currency", "IDR")
    assert (first["new"], again["new"], again["id"], first["minor"]) == (True, False, first["id"], 12_500_000)
    back = done("conversion", "refund", "A-1", "--key", "r1", "--value", "25000", "--currency", "IDR")
    assert (back["minor"], back["refund_of"]) == (-2_500_000, first["id"])
    assert refused("conversion", "refund", "B-9", "--key", "r2").startswith(
        "1 The site Shop has no conversion"
    )

    sheet = tmp_path / "orders.csv"
    sheet.write_text("order,value,currency\nB-1,5,USD\nB-2,x,USD\nB-3,5,ABC\n")
    wrong = run("conversion", "import", str(sheet), "--json")
    assert (wrong.code, [one["line"] for one in wrong.json["wrong"]]) == (2, [3, 4])
    sheet.write_text("order,value,currency\nB-1,5,USD\n")
    assert not done("conversion", "import", str(sheet), "--dry-run")["kept"]
    assert done("conversion", "import", str(sheet))["new"] == 1
    assert done("conversion", "import", str(sheet))["known"] == 1
    assert len(done("conversion", "list")) == 3
    shared = done("stats", "attribution", "--of", "revenue", "--window", "7")
    assert (shared["total"], shared["unattributed"], shared["other_currency"]) == (100_000, 100_000, 1)
