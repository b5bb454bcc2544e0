"""What each kind of table that can be brought in may say, and by which heads that is known."""

from collections.abc import Mapping
from typing import Final

from domain.benchmark_table import BENCHMARKS
from domain.imports import Cell, Column, ImportKind, Table
from domain.sentence import Words

_DAY: Final = Column(
    use="day",
    name=Words("Day", "Hari"),
    cell=Cell.DAY,
    needed=True,
    heads=(
        "day",
        "by day",
        "date",
        "reporting starts",
        "pelaporan dimulai",
        "awal pelaporan",
        "start date in utc",
        "start date",
        "time",
        "stat time day",
        "tanggal",
        "hari",
    ),
)
_TIME_HEADS: Final = (
    "time",
    "created at",
    "created",
    "date",
    "ordered at",
    "order date",
    "paid at",
    "processed at",
    "date created",
    "timestamp",
    "submitted at",
    "submit date utc",
    "answered at",
    "response date",
    "day",
    "waktu",
    "tanggal",
)
_ZONE: Final = Column(
    use="zone",
    name=Words("Time zone", "Zona waktu"),
    cell=Cell.TEXT,
    heads=("zone", "time zone", "timezone", "zona waktu"),
)
_CURRENCY: Final = Column(
    use="currency",
    name=Words("Currency", "Mata uang"),
    cell=Cell.CURRENCY,
    needed=True,
    fixed=True,
    heads=("currency", "currency code", "account currency", "order currency", "mata uang"),
)
_SOURCE: Final = Column(
    use="source",
    name=Words("Source", "Sumber"),
    cell=Cell.TEXT,
    fixed=True,
    heads=("source", "site", "channel", "sumber"),
)

