"""Counts that only some platforms keep, each under a name of its own so that nothing is mixed."""

from domain.counts import flow
from domain.metrics import Metric
from domain.sentence import Words

PLATFORM_COUNTS = (
    flow(
        Metric.REPLIES_OTHERS,
        "Comments of others",
        "Komentar orang lain",
        Words(
            "Comments on the post without those that the channel itself wrote.",
            "Komentar pada pos tanpa yang ditulis kanal itu sendiri.",
        ),
    ),
    flow(
        Metric.SENDS,
        "Sends",
        "Dikirim",
        Words(
            "Times passed on in private, such as by direct message.",
            "Berapa kali pos diteruskan secara pribadi, misalnya lewat pesan langsung.",
        ),
    ),
    flow(
        Metric.CLICKS_PLATFORM,
        "Link clicks (platform)",
        "Klik tautan (platform)",
        Words(
            "Clicks on links as the platform counts them, programs perhaps included. Ours are counted apart.",
            "Klik pada tautan menurut platform; mungkin termasuk program. Klik kita dihitung terpisah.",
        ),
    ),
    flow(
        Metric.CLICKS_ALL,
        "Clicks of any kind (platform)",
        "Segala klik (platform)",
        Words(
            "Every click on the post as the platform counts it: links, pictures, names, more.",
            "Semua klik pada pos menurut platform: tautan, gambar, nama, selengkapnya.",
        ),
    ),
    flow(
        Metric.PROFILE_VISITS,
        "Profile visits",
        "Kunjungan profil",
        Words(
            "Times people went from the post to who wrote it.",
            "Berapa kali orang beranjak dari pos ke profil penulisnya.",
        ),
    ),
    flow(
        Metric.PLAYS,
        "Video plays",
        "Pemutaran video",
        Words(
            "Times a video began to play, as long as the platform asks for.",
            "Berapa kali video mulai diputar, selama yang disyaratkan platform.",
        ),
    ),
    flow(
        Metric.WATCH_SECONDS,
        "Watch time (seconds)",
        "Waktu tonton (detik)",
        Words(
            "For how long the video ran on all screens together, in seconds.",
            "Berapa lama video diputar di semua layar bersama-sama, dalam detik.",
        ),
    ),
)
