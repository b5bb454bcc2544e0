"""Figures of what is brought in: spend, orders, customers, answers, testimonials, mentions, other tools."""

from datetime import date
from typing import Final

from domain.breaks import Break
from domain.definition import Definition, Direction, Shape, Subject
from domain.metrics import Metric
from domain.sentence import Unit, Words

#: Meta says views in place of impressions since then; organic numbers broke on that day, and exports of both
#: sides are not one series. Source: developers.facebook.com/blog, 2025-08-15.
META_BREAK: Final = Break(
    platform="meta", metric=Metric.IMPRESSIONS, on=date(2025, 11, 15), before="impressions", after="views",
    what=Words(
        "Meta counts views in place of impressions: compare days before and after this one apart.",
        "Meta menghitung views sebagai ganti tayangan: hari sebelum dan sesudahnya bukan satu deret.",
    ),
)  # fmt: skip
#: A denominator that is no figure by itself.
PAGES_OPENED: Final = "survey_pages_opened"


def _flow(
    key: str, subject: Subject, name: Words, definition: Words, stated: Words, *, unit: Unit = Unit.COUNT,
    direction: Direction = Direction.UP,
) -> Definition:  # fmt: skip
    return Definition(
        key=key, name=name, definition=definition, unit=unit, shape=Shape.FLOW, direction=direction,
        subject=subject, stated=stated,
    )  # fmt: skip


def _rate(  # noqa: PLR0917
    key: str, subject: Subject, denominator: str, name: Words, definition: Words, stated: Words, *,
    unit: Unit, direction: Direction = Direction.UP, factor: int = 1, version: int = 1,
) -> Definition:  # fmt: skip
    return Definition(
        key=key, name=name, definition=definition, unit=unit, shape=Shape.RATE, direction=direction,
        subject=subject, stated=stated, denominator=denominator, factor=factor, version=version,
    )  # fmt: skip


_ADS: Final = (
    _flow(
        "ad_spend", Subject.ADS, Words("Ad spend", "Belanja iklan"),
        Words("What advertisements cost, as their platforms' exports say, in one currency.",
              "Biaya iklan menurut ekspor platformnya, dalam satu mata uang."),
        Words("sum of spend", "jumlah belanja"), unit=Unit.MONEY, direction=Direction.DOWN,
    ),
    _flow(
        "ad_impressions", Subject.ADS, Words("Ad impressions", "Tayangan iklan"),
        Words("Times advertisements were shown, as their platforms count. Meta counts by rules of its own "
              "that "
              "have changed: figures of before and after a change are not one series.",
              "Berapa kali iklan ditayangkan menurut platformnya. Meta menghitung dengan aturan sendiri "
              "yang pernah "
              "berubah: angka sebelum dan sesudahnya bukan satu deret."),
        Words("sum of ad impressions", "jumlah tayangan iklan"),
    ),
    _flow(
        "ad_link_clicks", Subject.ADS, Words("Ad link clicks (the platform's)", "Klik tautan iklan "
                                                                                "(platform)"),
        Words("Clicks on the links of advertisements, as their platforms count.",
              "Klik pada tautan iklan menurut platformnya."),
        Words("sum of ad link clicks", "jumlah klik tautan iklan"),
    ),
    _rate(
        "cpc_platform", Subject.ADS, "ad_link_clicks",
        Words("Cost per click (CPC/the platform's clicks)", "Biaya per klik (BPK/klik platform)"),
        Words("Spend divided by the platform's own link clicks, of the rows that have them.",
              "Belanja dibagi klik tautan menurut platform, dari baris yang memuatnya."),
        Words("spend ÷ the platform's link clicks", "belanja ÷ klik tautan menurut platform"),
        unit=Unit.MONEY, direction=Direction.DOWN,
    ),
    _rate(
        "cpc_own", Subject.ADS, "clicks",
        Words("Cost per click (CPC/own clicks of the posts advertised)",
              "Biaya per klik (BPK/klik sendiri pada pos yang diiklankan)"),
        Words("Spend divided by human clicks on our own links of the posts that it names: of its channel, "
              "and of its campaign where posts carry that name. Their clicks that cost nothing are among "
              "them; rows that name no posts are left out.",
              "Belanja dibagi klik manusia pada tautan kita sendiri di pos yang disebutnya: dari kanalnya, "
              "dan dari kampanyenya bila ada pos yang memakainya. Termasuk klik yang tidak berbayar; baris "
              "yang tidak menyebut pos dikesampingkan."),
        Words("spend that names posts ÷ human clicks on own links of these posts",
              "belanja yang menyebut pos ÷ klik manusia pada tautan sendiri di pos itu"),
        unit=Unit.MONEY, direction=Direction.DOWN, version=2,
    ),
    _rate(
        "cpm", Subject.ADS, "ad_impressions",
        Words("Cost per mille (CPM/1,000 ad impressions)", "Cost per mille (CPM/1.000 tayangan iklan)"),
        Words("What 1,000 impressions of advertisements cost, of the rows that have impressions. Meta counts "
              "impressions by rules of its own that have changed: compare Meta with Meta, within one rule.",
              "Biaya 1.000 tayangan iklan, dari baris yang memuat tayangan. Meta menghitung tayangan "
              "dengan aturan "
              "sendiri yang pernah berubah: bandingkan Meta dengan Meta, dalam satu aturan."),
        Words("1,000 × spend ÷ ad impressions", "1.000 × belanja ÷ tayangan iklan"),
        unit=Unit.MONEY, direction=Direction.DOWN, factor=1000,
    ),
)  # fmt: skip

