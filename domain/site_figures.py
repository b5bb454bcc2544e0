"""The figures of the catalogue that are counted of the workspace's own sites."""

from datetime import timedelta
from typing import Final

from domain.definition import Definition, Direction, Shape, Subject
from domain.sentence import Unit, Words

#: How long after a click a conversion still counts as its own; the names say so.
WINDOW: Final = timedelta(days=30)
#: Denominators that are no figure by themselves.
CLICKERS: Final = "human_clickers"
ORDERS: Final = "orders_with_value"
REACHED: Final = "people_reached"

_MODEL = Words("last click, 30 days", "klik terakhir, 30 hari")


def _flow(key: str, name: Words, definition: Words, stated: Words, *, unit: Unit = Unit.COUNT) -> Definition:
    return Definition(
        key=key,
        name=name,
        definition=definition,
        unit=unit,
        shape=Shape.FLOW,
        subject=Subject.SITES,
        stated=stated,
    )


def _rate(
    key: str,
    name: Words,
    definition: Words,
    stated: Words,
    denominator: str,
    *,
    unit: Unit = Unit.PERCENT,
    direction: Direction = Direction.UP,
) -> Definition:
    return Definition(
        key=key,
        name=name,
        definition=definition,
        unit=unit,
        shape=Shape.RATE,
        direction=direction,
        denominator=denominator,
        factor=100 if unit is Unit.PERCENT else 1,
        subject=Subject.SITES,
        stated=stated,
    )


