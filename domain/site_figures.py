"""The figures of the catalogue that are counted of the workspace's own sites."""

from datetime import timedelta
from typing import Final

from domain.definition import Definition, Direction, Shape, Subject
from domain.sentence import Unit, Words

#: How long after a click a conversion still counts as its own, where no other time is chosen; names say so.
WINDOW: Final = timedelta(days=30)
#: Denominators that are no figure by themselves.
CLICKERS: Final = "human_clickers"
ORDERS: Final = "orders_with_value"
REACHED: Final = "people_reached"

_MODEL = Words("last click, 30 days", "klik terakhir, 30 hari")


def site_flow(
    key: str, name: Words, definition: Words, stated: Words, *, unit: Unit = Unit.COUNT
) -> Definition:
    """A figure of sites that adds up."""
    return Definition(
        key=key,
        name=name,
        definition=definition,
        unit=unit,
        shape=Shape.FLOW,
        subject=Subject.SITES,
        stated=stated,
    )


def site_rate(
    key: str,
    name: Words,
    definition: Words,
    stated: Words,
    denominator: str,
    *,
    unit: Unit = Unit.PERCENT,
    direction: Direction = Direction.UP,
) -> Definition:
    """A ratio of sums of sites."""
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
    site_flow(
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
    site_flow(
        "visits_clicked",
        Words("Visits from our links", "Kunjungan dari tautan kita"),
        Words(
            "Visits to your sites that a click on one of your short links brought.",
            "Kunjungan ke situs Anda yang datang dari klik pada tautan pendek Anda.",
        ),
        Words("visits that a click brought", "kunjungan yang dibawa klik"),
    ),
    site_flow(
        "landings",
        Words("Landings (clicks that reached a site)", "Pendaratan (klik yang sampai ke situs)"),
        Words(
            "Human clicks on your short links whose page on your site was loaded with the script.",
            "Klik manusia pada tautan pendek Anda yang halamannya di situs Anda termuat bersama skripnya.",
        ),
        Words("human clicks with a page view", "klik manusia yang disusul tampilan halaman"),
    ),
    site_rate(
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
    site_rate(
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
    site_rate(
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
    site_flow(
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
    site_rate(
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
    site_flow(
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
    site_flow(
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
    site_rate(
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
