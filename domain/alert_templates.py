"""The sentences of alerts in both languages, by rule, cause and ending."""

from collections.abc import Mapping
from typing import Final

from domain.alerts import Closing, Rule
from domain.sentence import Words

R = Rule

RULE_NAMES: Final[Mapping[Rule, Words]] = {
    R.FIGURE_DAY: Words("A day out of the ordinary", "Hari yang tidak biasa"),
    R.FIGURE_SHIFT: Words("A level that has shifted", "Taraf yang bergeser"),
    R.KPI_AT_RISK: Words("KPI at risk", "KPI berisiko"),
    R.KPI_OFF_TRACK: Words("KPI off track", "KPI melenceng"),
    R.KPI_REACHED: Words("KPI reached", "KPI tercapai"),
    R.FEED_QUIET: Words("Feed quiet", "Feed sepi"),
    R.FEED_FAILING: Words("Feed cannot be read", "Feed tidak terbaca"),
    R.QUEUE_EMPTY: Words("Queue runs out", "Antrean habis"),
    R.ACCESS_ENDS: Words("Access ends", "Akses berakhir"),
    R.CHANNEL_RECONNECT: Words("Channel must be connected again", "Kanal harus disambungkan lagi"),
    R.NOT_MEASURED: Words("Channel is not measured", "Kanal tidak terukur"),
    R.SCHEDULER_STOPPED: Words("The scheduler stood still", "Penjadwal berhenti"),
    R.POST_UNCERTAIN: Words("Post uncertain", "Pos tidak pasti"),
    R.POST_FAILED: Words("Post failed", "Pos gagal"),
    R.POST_LATE: Words("Post missed its hour", "Pos melewati jamnya"),
    R.NUMBER_FELL: Words("A count fell", "Hitungan turun"),
    R.NUMBER_STALE: Words("Numbers do not move", "Angka tidak bergerak"),
    R.NUMBER_UNIT: Words("A platform counts otherwise", "Platform menghitung lain"),
    R.EXPERIMENT_ENDED: Words("Experiment over", "Eksperimen selesai"),
}

