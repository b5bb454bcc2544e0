"""What the simulated feeds and people write, in Indonesian and English, from word lists of our own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

_WORDS: Mapping[str, Sequence[str]] = {
    "rempah": (
        "cengkih", "pala", "lada putih", "lada hitam", "kayu manis", "kunyit", "jahe merah", "vanili",
        "kapulaga", "andaliman", "kemiri", "serai", "lengkuas", "kencur",
    ),
    "spice": (
        "clove", "nutmeg", "mace", "white pepper", "cassia", "turmeric", "red ginger", "vanilla",
        "cardamom", "long pepper", "candlenut", "lemongrass", "galangal",
    ),
    "place": (
        "Banda", "Ternate", "Tidore", "Kerinci", "Lampung", "Bangka", "Minahasa", "Flores", "Toraja",
        "Wonosobo", "Enrekang", "Sumbawa",
    ),
    "dish": (
        "Rendang", "Soto", "Gulai ikan", "Opor ayam", "Nasi kuning", "Ayam woku", "Sate lilit", "Sayur lodeh",
        "Pindang patin", "Bebek betutu", "Tongseng", "Semur tahu", "Rawon",
    ),
    "drink": ("Wedang jahe", "Bajigur", "Bandrek", "Beras kencur", "Kopi rempah", "Sekoteng", "Teh sereh"),
    "country": ("Jepang", "Jerman", "India", "Belanda", "Korea", "Mesir"),
    "skill": ("menyangrai", "mengeringkan", "mencampur bumbu", "memotret makanan", "mengemas"),
    "work": ("kasir", "juru sangrai", "pengemudi", "penulis resep"),
    "guest": ("Ibu Ratna", "Pak Yos", "Mia Hartono", "Dr Silva", "Tante Corry", "Gede Arta"),
    "topic": (
        "drying without sun", "the price of waiting", "seeds that travelled", "a market before dawn",
        "smoke and rain", "what farmers keep", "selling by smell", "ships and small islands",
    ),
    "aroma": ("warm bread", "wet stone", "old books", "citrus peel", "pine", "honey", "leather"),
    "season": ("the wet months", "a dry August", "harvest week", "the quiet season"),
    "time": ("sahur", "makan siang", "akhir pekan", "bekal sekolah", "arisan", "malam hujan"),
    "number": tuple(str(number) for number in range(3, 13)),
    "much": ("12", "15", "18", "20", "24", "30", "35", "40"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """How one feed writes: titles and sentences with words to fill in, and what it files them under."""

    language: str
    titles: Sequence[str]
    sentences: Sequence[str]
    categories: Sequence[str]


NEWS = Style(
    "id",
    (
        "Panen {rempah} di {place} naik {much} persen",
        "Kelas {skill} di {place} dibuka lagi",
        "Ekspor {rempah} ke {country}: {number} kontainer berangkat",
        "Harga {rempah} pekan ini di {place}",
        "{place} menanam ulang {much} hektare {rempah}",
        "Lowongan: {work} di gudang {place}",
        "Pasar {rempah} {place} buka sampai malam",
        "Petani {place} mencoba {rempah} tanpa pupuk kimia",
        "Gudang baru di {place} untuk {rempah}",
        "Kunjungan sekolah ke kebun {rempah} {place}",
    ),
    (
        "Hujan datang lebih awal di {place}.",
        "Kelompok tani berjumlah {much} orang.",
        "Mutu {rempah} tahun ini lebih rata.",
        "Pembeli dari {country} meminta contoh sekali lagi.",
        "Pengeringan memakan waktu {number} hari.",
        "Catatan lengkap ada di halaman kami.",
    ),
    ("kabar", "petani", "pasar", "panen", "kebun"),
)
NOTES = Style(
    "en",
    (
        "What {place} taught us about {spice}",
        "{number} ways to store {spice}",
        "Why good {spice} smells of {aroma}",
        "A short history of {spice} in {place}",
        "Field notes: drying {spice} in {season}",
        "How we grade {spice}",
        "The trouble with cheap {spice}",
        "{spice} or {spice}? A blind tasting",
        "Letters from {place}: {topic}",
        "A kitchen test of {number} kinds of {spice}",
    ),
    (
        "We spent {number} days in {place} and wrote down what we saw.",
        "Freshly ground, it has a note of {aroma}.",
        "Most of it is picked in {season}.",
        "Nobody there buys {spice} without breaking it first.",
        "The differences are small, but they are there.",
        "Tell us what you find.",
    ),
    ("notes", "spices", "travel", "kitchen"),
)
RECIPES = Style(
    "id",
    (
        "Resep {dish} dengan {rempah} {place}",
        "{dish} {much} menit untuk {time}",
        "{drink}: takaran {rempah} yang pas",
        "Bumbu dasar untuk {dish}",
        "{dish} gaya {place}",
        "Resep {drink} untuk {time}",
        "Sisa {rempah}? Jadikan {drink}",
        "{number} kesalahan saat memasak {dish}",
    ),
    (
        "Siapkan {number} siung bawang dan sedikit {rempah}.",
        "Masak {much} menit dengan api kecil.",
        "Cocok untuk {time}.",
        "Di {place}, orang menambah {rempah} di akhir.",
        "Simpan sisanya di wadah tertutup.",
    ),
    ("resep", "dapur", "minuman", "bumbu"),
)
TALKS = Style(
    "en",
    (
        "Episode {much}: {guest} on {topic}",
        "{place} by boat: {topic}",
        "{guest} answers your questions about {spice}",
        "Listening to {place}: {topic}",
    ),
    (
        "{guest} talks for {much} minutes about {topic}.",
        "Recorded in {place} during {season}.",
        "With sounds from the market and a question from a listener.",
        "Half of it is about {spice}, the other half about weather.",
        "There is a transcript for those who read.",
    ),
    ("podcast", "spices", "voices"),
)

_BY_HAND: Mapping[str, Sequence[str]] = {
    "id": (
        "Sore ini kami siaran langsung dari {place}. Tulis pertanyaan tentang {rempah} di bawah.",
        "Toko tutup lebih awal hari Jumat. Pesanan tetap kami kirim hari Sabtu.",
        "{number} bungkus {rempah} terakhir dari panen {place}. Siapa cepat dia dapat.",
        "Terima kasih untuk {much} pesanan pekan ini. {drink} hangat untuk semua!",
        "Besok kelas {skill} di {place}. Masih ada {number} kursi.",
    ),
    "en": (
        "We are live from {place} this afternoon. Ask us anything about {spice}.",
        "The last {number} bags of {spice} from {place} are in the shop now.",
        "Which {spice} do you keep at home, and why that one?",
        "A good day at the market in {place}: it smelled of {aroma}.",
        "{guest} will be with us on Thursday. Send your questions on {topic}.",
    ),
}


@dataclass(frozen=True, slots=True)
class Written:
    """One article as its feed shows it."""

    title: str
    text: str
    categories: tuple[str, ...]


def article(rng: Random, style: Style) -> Written:
    """An article in a style."""
    title = _filled(rng, rng.choice(style.titles))
    text = " ".join(_filled(rng, one) for one in rng.sample(style.sentences, rng.randint(2, 4)))
    return Written(title, text, tuple(rng.sample(style.categories, rng.randint(1, 3))))


def by_hand(rng: Random, language: str) -> str:
    """What a person writes for one channel, without a feed."""
    return _filled(rng, rng.choice(_BY_HAND[language]))


def slug(title: str) -> str:
    """The title as part of an address."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _filled(rng: Random, text: str) -> str:
    said = re.sub(r"\{(\w+)\}", lambda found: rng.choice(_WORDS[found.group(1)]), text)
    return said[0].upper() + said[1:]
