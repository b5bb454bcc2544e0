"""How unusual what an alert found is, and its likely cause, in both languages, for every rule."""

from collections.abc import Mapping
from typing import Final

from domain.alerts import Rule
from domain.sentence import Words

R = Rule

_NAMED_BY_PLATFORM: Final = Words(
    "No chance is in this: the platform names the day itself.",
    "Ini bukan kebetulan: platformnya sendiri yang menyebut harinya.",
)
#: By rule, and by the fact ``variant``; left out where a fact that it needs is not known.
UNUSUAL: Final[Mapping[Rule, Mapping[str, Words]]] = {
    R.FIGURE_DAY: {
        "": Words(
            "By chance that happens about once in {once} days.",
            "Secara kebetulan itu terjadi sekitar sekali dalam {once} hari.",
        )
    },
    R.FIGURE_SHIFT: {
        "": Words(
            "Where nothing changes, such a shift is seen about once in {once} days.",
            "Bila tak ada yang berubah, pergeseran begitu terlihat sekitar sekali dalam {once} hari.",
        )
    },
    R.KPI_AT_RISK: {
        "": Words(
            "{actual} so far; by its pace it would be {expected}.",
            "Sejauh ini {actual}; menurut lajunya semestinya {expected}.",
        )
    },
    R.KPI_OFF_TRACK: {
        "": Words(
            "{actual} so far; by its pace it would be {expected}.",
            "Sejauh ini {actual}; menurut lajunya semestinya {expected}.",
        )
    },
    R.KPI_REACHED: {
        "": Words(
            "{actual} so far; by its pace it would be {expected}.",
            "Sejauh ini {actual}; menurut lajunya semestinya {expected}.",
        )
    },
    R.EXPERIMENT_ENDED: {
        "": Words(
            "Of all experiments without a difference, at most {alpha}% ever tell one.",
            "Dari semua eksperimen tanpa perbedaan, paling banyak {alpha}% yang pernah menyatakan ada.",
        ),
        "stopped": Words(
            "No chance is in this: it was given up.", "Ini bukan kebetulan: eksperimennya dihentikan."
        ),
    },
    R.FEED_QUIET: {
        "": Words(
            "Between the {entries} entries of the last nine weeks, the longest pause was {longest_hours} h.",
            "Di antara {entries} entri sembilan minggu terakhir, jeda terpanjang {longest_hours} jam.",
        )
    },
    R.FEED_FAILING: {
        "": Words(
            "One look that fails is ordinary; three in a row are not.",
            "Satu kali gagal itu biasa; tiga kali berturut-turut tidak.",
        ),
        "gone": Words(
            "No chance is in this: the server says so itself.",
            "Ini bukan kebetulan: servernya sendiri yang menyatakannya.",
        ),
        "asks": Words(
            "No chance is in this: it waits until a person decides.",
            "Ini bukan kebetulan: feed ini menunggu sampai ada yang memutuskan.",
        ),
    },
    R.QUEUE_EMPTY: {
        "": Words(
            "At that pace a post went out every {gap_hours} h; the last one did {ago_hours} h ago.",
            "Dengan laju itu satu pos terbit tiap {gap_hours} jam; yang terakhir {ago_hours} jam lalu.",
        ),
        "soon": Words(
            "At that pace it lasts {lasts_hours} h; below 48 h you are told.",
            "Dengan laju itu antrean cukup untuk {lasts_hours} jam; di bawah 48 jam Anda diberi tahu.",
        ),
    },
    R.ACCESS_ENDS: {"": _NAMED_BY_PLATFORM},
    R.CHANNEL_RECONNECT: {
        "": Words(
            "No chance is in this: the platform refused the access.",
            "Ini bukan kebetulan: platformnya menolak aksesnya.",
        )
    },
    R.NOT_MEASURED: {
        "": Words(
            "Of {due} posts of the last seven days not one was ever read; a post is first read after a "
            "quarter of an hour.",
            "Dari {due} pos tujuh hari terakhir tidak satu pun pernah terbaca; pos pertama kali dibaca "
            "setelah seperempat jam.",
        )
    },
    R.SCHEDULER_STOPPED: {
        "": Words(
            "It gives a sign of life every minute; gaps of half an hour are told.",
            "Penjadwal memberi tanda tiap menit; jeda setengah jam diberitahukan.",
        ),
        "now": Words(
            "It gives a sign of life every minute; a quarter of an hour without one is told.",
            "Penjadwal memberi tanda tiap menit; seperempat jam tanpa tanda diberitahukan.",
        ),
    },
    R.POST_UNCERTAIN: {
        "": Words(
            "That happens only where an answer was lost after the post had been sent.",
            "Itu hanya terjadi bila jawaban hilang setelah posnya dikirim.",
        )
    },
    R.POST_FAILED: {
        "": Words(
            "A post fails only when it was refused, or when every safe try was made.",
            "Pos hanya gagal bila ditolak, atau bila semua percobaan yang aman sudah dilakukan.",
        )
    },
    R.POST_LATE: {
        "": Words(
            "Posts go out within a minute of their hour; half an hour later is told.",
            "Pos terbit dalam semenit dari jamnya; terlambat setengah jam diberitahukan.",
        )
    },
    R.NUMBER_FELL: {
        "": Words(
            "Where people only add to it, such a count does not fall.",
            "Bila orang hanya menambahnya, hitungan seperti itu tidak turun.",
        ),
        "followers": Words(
            "A tenth at once is told: people do not leave together.",
            "Sepersepuluh sekaligus diberitahukan: orang tidak pergi bersamaan.",
        ),
    },
    R.NUMBER_STALE: {
        "": Words(
            "Of {due} posts of the last seven days, the last three looks at {posts} failed.",
            "Dari {due} pos tujuh hari terakhir, tiga pengukuran terakhir atas {posts} pos gagal.",
        )
    },
    R.NUMBER_UNIT: {
        "": Words(
            "No chance is in this: the field is another one.",
            "Ini bukan kebetulan: kolomnya memang lain.",
        )
    },
}

