"""The counts of the catalogue: metrics of posts, and sums of them."""

from domain.definition import ENGAGEMENT, Definition, Direction, Shape
from domain.metrics import Metric
from domain.sentence import Unit, Words


def flow(
    metric: Metric, en: str, id_: str, definition: Words, *, direction: Direction = Direction.UP
) -> Definition:
    """A cumulative count of posts."""
    return Definition(
        key=metric,
        name=Words(en, id_),
        definition=definition,
        unit=Unit.COUNT,
        shape=Shape.FLOW,
        direction=direction,
        numerator=(metric,),
    )


COUNTS = (
    flow(
        Metric.IMPRESSIONS,
        "Impressions",
        "Tayangan",
        Words(
            "Times shown, repeats included. Many platforms now say views.",
            "Berapa kali ditayangkan, termasuk berulang. Banyak platform kini menyebutnya views.",
        ),
    ),
    Definition(
        key=Metric.REACH,
        name=Words("Reach", "Jangkauan"),
        definition=Words(
            "Different people who were shown the post. Never added up over posts or days.",
            "Jumlah orang berbeda yang melihat pos. Tidak pernah dijumlahkan antarpos atau antarhari.",
        ),
        unit=Unit.COUNT,
        shape=Shape.UNIQUE,
        numerator=(Metric.REACH,),
    ),
    Definition(
        key="reach_largest",
        name=Words("Reach of the largest post", "Jangkauan pos terbesar"),
        definition=Words(
            "The reach of the one post that reached most: what the whole reached is at least that many.",
            "Jangkauan pos yang paling banyak menjangkau: keseluruhan menjangkau sedikitnya sebanyak itu.",
        ),
        unit=Unit.COUNT,
        shape=Shape.LARGEST,
        numerator=(Metric.REACH,),
        stated=Words("largest reach of a single post", "jangkauan terbesar satu pos"),
    ),
    flow(
        Metric.VIEWS,
        "Views",
        "Kali dilihat",
        Words(
            "Times a person opened the post or its page; programs are counted apart.",
            "Berapa kali orang membuka pos atau halamannya; program dihitung terpisah.",
        ),
    ),
    Definition(
        key="engagement",
        name=Words("Engagement", "Keterlibatan"),
        definition=Words(
            "Reactions, replies and shares together. Clicks and saves are not in it.",
            "Jumlah reaksi, balasan, dan pembagian. Klik dan simpan tidak termasuk.",
        ),
        unit=Unit.COUNT,
        shape=Shape.FLOW,
        numerator=ENGAGEMENT,
    ),
    flow(
        Metric.REACTIONS,
        "Reactions",
        "Reaksi",
        Words("Likes and other one-tap reactions.", "Suka dan reaksi sekali ketuk lainnya."),
    ),
    flow(
        Metric.REPLIES,
        "Replies",
        "Balasan",
        Words("Comments on the post.", "Komentar pada pos."),
    ),
    flow(
        Metric.SHARES,
        "Shares",
        "Dibagikan",
        Words("Times passed on: reposts, boosts, retweets.", "Berapa kali pos diteruskan kepada orang lain."),
    ),
    flow(
        Metric.QUOTES,
        "Quotes",
        "Kutipan",
        Words("Times passed on with words added.", "Berapa kali pos diteruskan dengan tambahan kata."),
    ),
    flow(
        Metric.SAVES,
        "Saves",
        "Disimpan",
        Words("Times kept to be read later.", "Berapa kali pos disimpan untuk dibaca nanti."),
    ),
    flow(
        Metric.CLICKS,
        "Clicks",
        "Klik",
        Words(
            "Human clicks on our own links; programs and unknown are counted apart.",
            "Klik manusia pada tautan kita; program dan yang tak dikenal dihitung terpisah.",
        ),
    ),
    flow(
        Metric.VISITS,
        "Visits",
        "Kunjungan",
        Words(
            "Human page views that came from outside the page: each opens one visit.",
            "Kunjungan manusia yang datang dari luar halaman: masing-masing membuka satu kunjungan.",
        ),
    ),
    flow(
        Metric.CLICKS_BOT,
        "Clicks by programs",
        "Klik oleh program",
        Words(
            "Requests of known programs for our links, such as link previews.",
            "Permintaan program yang dikenal atas tautan kita, misalnya pratinjau tautan.",
        ),
        direction=Direction.DOWN,
    ),
    flow(
        Metric.CLICKS_UNKNOWN,
        "Clicks of unknown origin",
        "Klik tak dikenal",
        Words(
            "Requests for our links that may be people or programs.",
            "Permintaan atas tautan kita yang mungkin manusia atau program.",
        ),
    ),
    flow(
        Metric.VIEWS_BOT,
        "Views by programs",
        "Dilihat oleh program",
        Words(
            "Page views of known programs, such as search engines.",
            "Halaman yang dibuka program yang dikenal, misalnya mesin pencari.",
        ),
        direction=Direction.DOWN,
    ),
    flow(
        Metric.VIEWS_UNKNOWN,
        "Views of unknown origin",
        "Dilihat, asal tak dikenal",
        Words(
            "Page views that may be people or programs.",
            "Halaman yang dibuka entah oleh manusia atau program.",
        ),
    ),
    Definition(
        key="posts_published",
        name=Words("Posts published", "Pos terbit"),
        definition=Words("Posts that went out in the period.", "Pos yang terbit dalam periode itu."),
        unit=Unit.COUNT,
        shape=Shape.POSTS,
        numerator=(),
    ),
)