#: By rule, and by the fact ``variant`` where a rule has more than one thing to say.
WHAT: Final[Mapping[Rule, Mapping[str, Words]]] = {
    R.FIGURE_DAY: {
        "": Words(
            "{metric} of {name} on {day}: {value}, {effect} {changed} than the {usual} of such a day.",
            "{metric} {name} pada {day}: {value}, {effect} {changed} dari {usual} pada hari seperti itu.",
        ),
        "so_far": Words(
            "{metric} of {name} on {day}: {value} by {hour}:00, {effect} {changed} than the {usual} of such "
            "a day by then.",
            "{metric} {name} pada {day}: {value} sampai pukul {hour}.00, {effect} {changed} dari {usual} "
            "pada hari seperti itu sampai jam itu.",
        ),
        "rate": Words(
            "{metric} of {name} on {day}: {rate}, {effect} {changed} than the {usual_rate} of such a day "
            "({above} by {below} that day).",
            "{metric} {name} pada {day}: {rate}, {effect} {changed} dari {usual_rate} pada hari seperti itu "
            "({above} dibagi {below} pada hari itu).",
        ),
        "of_posts": Words(
            "{metric} of {name}: posts of {day} came to {rate} in their first day, {effect} {changed} than "
            "the {usual_rate} of such days.",
            "{metric} {name}: pos tanggal {day} mencapai {rate} pada hari pertamanya, {effect} {changed} "
            "dari {usual_rate} pada hari seperti itu.",
        ),
        "score": Words(
            "{metric} of {name} on {day}: {rate}; usual on such a day: {usual_rate} (answers that day: "
            "{below}).",
            "{metric} {name} pada {day}: {rate}; biasanya pada hari seperti itu: {usual_rate} (jawaban hari "
            "itu: {below}).",
        ),
        "stock": Words(
            "{metric} of {name} changed by {value} on {day}, to {level}; usual on such a day: {usual}.",
            "{metric} {name} berubah {value} pada {day}, menjadi {level}; biasanya pada hari seperti itu: "
            "{usual}.",
        ),
    },
    R.FIGURE_SHIFT: {
        "": Words(
            "{metric} of {name}: {effect} {changed} a day since {first_day}, {value} instead of the {usual} "
            "of such days.",
            "{metric} {name}: {effect} {changed} per hari sejak {first_day}, {value}, bukan {usual} seperti "
            "biasanya pada hari-hari itu.",
        ),
        "rate": Words(
            "{metric} of {name}: {effect} {changed} since {first_day}, {rate} instead of the {usual_rate} of "
            "such days ({above} by {below} since then).",
            "{metric} {name}: {effect} {changed} sejak {first_day}, {rate}, bukan {usual_rate} seperti "
            "biasanya pada hari-hari itu ({above} dibagi {below} sejak itu).",
        ),
        "of_posts": Words(
            "{metric} of {name}: posts since {first_day} come to {rate} in their first day, {effect} "
            "{changed} than the {usual_rate} of such days.",
            "{metric} {name}: pos sejak {first_day} mencapai {rate} pada hari pertamanya, {effect} "
            "{changed} dari {usual_rate} pada hari-hari seperti itu.",
        ),
        "score": Words(
            "{metric} of {name}: {rate} since {first_day}; usual on such days: {usual_rate} (answers since "
            "then: {below}).",
            "{metric} {name}: {rate} sejak {first_day}; biasanya pada hari-hari itu: {usual_rate} (jawaban "
            "sejak itu: {below}).",
        ),
        "stock": Words(
            "{metric} of {name}: {value} a day since {first_day}, usual was {usual}; {level} now.",
            "{metric} {name}: {value} per hari sejak {first_day}, biasanya {usual}; kini {level}.",
        ),
    },
    R.KPI_AT_RISK: {
        "": Words("The KPI {name} is behind its pace.", "KPI {name} tertinggal dari lajunya."),
        "chance": Words(
            "The KPI {name} is at risk: the chance of reaching its target is {share}.",
            "KPI {name} berisiko: peluang mencapai targetnya {share}.",
        ),
    },
    R.KPI_OFF_TRACK: {
        "": Words("The KPI {name} will miss its target.", "KPI {name} tidak akan mencapai target."),
        "chance": Words(
            "The KPI {name} is off track: the chance of reaching its target is {share}.",
            "KPI {name} melenceng: peluang mencapai targetnya {share}.",
        ),
    },
    R.KPI_REACHED: {"": Words("The KPI {name} has reached its target.", "KPI {name} mencapai targetnya.")},
    R.EXPERIMENT_ENDED: {
        "": Words("The experiment {name} is over. {result}", "Eksperimen {name} selesai. {result}"),
    },
    R.FEED_QUIET: {
        "": Words(
            "Nothing new came from the feed {name} for {days} days; it usually brings {weekly} a week.",
            "Tidak ada yang baru dari feed {name} selama {days} hari; biasanya {weekly} per minggu.",
        )
    },
    R.FEED_FAILING: {
        "": Words(
            "The feed {name} could not be read {times} times in a row: {reason}",
            "Feed {name} tidak terbaca {times} kali berturut-turut: {reason}",
        ),
        "gone": Words(
            "The feed {name} is gone: its server says that it was removed.",
            "Feed {name} sudah tidak ada: servernya menyatakan feed itu dihapus.",
        ),
        "asks": Words(
            "The feed {name} waits for your choice of what to post.",
            "Feed {name} menunggu pilihan Anda tentang apa yang diposkan.",
        ),
    },
    R.QUEUE_EMPTY: {
        "": Words(
            "The queue of {name} is empty; it published {weekly} a week.",
            "Antrean {name} kosong; biasanya terbit {weekly} per minggu.",
        ),
        "soon": Words(
            "The queue of {name} lasts until {last_at}. Posts in it: {posts}; usual are {weekly} a week.",
            "Antrean {name} cukup sampai {last_at}. Pos di dalamnya: {posts}; biasanya {weekly} per minggu.",
        ),
    },
    R.ACCESS_ENDS: {
        "": Words(
            "The access to {name} ends {ends_at}; queued posts after that: {posts}.",
            "Akses ke {name} berakhir {ends_at}; pos di antrean sesudahnya: {posts}.",
        ),
        "ended": Words(
            "The access to {name} ended {ends_at}; queued posts that wait: {posts}.",
            "Akses ke {name} sudah berakhir {ends_at}; pos di antrean yang menunggu: {posts}.",
        ),
    },
    R.CHANNEL_RECONNECT: {
        "": Words(
            "{name} must be connected again; queued posts that wait: {posts}. {reason}",
            "{name} harus disambungkan lagi; pos di antrean yang menunggu: {posts}. {reason}",
        )
    },
    R.NOT_MEASURED: {
        "": Words(
            "None of the posts on {name} of the last days could be measured: {posts}.",
            "Tidak satu pun pos di {name} dari beberapa hari terakhir dapat diukur: {posts}.",
        )
    },
    R.SCHEDULER_STOPPED: {
        "": Words(
            "The scheduler stood still from {last_at} to {until}: {hours} h.",
            "Penjadwal berhenti dari {last_at} sampai {until}: {hours} jam.",
        ),
        "now": Words(
            "The scheduler stands still: it was last seen {last_at}.",
            "Penjadwal berhenti: terakhir terlihat {last_at}.",
        ),
    },
    R.POST_UNCERTAIN: {
        "": Words(
            "Posts on {name} of which nobody knows whether they are out: {posts}. {reason}",
            "Pos di {name} yang belum diketahui sudah terbit atau belum: {posts}. {reason}",
        )
    },
    R.POST_FAILED: {
        "": Words(
            "Posts on {name} that failed: {posts}. {reason}", "Pos di {name} yang gagal: {posts}. {reason}"
        ),
    },
    R.POST_LATE: {
        "": Words(
            "Posts on {name} that missed their hour and still wait: {posts}, the first since {due_at}.",
            "Pos di {name} yang melewati jamnya dan masih menunggu: {posts}, yang pertama sejak {due_at}.",
        )
    },
    R.NUMBER_FELL: {
        "": Words(
            "{metric} of {name} fell from {usual} to {value} between two looks, though such a count only "
            "grows.",
            "{metric} {name} turun dari {usual} ke {value} di antara dua pengukuran, padahal hitungan itu "
            "hanya bertambah.",
        ),
        "followers": Words(
            "Followers of {name} fell from {usual} to {value} between two looks.",
            "Pengikut {name} turun dari {usual} ke {value} di antara dua pengukuran.",
        ),
    },
    R.NUMBER_STALE: {
        "": Words(
            "Posts on {name} whose numbers are old because the last looks failed: {posts}.",
            "Pos di {name} yang angkanya usang karena pengukuran terakhir gagal: {posts}.",
        )
    },
    R.NUMBER_UNIT: {
        "": Words(
            "{metric} of {name} now comes from another field of the platform: {source}, before {before}.",
            "{metric} {name} kini berasal dari kolom platform yang lain: {source}, sebelumnya {before}.",
        )
    },
}