_ORDERS: Final = (
    _flow(
        "orders", Subject.ORDERS, Words("Orders", "Pesanan"),
        Words("Orders placed, those that came back later included.",
              "Pesanan yang dibuat, termasuk yang kemudian dikembalikan."),
        Words("number of orders", "jumlah pesanan"),
    ),
    _flow(
        "order_revenue", Subject.ORDERS,
        Words("Order revenue (net of returns)", "Pendapatan pesanan (tanpa pengembalian)"),
        Words("What orders were worth less what came back, counted on the day of the order.",
              "Nilai pesanan dikurangi pengembalian, dihitung pada hari pesanan."),
        Words("sum of order values − returns", "jumlah nilai pesanan − pengembalian"), unit=Unit.MONEY,
    ),
    _rate(
        "order_value", Subject.ORDERS, "orders",
        Words("Order value (revenue/orders)", "Nilai pesanan (pendapatan/pesanan)"),
        Words("Order revenue divided by orders.", "Pendapatan pesanan dibagi jumlah pesanan."),
        Words("order revenue ÷ orders", "pendapatan pesanan ÷ pesanan"), unit=Unit.MONEY,
    ),
)  # fmt: skip

_CUSTOMERS: Final = (
    _flow(
        "customers", Subject.CUSTOMERS, Words("New customers", "Pelanggan baru"),
        Words("Different people whose first order, or first day as a customer, lies in the period.",
              "Orang berbeda yang pesanan pertamanya, atau hari pertamanya sebagai pelanggan, ada pada "
              "periode."),
        Words("number of first orders", "jumlah pesanan pertama"),
    ),
    _rate(
        "clv", Subject.CUSTOMERS, "customers",
        Words("Customer lifetime value (CLV/customers, historical)",
              "Nilai seumur hidup pelanggan (CLV/pelanggan, historis)"),
        Words("What a customer has brought until the end of the period: orders net of returns, times the "
              "margin, "
              "discounted to the first order. Without a margin it is revenue.",
              "Yang dibawa seorang pelanggan sampai akhir periode: pesanan tanpa pengembalian, kali margin, "
              "didiskonto ke pesanan pertama. Tanpa margin berarti pendapatan."),
        Words("Σ margin × net order ÷ (1 + discount)^years ÷ customers",
              "Σ margin × pesanan bersih ÷ (1 + diskonto)^tahun ÷ pelanggan"), unit=Unit.MONEY,
    ),
    _rate(
        "clv_predicted", Subject.CUSTOMERS, "customers",
        Words("Customer lifetime value (CLV/customers, predicted)",
              "Nilai seumur hidup pelanggan (CLV/pelanggan, prediksi)"),
        Words("What a customer of today will still bring in the years ahead: BG/NBD and Gamma-Gamma from 200 "
              "customers on, below that the yearly margin so far, with its interval.",
              "Yang masih akan dibawa seorang pelanggan pada tahun-tahun mendatang: BG/NBD dan Gamma-Gamma "
              "mulai 200 "
              "pelanggan; di bawahnya margin per tahun sejauh ini, dengan selangnya."),
        Words("Σ margin × expected orders × expected value, discounted ÷ customers",
              "Σ margin × pesanan harapan × nilai harapan, didiskonto ÷ pelanggan"), unit=Unit.MONEY,
    ),
)  # fmt: skip

