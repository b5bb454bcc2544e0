"""What customers will buy, against the published figures of the CDNOW sample."""

import csv
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from analytics.customers import Buying, Customer, Spending, fit_buying, fit_spending, simple_value
from domain.errors import UsageError

CDNOW = Buying(r=0.2426, alpha=4.4135, a=0.7929, b=2.4258)


def test_the_published_customer() -> None:
    one = Customer(repeats=2, recency=30.43, age=38.86)

    assert f"{CDNOW.expected(one, 39):.5f}" == "1.22591"
    assert f"{CDNOW.alive(one):.5f}" == "0.72661"
    assert CDNOW.expected(Customer(0, 0, 38.86), 39) == pytest.approx(0.19478, abs=1e-5)
    assert CDNOW.alive(Customer(0, 0, 38.86)) == 1


def published_sample(folder: Path) -> list[Customer]:
    """The CDNOW sample as the package `lifetimes` ships it; only its files are read."""
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv is not None, "The sample is fetched with uv: run ./tabuh test, which finds or makes one."
    fetch = [uv, "pip", "install", "-q", "--no-deps", "--target", str(folder), "lifetimes==0.11.3"]
    subprocess.run(fetch, check=True, timeout=120)
    path = folder / "lifetimes" / "datasets" / "cdnow_customers_summary_with_transactions.csv"
    with path.open(newline="") as lines:
        return [
            Customer(int(row["x"]), float(row["t_x"]), float(row["T"]), float(row["zbar"]))
            for row in csv.DictReader(lines)
        ]


@pytest.mark.real
def test_the_published_sample_gives_the_published_models(tmp_path: Path) -> None:
    customers = published_sample(tmp_path)
    buying, spending = fit_buying(customers), fit_spending(customers)

    assert [f"{one:.4f}" for one in (buying.r, buying.alpha, buying.a, buying.b)] == [
        "0.2426", "4.4135", "0.7929", "2.4258",
    ]  # fmt: skip
    assert f"{buying.log_likelihood:.2f}" == "-9582.43"
    assert f"{buying.expected(Customer(0, 0, 38.86), 39):.5f}" == "0.19478"
    assert [f"{one:.3f}" for one in (spending.p, spending.q, spending.v)] == ["6.249", "3.745", "15.448"]
    again = [one for one in customers if one.repeats]
    mean = sum(spending.expected(one) for one in again) / len(again)
    assert f"{mean:.3f}" == "35.375"


def test_the_published_values() -> None:
    found = Spending(p=6.249, q=3.745, v=15.448)

    assert found.mean() == pytest.approx(35.17, abs=0.5)
    loyal, new = Customer(9, 30, 38, value=100), Customer(1, 30, 38, value=100)
    assert found.mean() < found.expected(new) < found.expected(loyal) < 100


def test_known_parameters_are_found_again() -> None:
    rng = np.random.default_rng(3)
    truth = Buying(r=0.8, alpha=6.0, a=0.9, b=2.5)
    customers = []
    for _ in range(3000):
        rate, leaves = rng.gamma(truth.r, 1 / truth.alpha), rng.beta(truth.a, truth.b)
        now = last = 0.0
        repeats = 0
        while True:
            now += rng.exponential(1 / rate)
            if now > 52:
                break
            repeats, last = repeats + 1, now
            if rng.random() < leaves:
                break
        values = rng.gamma(6.0, 1 / rng.gamma(4.0, 1 / 15.0), repeats)
        customers.append(Customer(repeats, last, 52.0, float(values.mean()) if repeats else 0.0))

    found, spent = fit_buying(customers), fit_spending(customers)

    assert (found.r, found.alpha) == pytest.approx((truth.r, truth.alpha), rel=0.25)
    assert found.a / (found.a + found.b) == pytest.approx(0.9 / 3.4, rel=0.2)
    assert spent.mean() == pytest.approx(6.0 * 15.0 / 3.0, rel=0.15)


def test_few_customers_get_the_plain_formula() -> None:
    with pytest.raises(UsageError, match="at least 200"):
        fit_buying([Customer(1, 2, 3)] * 10)
    with pytest.raises(UsageError, match="at least 200"):
        fit_spending([Customer(1, 2, 3, 4)] * 10)
    assert simple_value(20, 4, 3) == 240
