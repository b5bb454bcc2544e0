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
        "er_reach",
        Words("Engagement rate (ER/reach)", "Tingkat keterlibatan (ER/jangkauan)"),
        ENGAGEMENT,
        Metric.REACH,
        Words(
            "Engagement divided by reach. Of several posts, somebody whom two reached counts for each.",
            "Keterlibatan dibagi jangkauan. Orang yang dijangkau dua pos terhitung dua kali.",
        ),
    ),
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
    *(
        _rate(
            f"er_basic_{suffix}",
            Words(
                f"Engagement rate without shares (reactions + comments/{below.en})",
                f"Tingkat keterlibatan tanpa pembagian (reaksi + komentar/{below.id})",
            ),
            ENGAGEMENT[:2],
            denominator,
            Words(
                f"Reactions and comments divided by {below.en}, for platforms without shares.",
                f"Reaksi dan komentar dibagi {below.id}, untuk platform tanpa pembagian.",
            ),
        )
        for suffix, denominator, below in (
            ("impr", Metric.IMPRESSIONS, Words("impressions", "tayangan")),
            ("views", Metric.VIEWS, Words("views", "kali dilihat")),
            ("followers", FOLLOWERS, Words("followers", "pengikut")),
        )
    ),
    _rate(
        "ctr_impr",
        Words("Click-through rate (CTR/impressions)", "Rasio klik-tayang (RKT/tayangan)"),
        (Metric.CLICKS,),
        Metric.IMPRESSIONS,
        Words("Human clicks divided by impressions.", "Klik manusia dibagi tayangan."),
    ),
    _rate(
        "ctr_people",
        Words("Click-through rate (CTR/people reached)", "Rasio klik-tayang (RKT/orang terjangkau)"),
        (Metric.CLICKERS,),
        Metric.REACH,
        Words(
            "Share of the people reached who clicked. People who click are told apart for one day; of "
            "several posts, somebody whom two reached counts for each.",
            "Bagian orang terjangkau yang mengeklik. Pengeklik dibedakan untuk satu hari; orang yang "
            "dijangkau dua pos terhitung dua kali.",
        ),
    ),
    _rate(
        "ctr_views",
        Words("Click-through rate (CTR/views)", "Rasio klik-tayang (RKT/kali dilihat)"),
        (Metric.CLICKS,),
        Metric.VIEWS,
        Words("Human clicks divided by views.", "Klik manusia dibagi kali dilihat."),
    ),
    _rate(
        "applause_impr",
        Words("Applause rate (reactions/impressions)", "Tingkat tepuk tangan (reaksi/tayangan)"),
        (Metric.REACTIONS,),
        Metric.IMPRESSIONS,
        Words("Reactions divided by impressions.", "Reaksi dibagi tayangan."),
    ),
    _rate(
        "applause_reach",
        Words("Applause rate (reactions/reach)", "Tingkat tepuk tangan (reaksi/jangkauan)"),
        (Metric.REACTIONS,),
        Metric.REACH,
        Words(
            "Reactions divided by reach: nearest to the share of people who liked it.",
            "Reaksi dibagi jangkauan: paling dekat dengan persentase orang yang menyukainya.",
        ),
    ),
    _rate(
        "applause_views",
        Words("Applause rate (reactions/views)", "Tingkat tepuk tangan (reaksi/kali dilihat)"),
        (Metric.REACTIONS,),
        Metric.VIEWS,
        Words("Reactions divided by views.", "Reaksi dibagi kali dilihat."),
    ),
    _rate(
        "applause_followers_percent",
        Words("Applause rate (reactions/followers)", "Tingkat tepuk tangan (reaksi/pengikut)"),
        (Metric.REACTIONS,),
        FOLLOWERS,
        Words(
            "Reactions in percent of the followers at publishing: a tenth of the rate per 1,000 followers.",
            "Reaksi dalam persen pengikut saat terbit: sepersepuluh dari angka per 1.000 pengikut.",
        ),
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
        "amplification_followers_percent",
        Words("Amplification rate (shares/followers)", "Tingkat amplifikasi (pembagian/pengikut)"),
        (Metric.SHARES,),
        FOLLOWERS,
        Words(
            "Shares in percent of the followers at publishing: a tenth of the rate per 1,000 followers.",
            "Pembagian dalam persen pengikut saat terbit: sepersepuluh dari angka per 1.000 pengikut.",
        ),
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
    _rate(
        "ctr_platform_impr",
        Words(
            "Click-through rate (platform's clicks/impressions)", "Rasio klik-tayang (klik platform/tayangan)"
        ),
        (Metric.CLICKS_PLATFORM,),
        Metric.IMPRESSIONS,
        Words(
            "The platform's own link clicks divided by impressions; programs may be among them.",
            "Klik tautan menurut platform dibagi tayangan; mungkin termasuk program.",
        ),
    ),
    _rate(
        "applause_per_post",
        Words("Applause per post", "Tepuk tangan per pos"),
        (Metric.REACTIONS,),
        POSTS,
        Words("Reactions divided by measured posts.", "Reaksi dibagi pos yang terukur."),
        factor=1,
    ),
    _rate(
        "amplification_reach",
        Words("Amplification rate (shares/reach)", "Tingkat amplifikasi (pembagian/jangkauan)"),
        (Metric.SHARES,),
        Metric.REACH,
        Words("Shares divided by reach.", "Pembagian dibagi jangkauan."),
    ),
    _rate(
        "amplification_per_post",
        Words("Amplification per post", "Amplifikasi per pos"),
        (Metric.SHARES,),
        POSTS,
        Words("Shares divided by measured posts.", "Pembagian dibagi pos yang terukur."),
        factor=1,
    ),
    _rate(
        "replies_per_post",
        Words("Comments per post", "Komentar per pos"),
        (Metric.REPLIES,),
        POSTS,
        Words("Replies divided by measured posts.", "Balasan dibagi pos yang terukur."),
        factor=1,
    ),
    _rate(
        "replies_others_per_post",
        Words("Comments of others per post", "Komentar orang lain per pos"),
        (Metric.REPLIES_OTHERS,),
        POSTS,
        Words(
            "Replies without the channel's own, divided by measured posts.",
            "Balasan tanpa milik kanal sendiri, dibagi pos yang terukur.",
        ),
        factor=1,
    ),
    _rate(
        "reach_per_post",
        Words("Reach per post (mean)", "Jangkauan per pos (rata-rata)"),
        (Metric.REACH,),
        POSTS,
        Words(
            "The mean reach of the measured posts; how many people all of them reached is not known.",
            "Rata-rata jangkauan pos yang terukur; berapa orang dijangkau semuanya tidak diketahui.",
        ),
        factor=1,
    ),
    _rate(
        "impressions_per_post",
        Words("Impressions per post", "Tayangan per pos"),
        (Metric.IMPRESSIONS,),
        POSTS,
        Words("Impressions divided by measured posts.", "Tayangan dibagi pos yang terukur."),
        factor=1,
    ),
    _rate(
        "saves_impr",
        Words("Save rate (saves/impressions)", "Tingkat simpan (disimpan/tayangan)"),
        (Metric.SAVES,),
        Metric.IMPRESSIONS,
        Words("Saves divided by impressions.", "Simpanan dibagi tayangan."),
    ),
    _rate(
        "watch_per_play",
        Words("Watch time per play (seconds)", "Waktu tonton per pemutaran (detik)"),
        (Metric.WATCH_SECONDS,),
        Metric.PLAYS,
        Words("Watch time divided by video plays.", "Waktu tonton dibagi pemutaran video."),
        factor=1,
    ),
)
