"""The figures are called what the source texts call them."""

import re
from pathlib import Path

import pytest

from domain.catalogue import definition

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
#: What the first text lists, by our key.
NAMED = {
    "Jangkauan": "reach",
    "Keterlibatan": "engagement",
    "Komentar": "replies",
    "Klik": "clicks",
    "Dibagikan": "shares",
    "Sebutan": "mentions",
    "Tingkat Tepuk Tangan": "applause_impr",
    "Tingkat Keterlibatan Rata-rata": "er_followers_mean",
    "Tingkat Amplifikasi": "amplification_reach",
    "Tingkat Konversi": "conversion_rate",
    "Rasio Klik-Tayang (RKT)": "ctr_impr",
    "Rasio Pentalan": "bounce_rate_ua",
    "Biaya Per Klik (BPK)": "cpc_platform",
    "Cost Per Mille (CPM)": "cpm",
    "Pendapatan": "revenue",
    "Testimonial Pelanggan": "testimonials",
    "Kepuasan Pelanggan (CSAT)": "csat",
    "Net Promoter Score (NPS)": "nps",
    "Nilai Seumur Hidup Pelanggan (CLV)": "clv",
}
#: What the second adds, in its English words.
ADDED = {
    "Follower Count": ("followers", "Followers"),
    "Impressions": ("impressions", "Impressions"),
    "Potential Reach": ("potential_reach_low", "Potential reach"),
    "Web Traffic": ("web_visits", "Web traffic"),
    "Share of Voice": ("share_of_voice", "Share of voice"),
}


@pytest.mark.parametrize(("called", "key"), NAMED.items())
def test_a_figure_has_the_name_of_the_first_text(called: str, key: str) -> None:
    name = definition(key).name.id.casefold()

    words, _, short = called.casefold().rstrip(")").partition(" (")
    assert words in name
    assert short in name


def test_every_kpi_of_both_texts_has_a_figure() -> None:
    if not SEEDS.is_dir():
        pytest.skip("The two source texts do not lie beside the project.")
    first, second = (path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt")))

    assert re.findall(r"^\s*\d+\. ([^:\n]+): ", first, re.MULTILINE) == list(NAMED)
    for called, (key, name) in ADDED.items():
        assert called in second
        assert definition(key).name.en.startswith(name)
    assert len(NAMED) + len(ADDED) == 24