_TABLES: Final = (
    Table(
        kind=ImportKind.ADS,
        name=Words("Ad spend", "Belanja iklan"),
        about=Words(
            "What campaigns cost day by day. A row is known again by platform, day, campaign, ad set and ad.",
            "Biaya kampanye per hari. Baris dikenali dari platform, hari, kampanye, set iklan, dan iklan.",
        ),
        columns=(
            _DAY,
            Column(
                use="until",
                name=Words("Last day", "Hari terakhir"),
                cell=Cell.DAY,
                heads=(
                    "reporting ends",
                    "end date in utc",
                    "end date",
                    "pelaporan berakhir",
                    "akhir pelaporan",
                ),
            ),
            Column(
                use="platform",
                name=Words("Platform", "Platform"),
                cell=Cell.TEXT,
                needed=True,
                fixed=True,
                heads=("platform", "ad platform", "network"),
            ),
            Column(
                use="campaign",
                name=Words("Campaign", "Kampanye"),
                cell=Cell.TEXT,
                needed=True,
                heads=("campaign name", "campaign", "campaign group name", "nama kampanye", "kampanye"),
            ),
            Column(
                use="campaign_id",
                name=Words("Campaign's number", "Nomor kampanye"),
                cell=Cell.TEXT,
                heads=("campaign id",),
            ),
            Column(
                use="ad_set",
                name=Words("Ad set", "Set iklan"),
                cell=Cell.TEXT,
                heads=(
                    "ad set name",
                    "ad group name",
                    "ad group",
                    "ad set id",
                    "ad group id",
                    "nama set iklan",
                    "set iklan",
                ),
            ),
            Column(
                use="ad",
                name=Words("Ad", "Iklan"),
                cell=Cell.TEXT,
                heads=("ad name", "ad id", "creative name", "nama iklan", "iklan"),
            ),
            Column(
                use="spend",
                name=Words("Spend", "Belanja"),
                cell=Cell.MONEY,
                needed=True,
                heads=(
                    "amount spent",
                    "total spent",
                    "spend",
                    "cost",
                    "total cost",
                    "amount",
                    "biaya",
                    "belanja",
                    "jumlah yang dibelanjakan",
                ),
            ),
            _CURRENCY,
            Column(
                use="impressions",
                name=Words("Impressions", "Tayangan"),
                cell=Cell.COUNT,
                heads=("impressions", "impr", "tayangan", "views"),
            ),
            Column(
                use="link_clicks",
                name=Words("Link clicks", "Klik tautan"),
                cell=Cell.COUNT,
                heads=(
                    "link clicks",
                    "clicks destination",
                    "outbound clicks",
                    "clicks to landing page",
                    "clicks",
                    "klik tautan",
                    "klik",
                ),
            ),
            Column(
                use="fees",
                name=Words("Taxes and fees are in it", "Termasuk pajak dan biaya"),
                cell=Cell.FLAG,
                fixed=True,
                heads=("tax included", "with fees", "termasuk pajak"),
            ),
        ),
    ),
    Table(
        kind=ImportKind.ORDERS,
        name=Words("Orders", "Pesanan"),
        about=Words(
            "What was bought and what came back. A row is known again by the order's number. Customers are "
            "kept as a hash that only this workspace can make.",
            "Apa yang dibeli dan dikembalikan. Baris dikenali dari nomor pesanan. Pelanggan disimpan sebagai "
            "hash yang hanya dapat dibuat ruang kerja ini.",
        ),
        columns=(
            Column(use="time", name=Words("Time", "Waktu"), cell=Cell.TIME, needed=True, heads=_TIME_HEADS),
            _ZONE,
            Column(
                use="id",
                name=Words("Order's number", "Nomor pesanan"),
                cell=Cell.TEXT,
                needed=True,
                heads=("order id", "order number", "order", "id", "name", "number", "nomor pesanan"),
            ),
            Column(
                use="customer",
                name=Words("Customer", "Pelanggan"),
                cell=Cell.TEXT,
                heads=("customer id", "customer", "customer email", "email", "buyer", "pelanggan"),
            ),
            Column(
                use="value",
                name=Words("Value", "Nilai"),
                cell=Cell.MONEY,
                needed=True,
                heads=(
                    "value",
                    "total",
                    "order total",
                    "amount",
                    "total price",
                    "revenue",
                    "net sales",
                    "nilai",
                    "total harga",
                ),
            ),
            Column(
                use="returned",
                name=Words("Returned", "Dikembalikan"),
                cell=Cell.MONEY,
                heads=(
                    "returned",
                    "refunded",
                    "refunded amount",
                    "amount refunded",
                    "refund",
                    "refunds",
                    "dikembalikan",
                ),
            ),
            _CURRENCY,
        ),
    ),
    Table(
        kind=ImportKind.CUSTOMERS,
        name=Words("Customers", "Pelanggan"),
        about=Words(
            "Who buys, and since when; kept as a hash that only this workspace can make.",
            "Siapa yang membeli dan sejak kapan; disimpan sebagai hash milik ruang kerja ini saja.",
        ),
        columns=(
            Column(
                use="customer",
                name=Words("Customer", "Pelanggan"),
                cell=Cell.TEXT,
                needed=True,
                heads=("customer id", "customer", "customer email", "email", "id", "pelanggan"),
            ),
            Column(
                use="time",
                name=Words("Since", "Sejak"),
                cell=Cell.TIME,
                needed=True,
                heads=("customer since", "since", "first order", "first order at", *_TIME_HEADS, "sejak"),
            ),
            _ZONE,
        ),
    ),
    Table(
        kind=ImportKind.ANSWERS,
        name=Words("Survey answers", "Jawaban survei"),
        about=Words(
            "Scores of 1 to 5 (CSAT) or 0 to 10 (NPS). A row is known again by its number, or by its time, "
            "score and words.",
            "Skor 1 sampai 5 (CSAT) atau 0 sampai 10 (NPS). Baris dikenali dari nomor, atau waktu, skor, "
            "dan kata-katanya.",
        ),
        columns=(
            Column(use="time", name=Words("Time", "Waktu"), cell=Cell.TIME, needed=True, heads=_TIME_HEADS),
            _ZONE,
            Column(
                use="survey",
                name=Words("Kind of survey", "Jenis survei"),
                cell=Cell.TEXT,
                needed=True,
                fixed=True,
                heads=("survey", "kind", "type", "jenis"),
            ),
            Column(
                use="score",
                name=Words("Score", "Skor"),
                cell=Cell.SCORE,
                needed=True,
                heads=("score", "rating", "csat", "nps", "answer", "skor", "nilai"),
            ),
            Column(
                use="words",
                name=Words("Words", "Kata-kata"),
                cell=Cell.TEXT,
                heads=("comment", "words", "feedback", "text", "why", "komentar"),
            ),
            Column(
                use="id",
                name=Words("Answer's number", "Nomor jawaban"),
                cell=Cell.TEXT,
                heads=("answer id", "response id", "id", "token"),
            ),
        ),
    ),
    Table(
        kind=ImportKind.TESTIMONIALS,
        name=Words("Testimonials", "Testimoni"),
        about=Words(
            "What people said of you. Names are kept only where the row says that they agreed.",
            "Apa kata orang tentang Anda. Nama disimpan hanya bila baris menyatakan persetujuan.",
        ),
        columns=(
            Column(use="time", name=Words("Time", "Waktu"), cell=Cell.TIME, needed=True, heads=_TIME_HEADS),
            _ZONE,
            Column(
                use="text",
                name=Words("Text", "Teks"),
                cell=Cell.TEXT,
                needed=True,
                heads=("text", "testimonial", "review", "quote", "comment", "teks", "testimoni", "ulasan"),
            ),
            Column(use="link", name=Words("Link", "Tautan"), cell=Cell.LINK, heads=("link", "url", "tautan")),
            Column(
                use="rater",
                name=Words("Who said it", "Siapa"),
                cell=Cell.TEXT,
                heads=("name", "rater", "author", "by", "nama"),
            ),
            Column(
                use="consent",
                name=Words("May be named", "Boleh disebut"),
                cell=Cell.FLAG,
                heads=("consent", "may be named", "agreed", "persetujuan", "setuju"),
            ),
            Column(
                use="positive",
                name=Words("Positive", "Positif"),
                cell=Cell.FLAG,
                heads=("positive", "positif"),
            ),
            _SOURCE,
        ),
    ),
    Table(
        kind=ImportKind.MENTIONS,
        name=Words("Mentions", "Sebutan"),
        about=Words(
            "How often a brand was mentioned on a day. A row is known again by brand, day, source and query.",
            "Berapa kali merek disebut pada suatu hari. Baris dikenali dari merek, hari, sumber, dan kueri.",
        ),
        columns=(
            _DAY,
            Column(
                use="brand",
                name=Words("Brand", "Merek"),
                cell=Cell.TEXT,
                needed=True,
                fixed=True,
                heads=("brand", "keyword", "project", "merek"),
            ),
            Column(
                use="number",
                name=Words("Mentions", "Sebutan"),
                cell=Cell.COUNT,
                needed=True,
                heads=("mentions", "count", "number", "volume", "sebutan", "jumlah"),
            ),
            _SOURCE,
            Column(
                use="query",
                name=Words("Query", "Kueri"),
                cell=Cell.TEXT,
                fixed=True,
                heads=("query", "search", "kueri"),
            ),
        ),
    ),
    Table(
        kind=ImportKind.SHARERS,
        name=Words("Sharers' followers", "Pengikut pembagi"),
        about=Words(
            "How many follow those who passed posts on. A row is known again by its number, or by day, "
            "platform and place among equal rows.",
            "Berapa pengikut mereka yang membagikan pos. Baris dikenali dari nomor, atau dari hari, "
            "platform, dan urutan di antara baris yang sama.",
        ),
        columns=(
            Column(use="time", name=Words("Time", "Waktu"), cell=Cell.TIME, needed=True, heads=_TIME_HEADS),
            _ZONE,
            Column(
                use="followers",
                name=Words("Followers", "Pengikut"),
                cell=Cell.COUNT,
                needed=True,
                heads=("followers", "follower count", "followers count", "pengikut"),
            ),
            Column(
                use="platform",
                name=Words("Platform", "Platform"),
                cell=Cell.TEXT,
                fixed=True,
                heads=("platform", "network"),
            ),
            Column(
                use="id",
                name=Words("Share's number", "Nomor pembagian"),
                cell=Cell.TEXT,
                heads=("share id", "repost id", "id", "link", "url"),
            ),
        ),
    ),
    Table(
        kind=ImportKind.SESSIONS,
        name=Words("Another tool's totals", "Total alat lain"),
        about=Words(
            "Sessions, conversions and revenue by day as another analytics tool counted them; not mixed "
            "with what Tabuh counts. A row is known again by day, source, medium and campaign.",
            "Sesi, konversi, dan pendapatan per hari menurut alat analitik lain; tidak dicampur dengan "
            "hitungan Tabuh. Baris dikenali dari hari, sumber, media, dan kampanye.",
        ),
        columns=(
            _DAY,
            Column(
                use="tool", name=Words("Tool", "Alat"), cell=Cell.TEXT, fixed=True, heads=("tool", "alat")
            ),
            Column(
                use="sessions",
                name=Words("Sessions", "Sesi"),
                cell=Cell.COUNT,
                heads=("sessions", "visits", "sesi", "kunjungan"),
            ),
            Column(
                use="engaged",
                name=Words("Engaged sessions", "Sesi aktif"),
                cell=Cell.COUNT,
                heads=("engaged sessions", "sesi aktif"),
            ),
            Column(
                use="conversions",
                name=Words("Conversions", "Konversi"),
                cell=Cell.COUNT,
                heads=("key events", "conversions", "goal conversions", "konversi"),
            ),
            Column(
                use="revenue",
                name=Words("Revenue", "Pendapatan"),
                cell=Cell.MONEY,
                heads=("total revenue", "revenue", "purchase revenue", "pendapatan"),
            ),
            _CURRENCY,
            Column(
                use="came_from",
                name=Words("Source", "Sumber"),
                cell=Cell.TEXT,
                heads=("session source", "source", "utm source", "sumber"),
            ),
            Column(
                use="medium",
                name=Words("Medium", "Media"),
                cell=Cell.TEXT,
                heads=("session medium", "medium", "utm medium", "media"),
            ),
            Column(
                use="campaign",
                name=Words("Campaign", "Kampanye"),
                cell=Cell.TEXT,
                heads=("session campaign", "session campaign name", "campaign", "utm campaign", "kampanye"),
            ),
        ),
    ),
    BENCHMARKS,
)
#: Every kind of table, in the order in which people meet them.
TABLES: Final[Mapping[ImportKind, Table]] = {one.kind: one for one in _TABLES}
