"""What is said about figures of what is brought in, in English and Indonesian."""

from collections.abc import Mapping
from typing import Final

from domain.sentence import Words

IMPORTED_SENTENCES: Final[Mapping[str, Words]] = {
    "absent.no_ads": Words(
        "No ad spend was brought in yet: import it under Business, or with tabuh import ads FILE.",
        "Belanja iklan belum dimasukkan: impor di halaman Bisnis, atau dengan tabuh import ads FILE.",
    ),
    "absent.no_orders": Words(
        "No orders were brought in yet: import them under Business, or with tabuh import orders FILE.",
        "Pesanan belum dimasukkan: impor di halaman Bisnis, atau dengan tabuh import orders FILE.",
    ),
    "absent.no_customers": Words(
        "Nobody is known to have bought yet: import orders that name customers, with tabuh import orders "
        "FILE.",
        "Belum ada pembeli yang dikenal: impor pesanan yang menyebut pelanggan, dengan tabuh import orders "
        "FILE.",
    ),
    "absent.no_answers": Words(
        "No answers yet: ask with tabuh survey add NAME, or bring answers in with tabuh import answers FILE.",
        "Belum ada jawaban: tanyakan dengan tabuh survey add NAMA, atau impor dengan tabuh import answers "
        "FILE.",
    ),
    "absent.no_testimonials": Words(
        "No testimonials were brought in yet: tabuh testimonial add TEXT, or tabuh import testimonials FILE.",
        "Testimoni belum dimasukkan: tabuh testimonial add TEKS, atau tabuh import testimonials FILE.",
    ),
    "absent.no_brand": Words(
        "No brand is tracked yet: add the own one with tabuh brand add NAME --own.",
        "Belum ada merek yang dipantau: tambahkan merek sendiri dengan tabuh brand add NAMA --own.",
    ),
    "absent.no_mentions": Words(
        "Nothing counts mentions of the own brand yet: tabuh brand watch NAME FEED, or tabuh import "
        "mentions FILE.",
        "Sebutan merek sendiri belum dihitung: tabuh brand watch NAMA FEED, atau tabuh import mentions FILE.",
    ),
    "absent.no_competitor": Words(
        "A share of voice needs a competitor that is tracked too: tabuh brand add NAME.",
        "Pangsa suara memerlukan pesaing yang juga dipantau: tabuh brand add NAMA.",
    ),
    "absent.no_common_source": Words(
        "No source counts mentions of all tracked brands, so their shares cannot be compared.",
        "Tidak ada sumber yang menghitung sebutan semua merek, jadi pangsanya tidak dapat dibandingkan.",
    ),
    "absent.no_sharers": Words(
        "Who passed posts on is not known: bring their follower counts in with tabuh import sharers FILE. "
        "Without them the potential reach of followers at publishing can be had.",
        "Siapa yang membagikan pos belum diketahui: impor jumlah pengikutnya dengan tabuh import sharers "
        "FILE. Tanpa itu tersedia jangkauan potensial dari pengikut saat terbit.",
    ),
    "absent.no_followers_ever": Words(
        "No channel's followers were counted yet: tabuh channel add connects one whose platform tells them.",
        "Pengikut kanal belum pernah dihitung: tabuh channel add menghubungkan kanal yang platformnya "
        "menyebutkannya.",
    ),
    "absent.no_survey": Words(
        "Nobody has opened a survey's page yet: ask with tabuh survey add NAME and share its address.",
        "Belum ada yang membuka halaman survei: tanyakan dengan tabuh survey add NAMA dan bagikan alamatnya.",
    ),
    "absent.no_tool": Words(
        "No totals of {tool} were read yet: connect it with tabuh connector add, or tabuh import sessions "
        "FILE.",
        "Total {tool} belum dibaca: hubungkan dengan tabuh connector add, atau tabuh import sessions FILE.",
    ),
    "absent.few_answers": Words(
        "{have} answers are too few for a score: {need} are needed.",
        "{have} jawaban terlalu sedikit untuk sebuah skor: perlu {need}.",
    ),
    "absent.short_history": Words(
        "The history of orders is too short: {have} days, and {need} are needed.",
        "Riwayat pesanan terlalu singkat: {have} hari, perlu {need}.",
    ),
    "absent.column": Words(
        "The imported rows do not hold {metric}.", "Baris yang diimpor tidak memuat {metric}."
    ),
    "absent.few_customers": Words(
        "{have} customers are too few for a mean: {need} are needed.",
        "{have} pelanggan terlalu sedikit untuk rata-rata: perlu {need}.",
    ),
    "absent.scope_ads": Words(
        "No ad spend was brought in for this channel: name it at the import, or choose the whole workspace.",
        "Belum ada belanja iklan untuk kanal ini: sebutkan saat mengimpor, atau pilih seluruh ruang kerja.",
    ),
    "absent.ads_of_no_posts": Words(
        "None of the ad spend says which posts it was for. Name the channel at the import (`tabuh import ads "
        "FILE --channel NAME`), or give posts the campaign's name; the cost per click of the platform's own "
        "clicks can be had without.",
        "Belanja iklan tidak menyebut pos mana yang diiklankan. Sebutkan kanalnya saat mengimpor (`tabuh "
        "import ads FILE --channel NAMA`), atau beri pos nama kampanye itu; biaya per klik menurut klik "
        "platform tersedia tanpa itu.",
    ),
    "absent.scope": Words(
        "{metric} is known for the whole workspace only.",
        "{metric} hanya diketahui untuk seluruh ruang kerja.",
    ),
    "coverage.ads": Words("{measured} of {in_scope} rows", "{measured} dari {in_scope} baris"),
    "coverage.orders": Words("{measured} of {in_scope} orders", "{measured} dari {in_scope} pesanan"),
    "coverage.customers": Words(
        "{measured} of {in_scope} orders name their customer",
        "{measured} dari {in_scope} pesanan menyebut pelanggannya",
    ),
    "coverage.answers": Words("{measured} of {in_scope} answers", "{measured} dari {in_scope} jawaban"),
    "coverage.testimonials": Words(
        "{measured} of {in_scope} testimonials judged", "{measured} dari {in_scope} testimoni dinilai"
    ),
    "coverage.mentions": Words("{measured} of {in_scope} sources", "{measured} dari {in_scope} sumber"),
    "coverage.tools": Words("{measured} of {in_scope} rows", "{measured} dari {in_scope} baris"),
}
