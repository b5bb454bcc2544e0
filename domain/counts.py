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
            "Times a person opened the post or its page, or a video was seen as its platform counts. Where "
            "Tabuh counts, programs are counted apart.",
            "Berapa kali orang membuka pos atau halamannya, atau video dilihat menurut platformnya. Bila "
            "dihitung Tabuh, program dihitung terpisah.",
        ),
    ),
    Definition(
        key="engagement",
        name=Words("Engagement", "Keterlibatan"),
        definition=Words(
            "Reactions, comments and shares together. Clicks and saves are not in it; wider sums have names "
            "of their own.",
            "Jumlah reaksi, komentar, dan pembagian. Klik dan simpan tidak termasuk; jumlah yang lebih luas "
            "bernama lain.",
        ),
        unit=Unit.COUNT,
        shape=Shape.FLOW,
        numerator=ENGAGEMENT,
    ),
    *(
        Definition(key=key, name=name, definition=about, unit=Unit.COUNT, shape=Shape.FLOW, numerator=parts)
        for key, name, about, parts in (
            (
                "engagement_basic",
                Words("Engagement without shares", "Keterlibatan tanpa pembagian"),
                Words(
                    "Reactions and comments together, for platforms on which nothing can be passed on.",
                    "Jumlah reaksi dan komentar, untuk platform yang tidak mengenal pembagian.",
                ),
                ENGAGEMENT[:2],
            ),
            (
                "engagement_quotes",
                Words("Engagement with quotes", "Keterlibatan dengan kutipan"),
                Words("Engagement and quotes together.", "Jumlah keterlibatan dan kutipan."),
                (*ENGAGEMENT, Metric.QUOTES),
            ),
            (
                "engagement_saves",
                Words("Engagement with saves", "Keterlibatan dengan simpan"),
                Words("Engagement and saves together.", "Jumlah keterlibatan dan simpan."),
                (*ENGAGEMENT, Metric.SAVES),
            ),
            (
                "engagement_clicks",
                Words("Engagement with clicks", "Keterlibatan dengan klik"),
                Words(
                    "Engagement and human clicks on our own links together.",
                    "Jumlah keterlibatan dan klik manusia pada tautan kita.",
                ),
                (*ENGAGEMENT, Metric.CLICKS),
            ),
            (
                "shares_quotes",
                Words("Shares and quotes", "Dibagikan dan dikutip"),
                Words(
                    "Times passed on as it is or with words added, together.",
                    "Berapa kali pos diteruskan apa adanya atau dengan tambahan kata, dijumlahkan.",
                ),
                (Metric.SHARES, Metric.QUOTES),
            ),
        )
    ),
    flow(
        Metric.REACTIONS,
        "Reactions",
        "Reaksi",
        Words("Likes and other one-tap reactions.", "Suka dan reaksi sekali ketuk lainnya."),
    ),
    flow(
        Metric.REPLIES,
        "Comments",
        "Komentar",
        Words(
            "Comments on the post, those of the channel itself included.",
            "Komentar pada pos, termasuk milik kanal sendiri.",
        ),
    ),
    flow(
        Metric.SHARES,
        "Shares",
        "Dibagikan",
        Words(
            "Times passed on as it is: reposts, boosts, retweets. Quotes and private sends are apart.",
            "Berapa kali pos diteruskan apa adanya kepada orang lain. Kutipan dan kiriman pribadi dihitung "
            "terpisah.",
        ),
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
    Definition(
        key=Metric.CLICKERS,
        name=Words("People who clicked", "Orang yang mengeklik"),
        definition=Words(
            "Different people among the human clicks on a post's links. They are told apart for one day, so "
            "who comes back on another day counts again; never added up over posts.",
            "Orang berbeda di antara klik manusia pada tautan pos. Mereka dibedakan untuk satu hari, jadi "
            "yang kembali pada hari lain terhitung lagi; tidak pernah dijumlahkan antarpos.",
        ),
        unit=Unit.COUNT,
        shape=Shape.UNIQUE,
        numerator=(Metric.CLICKERS,),
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