#: Likely causes, by stated rules (`scheduler.causes`).
CAUSES: Final[Mapping[str, Words]] = {
    "viral_post": Words(
        "Likely cause: one post made {share} of it (post {post_id}).",
        "Kemungkinan sebab: satu pos menghasilkan {share} darinya (pos {post_id}).",
    ),
    "more_posts": Words(
        "Likely cause: {posts} posts went out in these days, {usual_posts} are usual.",
        "Kemungkinan sebab: {posts} pos terbit pada hari-hari itu, biasanya {usual_posts}.",
    ),
    "fewer_posts": Words(
        "Likely cause: {posts} posts went out in these days, {usual_posts} are usual.",
        "Kemungkinan sebab: {posts} pos terbit pada hari-hari itu, biasanya {usual_posts}.",
    ),
    "feed_quiet": Words(
        "Likely cause: the feed {feed} that it is fed from is quiet.",
        "Kemungkinan sebab: feed {feed} yang menjadi sumbernya sepi.",
    ),
    "feed_failing": Words(
        "Likely cause: the feed {feed} that it is fed from cannot be read.",
        "Kemungkinan sebab: feed {feed} yang menjadi sumbernya tidak terbaca.",
    ),
    "reconnect": Words(
        "Likely cause: the channel must be connected again.",
        "Kemungkinan sebab: kanalnya harus disambungkan lagi.",
    ),
    "access_ended": Words(
        "Likely cause: the access to the channel has ended.",
        "Kemungkinan sebab: akses ke kanalnya sudah berakhir.",
    ),
    "paused": Words("Likely cause: it is paused.", "Kemungkinan sebab: sedang dijeda."),
    "not_measured": Words(
        "Likely cause: the last looks at the platform failed.",
        "Kemungkinan sebab: pengukuran terakhir di platformnya gagal.",
    ),
    "platform_change": Words(
        "Likely cause: the platform counts otherwise since.",
        "Kemungkinan sebab: platformnya menghitung dengan cara lain sejak itu.",
    ),
    "routes_paused": Words(
        "Likely cause: no route feeds it.", "Kemungkinan sebab: tidak ada rute yang mengisinya."
    ),
    "platform_silent": Words(
        "Likely cause: the platform does not answer. {reason}",
        "Kemungkinan sebab: platformnya tidak menjawab. {reason}",
    ),
    "reason": Words("It waits because: {reason}", "Sebabnya: {reason}"),
    "feed_error": Words("Likely cause: {reason}", "Kemungkinan sebab: {reason}"),
    "site_silent": Words(
        "Likely cause: its site has published nothing; the feed itself answered {checked_at}.",
        "Kemungkinan sebab: situsnya tidak menerbitkan apa pun; feed-nya sendiri menjawab {checked_at}.",
    ),
    "feeds_bring_nothing": Words(
        "Likely cause: its feeds answer, but bring nothing that its routes take.",
        "Kemungkinan sebab: feed-nya menjawab, tetapi tidak membawa apa pun yang diambil rutenya.",
    ),
    "nobody_writes": Words(
        "Likely cause: no route feeds it, and nobody has written enough posts.",
        "Kemungkinan sebab: tidak ada rute yang mengisinya, dan belum ada yang menulis cukup pos.",
    ),
    "experiment_size": Words(
        "It ended because every arm had its {size} measured posts.",
        "Eksperimen berakhir karena setiap cabang sudah punya {size} pos terukur.",
    ),
    "experiment_date": Words(
        "It ended because its last day, {day}, was over.",
        "Eksperimen berakhir karena hari terakhirnya, {day}, sudah lewat.",
    ),
    "experiment_person": Words(
        "It ended because a person ended it.", "Eksperimen berakhir karena diakhiri oleh seseorang."
    ),
    "experiment_person_why": Words(
        "It ended because a person ended it: {reason}",
        "Eksperimen berakhir karena diakhiri oleh seseorang: {reason}",
    ),
    "unknown": Words(
        "Nothing else out of the ordinary was found that would explain it.",
        "Tidak ditemukan hal tak biasa lain yang menjelaskannya.",
    ),
}

