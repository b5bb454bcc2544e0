"""Counts of channels themselves: what is the case there at a moment, and how it changes."""

from domain.definition import Definition, Shape
from domain.metrics import Metric
from domain.sentence import Unit, Words

CHANNEL_COUNTS = (
    Definition(
        key=Metric.FOLLOWERS,
        name=Words("Followers", "Pengikut"),
        definition=Words(
            "Who follows the channels. Somebody who follows two of them is counted twice.",
            "Yang mengikuti kanal. Orang yang mengikuti dua kanal terhitung dua kali.",
        ),
        unit=Unit.COUNT,
        shape=Shape.STOCK,
        numerator=(Metric.FOLLOWERS,),
    ),
    Definition(
        key="follower_growth",
        name=Words("Follower growth", "Pertambahan pengikut"),
        definition=Words(
            "Followers at the end of the period minus those at its start; can be negative.",
            "Pengikut pada akhir periode dikurangi pada awalnya; dapat negatif.",
        ),
        unit=Unit.COUNT,
        shape=Shape.GROWTH,
        numerator=(Metric.FOLLOWERS,),
    ),
    Definition(
        key="follower_growth_rate",
        name=Words("Follower growth (percent of the start)", "Pertambahan pengikut (persen dari awal)"),
        definition=Words(
            "Follower growth divided by the followers at the start of the period.",
            "Pertambahan pengikut dibagi jumlah pengikut pada awal periode.",
        ),
        unit=Unit.PERCENT,
        shape=Shape.GROWTH_RATE,
        numerator=(Metric.FOLLOWERS,),
        stated=Words(
            "100 × (followers at the end − at the start) ÷ followers at the start",
            "100 × (pengikut pada akhir − pada awal) ÷ pengikut pada awal",
        ),
    ),
    Definition(
        key=Metric.CHANNEL_POSTS,
        name=Words("Posts on the platform", "Pos di platform"),
        definition=Words(
            "Everything the channels have posted there, in the platform's own count, whoever sent it.",
            "Semua yang telah diposkan kanal di sana menurut hitungan platform, siapa pun pengirimnya.",
        ),
        unit=Unit.COUNT,
        shape=Shape.STOCK,
        numerator=(Metric.CHANNEL_POSTS,),
    ),
    Definition(
        key=Metric.CHANNEL_VIEWS,
        name=Words("Views of the whole channel", "Kanal dilihat seluruhnya"),
        definition=Words(
            "How often all that the channels hold was seen, in the platform's own count.",
            "Berapa kali seluruh isi kanal dilihat menurut hitungan platform.",
        ),
        unit=Unit.COUNT,
        shape=Shape.STOCK,
        numerator=(Metric.CHANNEL_VIEWS,),
    ),
)