#: What to do, the page, and the command.
ACTIONS: Final[Mapping[Rule, tuple[Words, str, str]]] = {
    R.FIGURE_DAY: (
        Words("Look at the posts behind it.", "Lihat pos di baliknya."),
        "{page}",
        "tabuh stats list",
    ),
    R.FIGURE_SHIFT: (
        Words("Compare the posts before and after that day.", "Bandingkan pos sebelum dan sesudah hari itu."),
        "{page}",
        "tabuh stats list",
    ),
    R.KPI_AT_RISK: (
        Words("Look at what is missing.", "Lihat apa yang kurang."),
        "/kpis/{kpi_id}",
        'tabuh kpi show "{name}"',
    ),
    R.KPI_OFF_TRACK: (
        Words("Look at what is missing.", "Lihat apa yang kurang."),
        "/kpis/{kpi_id}",
        'tabuh kpi show "{name}"',
    ),
    R.KPI_REACHED: (
        Words("Choose the next target.", "Pilih target berikutnya."),
        "/kpis/{kpi_id}",
        'tabuh kpi show "{name}"',
    ),
    R.EXPERIMENT_ENDED: (
        Words(
            "Read the whole result, use what it shows, and plan the next one.",
            "Baca hasil lengkapnya, pakai yang ditunjukkannya, lalu rencanakan yang berikutnya.",
        ),
        "/experiments/{experiment_id}",
        "tabuh experiment show {experiment_id}",
    ),
    R.FEED_QUIET: (
        Words(
            "See whether its site publishes; other feeds may fill the gap.",
            "Periksa apakah situsnya terbit; feed lain dapat mengisi celah.",
        ),
        "/feeds/{feed_id}",
        "tabuh feed show {feed_id}",
    ),
    R.FEED_FAILING: (
        Words("Open the feed and mend or pause it.", "Buka feed itu, lalu perbaiki atau jeda."),
        "/feeds/{feed_id}",
        "tabuh feed show {feed_id}",
    ),
    R.QUEUE_EMPTY: (
        Words(
            "Write posts, add an evergreen, or give a route more feeds.",
            "Tulis pos, tambahkan pos abadi, atau beri rute lebih banyak feed.",
        ),
        "/queue?channel={channel_id}",
        "tabuh post list",
    ),
    R.ACCESS_ENDS: (
        Words("Connect the channel again before.", "Sambungkan kanalnya lagi sebelum itu."),
        "/channels/{channel_id}",
        'tabuh channel reconnect "{name}"',
    ),
    R.CHANNEL_RECONNECT: (
        Words("Connect the channel again.", "Sambungkan kanalnya lagi."),
        "/channels/{channel_id}",
        'tabuh channel reconnect "{name}"',
    ),
    R.NOT_MEASURED: (
        Words("Test the channel.", "Uji kanalnya."),
        "/channels/{channel_id}",
        'tabuh channel test "{name}"',
    ),
    R.SCHEDULER_STOPPED: (
        Words(
            "See that the machine runs Tabuh all the time, or cron often enough.",
            "Pastikan mesin menjalankan Tabuh terus, atau cron cukup sering.",
        ),
        "/queue",
        "tabuh health",
    ),
    R.POST_UNCERTAIN: (
        Words("Look there, and say whether it is out.", "Lihat di sana, lalu katakan apakah sudah terbit."),
        "/posts/{post_id}",
        "tabuh post show {post_id}",
    ),
    R.POST_FAILED: (
        Words("Correct it and queue it again, or skip it.", "Perbaiki dan antrekan lagi, atau lewati."),
        "/posts/{post_id}",
        "tabuh post show {post_id}",
    ),
    R.POST_LATE: (
        Words("See why it waits.", "Lihat mengapa pos itu menunggu."),
        "/posts/{post_id}",
        "tabuh post show {post_id}",
    ),
    R.NUMBER_FELL: (
        Words(
            "Compare with the platform's own page before you report these numbers.",
            "Bandingkan dengan halaman platformnya sebelum angka ini dilaporkan.",
        ),
        "{page}",
        "tabuh stats list",
    ),
    R.NUMBER_STALE: (
        Words("Test the channel.", "Uji kanalnya."),
        "/channels/{channel_id}",
        'tabuh channel test "{name}"',
    ),
    R.NUMBER_UNIT: (
        Words(
            "Do not compare figures from before and after.", "Jangan bandingkan angka sebelum dan sesudahnya."
        ),
        "{page}",
        "tabuh stats list",
    ),
}