#: What causes a rule's findings by its nature, where nothing nearer is known; by ``variant``.
BY_NATURE: Final[Mapping[Rule, Mapping[str, Words]]] = {
    R.FEED_QUIET: {
        "": Words(
            "Likely cause: its site has published nothing.",
            "Kemungkinan sebab: situsnya tidak menerbitkan apa pun.",
        )
    },
    R.FEED_FAILING: {
        "": Words(
            "Likely cause: its server is down, or the feed has moved.",
            "Kemungkinan sebab: servernya mati, atau feed-nya pindah.",
        ),
        "gone": Words(
            "Likely cause: the site has removed or moved it.",
            "Kemungkinan sebab: situsnya menghapus atau memindahkannya.",
        ),
        "asks": Words(
            "Likely cause: it is new, or a backup was restored, so old entries look new.",
            "Kemungkinan sebab: feed ini baru, atau cadangan dipulihkan, sehingga entri lama tampak baru.",
        ),
    },
    R.ACCESS_ENDS: {
        "": Words(
            "Likely cause: this platform gives access for a time only, and it was not renewed.",
            "Kemungkinan sebab: platform ini memberi akses untuk waktu tertentu saja, dan belum diperbarui.",
        )
    },
    R.CHANNEL_RECONNECT: {
        "": Words(
            "Likely cause: the access has ended or was withdrawn there.",
            "Kemungkinan sebab: aksesnya sudah berakhir atau dicabut di sana.",
        )
    },
    R.SCHEDULER_STOPPED: {
        "": Words(
            "Likely cause: the machine or Tabuh was off, or cron calls it too seldom.",
            "Kemungkinan sebab: mesin atau Tabuh mati, atau cron terlalu jarang memanggilnya.",
        )
    },
    R.POST_UNCERTAIN: {
        "": Words(
            "Likely cause: the connection or the machine failed in that moment.",
            "Kemungkinan sebab: sambungan atau mesinnya gagal pada saat itu.",
        )
    },
    R.POST_FAILED: {
        "": Words(
            "Likely cause: what the platform answered, as said above.",
            "Kemungkinan sebab: jawaban platform seperti tersebut di atas.",
        )
    },
    R.NUMBER_FELL: {
        "": Words(
            "Likely cause: the platform took back what it had counted, such as spam, or counts otherwise.",
            "Kemungkinan sebab: platform menarik kembali yang pernah dihitung, misalnya spam, atau "
            "menghitung dengan cara lain.",
        )
    },
    R.NUMBER_UNIT: {
        "": Words(
            "Likely cause: the platform has changed its interface, or what this access may read.",
            "Kemungkinan sebab: platform mengubah antarmukanya, atau apa yang boleh dibaca akses ini.",
        )
    },
}

#: Where no cause is known by any rule.
UNKNOWN: Final = CAUSES["unknown"]