_ANSWERS: Final = (
    _flow(
        "csat_answers", Subject.ANSWERS, Words("CSAT answers", "Jawaban CSAT"),
        Words("Answers of 1 to 5 to the question how satisfied one is.",
              "Jawaban 1 sampai 5 atas pertanyaan seberapa puas."),
        Words("number of CSAT answers", "jumlah jawaban CSAT"),
    ),
    _rate(
        "csat", Subject.ANSWERS, "csat_answers",
        Words("Customer satisfaction (CSAT/top two of five)", "Kepuasan pelanggan (CSAT/dua teratas dari "
                                                              "lima)"),
        Words("Share of answers that are 4 or 5 of five, with its Wilson interval.",
              "Bagian jawaban 4 atau 5 dari lima, dengan selang Wilson."),
        Words("100 × answers of 4 and 5 ÷ CSAT answers", "100 × jawaban 4 dan 5 ÷ jawaban CSAT"),
        unit=Unit.PERCENT, factor=100,
    ),
    _rate(
        "csat_mean", Subject.ANSWERS, "csat_answers",
        Words("Customer satisfaction (CSAT/mean)", "Kepuasan pelanggan (CSAT/rata-rata)"),
        Words("Mean of the answers, 1 to 5.", "Rata-rata jawaban, 1 sampai 5."),
        Words("sum of scores ÷ CSAT answers", "jumlah skor ÷ jawaban CSAT"), unit=Unit.RATIO,
    ),
    _flow(
        "nps_answers", Subject.ANSWERS, Words("NPS answers", "Jawaban NPS"),
        Words("Answers of 0 to 10 to the question whether one would recommend.",
              "Jawaban 0 sampai 10 atas pertanyaan apakah akan merekomendasikan."),
        Words("number of NPS answers", "jumlah jawaban NPS"),
    ),
    _rate(
        "nps", Subject.ANSWERS, "nps_answers", Words("Net promoter score (NPS/answers)",
                                                         "Net Promoter Score (NPS/jawaban)"),
        Words("Percent of answers 9 and 10 less percent of 0 to 6: from -100 to 100 points, with its "
              "interval.",
              "Persen jawaban 9 dan 10 dikurangi persen 0 sampai 6: dari -100 sampai 100 poin, dengan "
              "selangnya."),
        Words("100 × (answers of 9 and 10 − answers of 0 to 6) ÷ NPS answers",
              "100 × (jawaban 9 dan 10 − jawaban 0 sampai 6) ÷ jawaban NPS"), unit=Unit.RATIO, factor=100,
    ),
)  # fmt: skip

_RESPONSES: Final = tuple(
    _rate(
        f"{kind}_response_rate", Subject.ANSWERS, PAGES_OPENED,
        Words(f"Survey response rate ({name} answers/pages opened)",
              f"Tingkat respons survei (jawaban {name}/halaman dibuka)"),
        Words(f"Answers given on the pages of {name} surveys divided by the pages that people opened; "
              "imported answers are in neither.",
              f"Jawaban pada halaman survei {name} dibagi halaman yang dibuka orang; jawaban yang diimpor "
              "tidak termasuk."),
        Words(f"100 × {name} answers on survey pages ÷ pages opened, at most 100",
              f"100 × jawaban {name} di halaman survei ÷ halaman dibuka, paling banyak 100"),
        unit=Unit.PERCENT, factor=100,
    )
    for kind, name in (("csat", "CSAT"), ("nps", "NPS"))
)  # fmt: skip