#: How an alert ended; by rule, else for all.
CLOSINGS: Final[Mapping[tuple[Rule | None, Closing | None], Words]] = {
    (None, Closing.OVER): Words("It is over.", "Sudah selesai."),
    (None, Closing.REMOVED): Words("It was removed.", "Sudah dihapus."),
    (None, Closing.PAUSED): Words("It was paused.", "Sudah dijeda."),
    (None, Closing.MUTED): Words("It was muted.", "Sudah dibisukan."),
    (None, Closing.NEW_USUAL): Words("That is the usual level now.", "Itu sekarang taraf yang biasa."),
    (R.FIGURE_DAY, Closing.OVER): Words(
        "The days after it are within the ordinary.", "Hari-hari sesudahnya kembali wajar."
    ),
    (R.FIGURE_SHIFT, Closing.OVER): Words(
        "The level does not differ from the weeks before any more.",
        "Tarafnya tidak lagi berbeda dari minggu-minggu sebelumnya.",
    ),
    (R.FEED_QUIET, Closing.OVER): Words("Something new came.", "Ada yang baru datang."),
    (R.FEED_FAILING, Closing.OVER): Words("It can be read again.", "Sudah terbaca lagi."),
    (R.QUEUE_EMPTY, Closing.OVER): Words("Posts are queued again.", "Sudah ada pos di antrean lagi."),
    (R.ACCESS_ENDS, Closing.OVER): Words("The access was renewed.", "Aksesnya sudah diperbarui."),
    (R.CHANNEL_RECONNECT, Closing.OVER): Words("It is connected again.", "Sudah tersambung lagi."),
    (R.NOT_MEASURED, Closing.OVER): Words("It is measured again.", "Sudah terukur lagi."),
    (R.SCHEDULER_STOPPED, Closing.OVER): Words("It runs again.", "Sudah berjalan lagi."),
    (R.POST_UNCERTAIN, Closing.OVER): Words("It is settled.", "Sudah jelas."),
    (R.POST_FAILED, Closing.OVER): Words("Somebody has seen to it.", "Sudah ditangani."),
    (R.POST_LATE, Closing.OVER): Words("It waits no more.", "Pos itu tidak menunggu lagi."),
    (R.NUMBER_STALE, Closing.OVER): Words("They are read again.", "Sudah terbaca lagi."),
    (R.KPI_AT_RISK, Closing.OVER): Words("It is not at risk any more.", "Tidak lagi berisiko."),
    (R.KPI_OFF_TRACK, Closing.OVER): Words("It is not off track any more.", "Tidak lagi melenceng."),
    (R.EXPERIMENT_ENDED, Closing.OVER): Words("Its result stays where it is.", "Hasilnya tetap tersimpan."),
    (R.KPI_REACHED, Closing.OVER): Words("Its next period has begun.", "Periode berikutnya sudah dimulai."),
}
