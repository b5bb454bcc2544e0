"""The rates of the catalogue; each name carries its denominator."""

from domain.definition import ENGAGEMENT, FOLLOWERS, POSTS, Definition, Shape
from domain.metrics import Metric
from domain.sentence import Unit, Words

_PER_FOLLOWERS = Words("per 1,000 followers", "per 1.000 pengikut")


def _rate(
    key: str,
    name: Words,
    numerator: tuple[Metric, ...],
    denominator: str,
    definition: Words,
    *,
    factor: int = 100,
) -> Definition:
    return Definition(
        key=key,
        name=name,
        definition=definition,
        unit=Unit.PERCENT if factor == 100 else Unit.RATIO,
        shape=Shape.RATE,
        numerator=numerator,
        denominator=denominator,
        factor=factor,
    )


RATES = (
    _rate(
        "er_impr",
        Words("Engagement rate (ER/impressions)", "Tingkat keterlibatan (ER/tayangan)"),
        ENGAGEMENT,
        Metric.IMPRESSIONS,
        Words("Engagement divided by impressions.", "Keterlibatan dibagi tayangan."),
    ),
    _rate(
        "er_views",
        Words("Engagement rate (ER/views)", "Tingkat keterlibatan (ER/kali dilihat)"),
        ENGAGEMENT,
        Metric.VIEWS,
        Words("Engagement divided by views.", "Keterlibatan dibagi kali dilihat."),
    ),
    _rate(
        "er_followers",
        Words("Engagement rate (ER/followers)", "Tingkat keterlibatan (ER/pengikut)"),
        ENGAGEMENT,
        FOLLOWERS,
        Words(
            "Engagement divided by the followers the channel had when the post went out.",
            "Keterlibatan dibagi jumlah pengikut kanal saat pos terbit.",
        ),
    ),
    _rate(
        "ctr_impr",
        Words("Click-through rate (CTR/impressions)", "Rasio klik-tayang (RKT/tayangan)"),
        (Metric.CLICKS,),
        Metric.IMPRESSIONS,
        Words("Human clicks divided by impressions.", "Klik manusia dibagi tayangan."),
    ),
    _rate(
        "applause_impr",
        Words("Applause rate (reactions/impressions)", "Tingkat tepuk tangan (reaksi/tayangan)"),
        (Metric.REACTIONS,),
        Metric.IMPRESSIONS,
        Words("Reactions divided by impressions.", "Reaksi dibagi tayangan."),
    ),
    _rate(
        "clicks_per_1000_followers",
        Words(f"Clicks {_PER_FOLLOWERS.en}", f"Klik {_PER_FOLLOWERS.id}"),
        (Metric.CLICKS,),
        FOLLOWERS,
        Words(
            "Human clicks for each thousand followers at publishing; for platforms without impressions.",
            "Klik manusia untuk setiap seribu pengikut saat terbit; untuk platform tanpa tayangan.",
        ),
        factor=1000,
    ),
    _rate(
        "applause_followers",
        Words(f"Applause {_PER_FOLLOWERS.en}", f"Tepuk tangan {_PER_FOLLOWERS.id}"),
        (Metric.REACTIONS,),
        FOLLOWERS,
        Words(
            "Reactions for each thousand followers at publishing.",
            "Reaksi untuk setiap seribu pengikut saat terbit.",
        ),
        factor=1000,
    ),
    _rate(
        "amplification_followers",
        Words(f"Amplification {_PER_FOLLOWERS.en}", f"Amplifikasi {_PER_FOLLOWERS.id}"),
        (Metric.SHARES,),
        FOLLOWERS,
        Words(
            "Shares for each thousand followers at publishing.",
            "Pembagian untuk setiap seribu pengikut saat terbit.",
        ),
        factor=1000,
    ),
    _rate(
        "engagement_per_post",
        Words("Engagement per post", "Keterlibatan per pos"),
        ENGAGEMENT,
        POSTS,
        Words("Engagement divided by measured posts.", "Keterlibatan dibagi pos yang terukur."),
        factor=1,
    ),
    _rate(
        "clicks_per_post",
        Words("Clicks per post", "Klik per pos"),
        (Metric.CLICKS,),
        POSTS,
        Words("Human clicks divided by measured posts.", "Klik manusia dibagi pos yang terukur."),
        factor=1,
    ),
)