_SAID: Final = (
    _flow(
        "testimonials", Subject.TESTIMONIALS,
        Words("Customer testimonials (positive)", "Testimonial pelanggan (positif)"),
        Words("Reviews and testimonials of customers that a person judged to be positive.",
              "Ulasan atau testimoni pelanggan yang dinilai positif oleh seseorang."),
        Words("number of positive testimonials", "jumlah testimoni positif"),
    ),
    _flow(
        "mentions", Subject.MENTIONS, Words("Mentions", "Sebutan"),
        Words("Mentions of the own brand that feeds showed or sources counted; nobody sees all of them.",
              "Sebutan merek sendiri yang ditampilkan feed atau dihitung sumber; tidak ada yang melihat "
              "semuanya."),
        Words("number of mentions of the own brand", "jumlah sebutan merek sendiri"),
    ),
    _flow(
        "mentions_tracked", Subject.MENTIONS, Words("Mentions of all brands", "Sebutan semua merek"),
        Words("Mentions of the own brand and of the competitors that are tracked.",
              "Sebutan merek sendiri dan pesaing yang dipantau."),
        Words("number of mentions of all tracked brands", "jumlah sebutan semua merek yang dipantau"),
    ),
    _rate(
        "share_of_voice", Subject.MENTIONS, "mentions_tracked",
        Words("Share of voice (own mentions/mentions of all brands)",
              "Pangsa suara (sebutan sendiri/sebutan semua merek)"),
        Words("Mentions of the own brand out of those of all tracked brands, by the sources that count all "
              "of "
              "them, with its interval.",
              "Sebutan merek sendiri dari sebutan semua merek yang dipantau, menurut sumber yang "
              "menghitung semuanya, "
              "dengan selangnya."),
        Words("100 × own mentions ÷ mentions of all tracked brands",
              "100 × sebutan sendiri ÷ sebutan semua merek yang dipantau"), unit=Unit.PERCENT, factor=100,
    ),
    *(
        Definition(
            key=f"potential_reach_{end}", name=name, unit=Unit.COUNT, shape=Shape.UNIQUE,
            subject=Subject.MENTIONS,
            definition=Words(
                f"An estimate: own followers, and {share}% of the followers of those who passed posts on. "
                "Never added up and never divided by.",
                f"Perkiraan: pengikut sendiri dan {share}% pengikut mereka yang membagikan pos. Tidak pernah "
                "dijumlahkan atau menjadi pembagi.",
            ),
            stated=Words(f"own followers + {share}% of sharers' followers",
                         f"pengikut sendiri + {share}% pengikut pembagi"),
        )
        for end, share, name in (
            ("low", 2, Words("Potential reach (low estimate)", "Jangkauan potensial (perkiraan rendah)")),
            ("high", 5, Words("Potential reach (high estimate)", "Jangkauan potensial (perkiraan tinggi)")),
            (
                "full", 100,
                Words("Potential reach (own and all sharers' followers, estimate)",
                      "Jangkauan potensial (pengikut sendiri dan semua pengikut pembagi, perkiraan)"),
            ),
        )
    ),
    Definition(
        key="potential_reach_posts",
        name=Words("Potential reach (followers at publishing, summed over posts, estimate)",
                   "Jangkauan potensial (pengikut saat terbit, dijumlahkan atas pos, perkiraan)"),
        definition=Words(
            "An estimate: the followers that each post's channel had when it went out, added up over the "
            "posts of the period. Somebody who follows counts again with each post; never divided by.",
            "Perkiraan: pengikut kanal tiap pos saat terbit, dijumlahkan atas pos dalam periode. Seorang "
            "pengikut terhitung lagi pada tiap pos; tidak pernah menjadi pembagi.",
        ),
        unit=Unit.COUNT, shape=Shape.UNIQUE, subject=Subject.MENTIONS,
        stated=Words("sum over posts of followers at publishing",
                     "jumlah atas pos dari pengikut saat terbit"),
    ),
)  # fmt: skip

#: Tool → how people call it.
TOOLS: Final = {
    "ga4": "Google Analytics",
    "plausible": "Plausible",
    "matomo": "Matomo",
    "other": "another tool",
}
_TOOLS_ID: Final = {**TOOLS, "other": "alat lain"}
#: Metric → its name, its unit.
_OF_TOOLS: Final = {
    "sessions": (Words("Sessions", "Sesi"), Unit.COUNT),
    "engaged": (Words("Engaged sessions", "Sesi aktif"), Unit.COUNT),
    "conversions": (Words("Conversions", "Konversi"), Unit.COUNT),
    "revenue": (Words("Revenue", "Pendapatan"), Unit.MONEY),
}


def _of_tool(tool: str, metric: str) -> Definition:
    name, unit = _OF_TOOLS[metric]
    return _flow(
        f"{metric}_{tool}", Subject.TOOLS,
        Words(f"{name.en} ({TOOLS[tool]})", f"{name.id} ({_TOOLS_ID[tool]})"),
        Words(f"{name.en} as {TOOLS[tool]} counts by its own rules; compared with own figures, never added "
              f"to them.",
              f"{name.id} menurut aturan {_TOOLS_ID[tool]} sendiri; dibandingkan dengan hitungan kita, "
              f"tidak pernah "
              "dijumlahkan."),
        Words(f"sum of {name.en.lower()} in {TOOLS[tool]}", f"jumlah {name.id.lower()} di {_TOOLS_ID[tool]}"),
        unit=unit,
    )  # fmt: skip


#: All of them, in the order in which people meet them.
IMPORTED: Final = (
    *_ADS,
    *_ORDERS,
    *_CUSTOMERS,
    *_ANSWERS,
    *_RESPONSES,
    *_SAID,
    *(
        _of_tool(tool, metric)
        for tool in TOOLS
        for metric in _OF_TOOLS
        if tool == "ga4" or metric != "engaged"
    ),
)