SITE_FIGURES = (
    _flow(
        "web_visits",
        Words("Web traffic (visits to own sites)", "Lalu lintas web (kunjungan ke situs sendiri)"),
        Words(
            "Visits of people to your sites: page views without 30 minutes of silence or a new source "
            "between.",
            "Kunjungan orang ke situs Anda: tampilan halaman tanpa jeda 30 menit atau sumber baru di "
            "antaranya.",
        ),
        Words("visits of people", "kunjungan orang"),
    ),
    _flow(
        "visits_clicked",
        Words("Visits from our links", "Kunjungan dari tautan kita"),
        Words(
            "Visits to your sites that a click on one of your short links brought.",
            "Kunjungan ke situs Anda yang datang dari klik pada tautan pendek Anda.",
        ),
        Words("visits that a click brought", "kunjungan yang dibawa klik"),
    ),
    _flow(
        "landings",
        Words("Landings (clicks that reached a site)", "Pendaratan (klik yang sampai ke situs)"),
        Words(
            "Human clicks on your short links whose page on your site was loaded with the script.",
            "Klik manusia pada tautan pendek Anda yang halamannya di situs Anda termuat bersama skripnya.",
        ),
        Words("human clicks with a page view", "klik manusia yang disusul tampilan halaman"),
    ),
    _rate(
        "bounce_rate_ua",
        Words(
            "Bounce rate (single-page visits/visits, as Universal Analytics)",
            "Rasio pentalan (kunjungan satu halaman/kunjungan, seperti Universal Analytics)",
        ),
        Words(
            "Share of visits with one page view, however long it was read.",
            "Bagian kunjungan dengan satu tampilan halaman, berapa lama pun dibaca.",
        ),
        Words("100 × visits of one page ÷ visits", "100 × kunjungan satu halaman ÷ kunjungan"),
        "web_visits",
        direction=Direction.DOWN,
    ),
    _rate(
        "bounce_rate_ga4",
        Words(
            "Bounce rate (visits not engaged/visits, as GA4)",
            "Rasio pentalan (kunjungan tanpa keterlibatan/kunjungan, seperti GA4)",
        ),
        Words(
            "Share of visits that lasted at most 10 seconds, saw one page, and had no key event.",
            "Bagian kunjungan yang paling lama 10 detik, satu halaman, dan tanpa peristiwa penting.",
        ),
        Words(
            "100 × visits not engaged ÷ visits; engaged: over 10 seconds, two pages, or a key event",
            "100 × kunjungan tanpa keterlibatan ÷ kunjungan; terlibat: lebih dari 10 detik, dua halaman, "
            "atau peristiwa penting",
        ),
        "web_visits",
        direction=Direction.DOWN,
    ),
    _rate(
        "visit_seconds",
        Words("Seconds per visit (visible time/visits)", "Detik per kunjungan (waktu terlihat/kunjungan)"),
        Words(
            "Time for which the pages of a visit were visible, together.",
            "Lama halaman-halaman satu kunjungan terlihat, seluruhnya.",
        ),
        Words("visible seconds ÷ visits", "detik terlihat ÷ kunjungan"),
        "web_visits",
        unit=Unit.RATIO,
    ),
    _flow(
        "conversions",
        Words("Conversions (key events)", "Konversi (peristiwa penting)"),
        Words(
            "Orders, registrations and the like that count as success on their site. In a channel, route or "
            f"feed: by {_MODEL.en}.",
            "Pesanan, pendaftaran, dan sejenisnya yang di situsnya terhitung sebagai keberhasilan. Pada "
            f"kanal, rute, atau feed: menurut {_MODEL.id}.",
        ),
        Words("key events of people", "peristiwa penting oleh orang"),
    ),
    _rate(
        "conversion_rate",
        Words(
            f"Conversion rate (converting clickers/human clickers, {_MODEL.en})",
            f"Tingkat konversi (pengeklik yang berkonversi/pengeklik manusia, {_MODEL.id})",
        ),
        Words(
            "Share of the people who clicked in the period and converted within 30 days of their click. "
            "People are told apart for one day; a click without a hash is one person.",
            "Bagian orang yang mengeklik dalam periode dan berkonversi dalam 30 hari setelah kliknya. Orang "
            "dibedakan untuk satu hari; klik tanpa hash dihitung satu orang.",
        ),
        Words(
            "100 × human clickers with a key event within 30 days ÷ human clickers",
            "100 × pengeklik manusia dengan peristiwa penting dalam 30 hari ÷ pengeklik manusia",
        ),
        CLICKERS,
    ),
    _rate(
        "conversion_rate_clicks",
        Words(
            f"Conversion rate (conversions/human clicks, {_MODEL.en})",
            f"Tingkat konversi (konversi/klik manusia, {_MODEL.id})",
        ),
        Words(
            "Conversions within 30 days of clicks in the period, divided by those clicks; can exceed 100%.",
            "Konversi dalam 30 hari setelah klik dalam periode, dibagi klik itu; dapat melebihi 100%.",
        ),
        Words(
            "100 × key events within 30 days of a click ÷ human clicks",
            "100 × peristiwa penting dalam 30 hari setelah klik ÷ klik manusia",
        ),
        "clicks",
    ),
    _rate(
        "conversion_rate_reach",
        Words(
            f"Conversion rate (converting clickers/people reached, {_MODEL.en})",
            f"Tingkat konversi (pengeklik yang berkonversi/orang terjangkau, {_MODEL.id})",
        ),
        Words(
            "Share of the people reached by the posts of the period who clicked and converted within 30 days "
            "of their click. Of several posts, somebody whom two reached counts for each.",
            "Bagian orang terjangkau pos dalam periode yang mengeklik dan berkonversi dalam 30 hari setelah "
            "kliknya. Orang yang dijangkau dua pos terhitung dua kali.",
        ),
        Words(
            "100 × human clickers of posts with a key event within 30 days ÷ reach of these posts",
            "100 × pengeklik manusia pada pos dengan peristiwa penting dalam 30 hari ÷ jangkauan pos itu",
        ),
        REACHED,
    ),
    _rate(
        "conversion_rate_visits",
        Words(
            "Conversion rate (visits with a conversion/visits)",
            "Tingkat konversi (kunjungan dengan konversi/kunjungan)",
        ),
        Words(
            "Share of visits during or after which somebody converted.",
            "Bagian kunjungan yang disertai atau disusul konversi.",
        ),
        Words(
            "100 × visits with a key event ÷ visits", "100 × kunjungan dengan peristiwa penting ÷ kunjungan"
        ),
        "web_visits",
    ),
    _flow(
        "revenue",
        Words("Revenue (less refunds)", "Pendapatan (dikurangi pengembalian)"),
        Words(
            "What conversions brought, in the workspace's currency, less what was given back, each on its "
            f"own day. In a channel, route or feed: by {_MODEL.en}.",
            "Hasil konversi dalam mata uang ruang kerja dikurangi yang dikembalikan, masing-masing pada "
            f"harinya. Pada kanal, rute, atau feed: menurut {_MODEL.id}.",
        ),
        Words("values of key events − refunds", "nilai peristiwa penting − pengembalian"),
        unit=Unit.MONEY,
    ),
    _flow(
        "revenue_gross",
        Words("Revenue (before refunds)", "Pendapatan (sebelum pengembalian)"),
        Words(
            "What conversions brought, in the workspace's currency, with nothing taken off. In a channel, "
            f"route or feed: by {_MODEL.en}.",
            "Hasil konversi dalam mata uang ruang kerja, tanpa pengurangan. Pada kanal, rute, atau feed: "
            f"menurut {_MODEL.id}.",
        ),
        Words("values of key events", "nilai peristiwa penting"),
        unit=Unit.MONEY,
    ),
    _flow(
        "revenue_first",
        Words("Revenue (first click, 30 days)", "Pendapatan (klik pertama, 30 hari)"),
        Words(
            "As revenue, credited to the first visit of ours within 30 days before the conversion; what none "
            "preceded is not in it.",
            "Seperti pendapatan, diberikan kepada kunjungan pertama dari kita dalam 30 hari sebelum "
            "konversi; yang tidak didahului apa pun tidak termasuk.",
        ),
        Words(
            "values of key events − refunds, all to the first of our visits",
            "nilai peristiwa penting − pengembalian, semua kepada kunjungan pertama dari kita",
        ),
        unit=Unit.MONEY,
    ),
    _flow(
        "revenue_linear",
        Words("Revenue (linear, 30 days)", "Pendapatan (linear, 30 hari)"),
        Words(
            "As revenue, shared evenly by the visits of ours within 30 days before the conversion; what none "
            "preceded is not in it.",
            "Seperti pendapatan, dibagi rata kepada kunjungan dari kita dalam 30 hari sebelum konversi; yang "
            "tidak didahului apa pun tidak termasuk.",
        ),
        Words(
            "values of key events − refunds, shared evenly by our visits",
            "nilai peristiwa penting − pengembalian, dibagi rata kepada kunjungan dari kita",
        ),
        unit=Unit.MONEY,
    ),
    _rate(
        "average_order_value",
        Words(
            "Average order value (before refunds/orders with a value)",
            "Rata-rata nilai pesanan (sebelum pengembalian/pesanan bernilai)",
        ),
        Words(
            "What conversions with a value in the workspace's currency were worth on average, before "
            "refunds.",
            "Rata-rata nilai konversi dalam mata uang ruang kerja, sebelum pengembalian.",
        ),
        Words(
            "values of key events ÷ key events with a value",
            "nilai peristiwa penting ÷ peristiwa penting bernilai",
        ),
        ORDERS,
        unit=Unit.MONEY,
    ),
)
