"""What audits say, in English and Indonesian; each rule has a name, and a sentence with what to do."""

from collections.abc import Mapping
from typing import Final

from domain.sentence import Words

#: The rules in the order in which they are shown.
RULES: Final[Mapping[str, Words]] = {
    "looks_overdue": Words("Looks at posts are made in time", "Pos diukur tepat waktu"),
    "looks_failing": Words("Looks at posts succeed", "Pengukuran pos berhasil"),
    "channel_old": Words("Channels were read lately", "Kanal dibaca belum lama ini"),
    "connector_old": Words("Connected tools were read lately", "Alat tersambung dibaca belum lama ini"),
    "imports_old": Words("Imported files are recent", "Berkas impor masih baru"),
    "gaps": Words("Checkpoints were read", "Titik ukur terbaca"),
    "falling": Words("Counts do not fall", "Hitungan tidak turun"),
    "clocks": Words("No reading is from the future", "Tidak ada bacaan dari masa depan"),
    "unmeasured": Words("Published posts are measured", "Pos terbit diukur"),
    "duplicates": Words("No post is counted twice", "Tidak ada pos terhitung dua kali"),
    "parts": Words("Sums have all their parts", "Penjumlahan lengkap bagiannya"),
    "reach": Words("Reach is at most impressions", "Jangkauan tidak melebihi tayangan"),
    "standings": Words("Standings equal the readings", "Kedudukan sama dengan bacaan"),
    "ledger": Words("Every entry has one fate", "Setiap entri punya satu nasib"),
    "click_visit": Words("Clicks become visits", "Klik menjadi kunjungan"),
    "click_platform": Words(
        "Our clicks agree with the platform's", "Klik kita sejalan dengan klik menurut platform"
    ),
    "meaning": Words("Numbers mean what they meant", "Makna angka tidak berubah"),
    "formula": Words("Targets use today's formulas", "Target memakai rumus terkini"),
    "followers": Words("Followers do not jump", "Pengikut tidak melonjak"),
    "kpi_coverage": Words("Targets rest on most posts", "Target bertumpu pada kebanyakan pos"),
}

AUDIT: Final[Mapping[str, Words]] = {
    "audit.looks_overdue": Words(
        "{count} posts should have been looked at more than an hour ago.",
        "{count} pos seharusnya sudah diukur lebih dari sejam yang lalu.",
    ),
    "audit.do_looks_overdue": Words(
        "See that the program runs all the time (tabuh up) and that the channel is not paused; what is "
        "overdue is read by itself then.",
        "Pastikan program berjalan terus (tabuh up) dan kanal tidak dijeda; yang tertunda lalu terbaca "
        "sendiri.",
    ),
    "audit.looks_failing": Words(
        "The last looks at {count} posts failed. The platform said last: {reason}",
        "Pengukuran terakhir {count} pos gagal. Kata platform terakhir: {reason}",
    ),
    "audit.do_looks_failing": Words(
        "Open the channel and test its connection; connect it again if it was refused.",
        "Buka kanal dan uji sambungannya; sambungkan lagi bila ditolak.",
    ),
    "audit.channel_refused": Words(
        "The channel must be connected again: nothing of it is read.",
        "Kanal harus disambungkan lagi: tidak ada yang terbaca darinya.",
    ),
    "audit.channel_old": Words(
        "The channel itself was last read {days} days ago.", "Kanal terakhir dibaca {days} hari yang lalu."
    ),
    "audit.channel_never": Words(
        "The channel itself was never read since it was added {days} days ago.",
        "Kanal belum pernah dibaca sejak ditambahkan {days} hari yang lalu.",
    ),
    "audit.do_channel_old": Words("Open the channel and test it.", "Buka kanal dan ujilah."),
    "audit.do_channel_refused": Words("Open the channel and connect it again.", "Sambungkan lagi kanal itu."),
    "audit.connector_old": Words(
        "The tool was last read {days} days ago.", "Alat terakhir dibaca {days} hari yang lalu."
    ),
    "audit.connector_failing": Words(
        "The last {count} reads of the tool failed: {reason}",
        "{count} pembacaan terakhir alat itu gagal: {reason}",
    ),
    "audit.do_connector_old": Words(
        "Test the tool's access and enter it again if it was refused.",
        "Uji akses alat itu dan masukkan lagi bila ditolak.",
    ),
    "audit.imports_old": Words(
        "The newest row of {what} is {days} days old; figures made of it stop there.",
        "Baris terbaru {what} berumur {days} hari; angka darinya berhenti di situ.",
    ),
    "audit.do_imports_old": Words("Import a newer file.", "Impor berkas yang lebih baru."),
    "audit.gaps": Words(
        "{read} of {due} checkpoints were read ({coverage}); {count} posts have gaps. Nothing is invented "
        "in their place.",
        "{read} dari {due} titik ukur terbaca ({coverage}); {count} pos bercelah. Celahnya tidak dikarang.",
    ),
    "audit.do_gaps": Words(
        "Keep the program running; see whether the platform's budget or refusals stopped the looks. A gap "
        "cannot be read afterwards.",
        "Jaga program tetap berjalan; periksa apakah kuota atau penolakan platform menghentikan pengukuran. "
        "Celah tidak bisa dibaca belakangan.",
    ),
    "audit.falling": Words(
        "{metric} fell {count} times between two looks, most from {before} to {after}.",
        "{metric} turun {count} kali di antara dua pengukuran, terbesar dari {before} ke {after}.",
    ),
    "audit.falling_little": Words(
        "{metric} fell a little {count} times, as when people take a reaction back.",
        "{metric} turun sedikit {count} kali, seperti saat orang membatalkan reaksi.",
    ),
    "audit.do_falling": Words(
        "Compare the post on the platform. A platform that removes bots takes counts back: note it; the "
        "newest reading counts.",
        "Bandingkan pos itu di platform. Platform yang membersihkan bot menarik hitungan: catat; bacaan "
        "terbaru yang dipakai.",
    ),
    "audit.do_nothing": Words("Nothing needs doing.", "Tidak ada yang perlu dilakukan."),
    "audit.clocks": Words(
        "{count} readings are dated in the future.", "{count} bacaan bertanggal di masa depan."
    ),
    "audit.clocks_before": Words(
        "{count} readings are dated before their post went out.",
        "{count} bacaan bertanggal sebelum posnya terbit.",
    ),
    "audit.do_clocks": Words(
        "Set the clocks of all machines by a time server (NTP).",
        "Setel jam semua mesin lewat server waktu (NTP).",
    ),
    "audit.unmeasured": Words(
        "{count} published posts are not being measured at all.",
        "{count} pos terbit sama sekali tidak diukur.",
    ),
    "audit.do_unmeasured": Words(
        "Their figures stay absent. If a backup was restored, restore a newer one; else report it.",
        "Angkanya tetap kosong. Bila cadangan dipulihkan, pulihkan yang lebih baru; bila tidak, laporkan.",
    ),
    "audit.duplicates": Words(
        "{count} posts share the address of another post, so that it counts twice.",
        "{count} pos beralamat sama dengan pos lain, jadi terhitung dua kali.",
    ),
    "audit.duplicate_channels": Words(
        "The same place is connected as {count} channels: {names}.",
        "Tempat yang sama tersambung sebagai {count} kanal: {names}.",
    ),
    "audit.do_duplicates": Words(
        "Keep one of the channels, and take the other away.", "Pertahankan satu kanal, hapus yang lain."
    ),
    "audit.parts": Words(
        "{count} looks read {there} without {missing}, although the platform gives all of them: engagement "
        "cannot be added up there.",
        "{count} pengukuran membaca {there} tanpa {missing}, padahal platform memberi semuanya: keterlibatan "
        "tidak bisa dijumlahkan di sana.",
    ),
    "audit.do_parts": Words(
        "Open the post: each figure says from which field it was read. If the platform changed its answers, "
        "a newer release may know them.",
        "Buka pos itu: tiap angka menyebut kolom asalnya. Bila platform mengubah jawabannya, rilis baru "
        "mungkin mengenalnya.",
    ),
    "audit.reach": Words(
        "{count} looks read more reach than impressions, which cannot be.",
        "{count} pengukuran membaca jangkauan lebih besar dari tayangan, yang mustahil.",
    ),
    "audit.do_reach": Words(
        "Trust neither of the two there: the platform counts them by different rules or at different times.",
        "Jangan percaya keduanya di sana: platform menghitungnya dengan aturan atau waktu berbeda.",
    ),
    "audit.standings": Words(
        "{count} posts stand otherwise in lists and sums than their readings say.",
        "{count} pos berkedudukan lain dalam daftar dan jumlah daripada bacaannya.",
    ),
    "audit.standings_missing": Words(
        "{count} published posts are missing from lists and sums.",
        "{count} pos terbit tidak ada dalam daftar dan jumlah.",
    ),
    "audit.sums": Words(
        "Daily sums differ from the readings: {names}.", "Jumlah harian berbeda dari bacaan: {names}."
    ),
    "audit.do_standings": Words(
        "Make them anew from the readings: tabuh audit --rebuild.",
        "Buat ulang dari bacaan: tabuh audit --rebuild.",
    ),
    "audit.ledger": Words(
        "{seen} entries were seen, but {told} have a fate: {count} are not accounted for.",
        "{seen} entri terlihat, tetapi {told} punya nasib: {count} tidak dipertanggungjawabkan.",
    ),
    "audit.do_ledger": Words(
        "Look at tabuh ledger for the route, and report it.",
        "Lihat tabuh ledger untuk rute itu, dan laporkan.",
    ),
    "audit.no_visits": Words(
        "{clicks} clicks of people led to your sites and not one visit was counted.",
        "{clicks} klik orang menuju situs Anda dan tidak satu kunjungan pun terhitung.",
    ),
    "audit.do_no_visits": Words(
        "See that the script is in the page that the link leads to, and that the page keeps the address's "
        "tb.",
        "Pastikan skrip ada di halaman tujuan tautan, dan halaman mempertahankan tb pada alamat.",
    ),
    "audit.few_visits": Words(
        "{visits} visits of {clicks} clicks of people ({ratio}); {band} is usual.",
        "{visits} kunjungan dari {clicks} klik orang ({ratio}); yang wajar {band}.",
    ),
    "audit.band": Words("{low} to {high}", "{low} sampai {high}"),
    "audit.do_few_visits": Words(
        "Blockers, a refused consent, pages left before they load and undetected programs lower it; test the "
        "landing page.",
        "Pemblokir, persetujuan yang ditolak, halaman yang ditinggal sebelum termuat, dan program tak "
        "terdeteksi menurunkannya; uji halaman tujuan.",
    ),
    "audit.click_platform": Words(
        "We counted {own} clicks of people, the platform {theirs}: {ratio} of its count.",
        "Kita menghitung {own} klik orang, platform {theirs}: {ratio} dari hitungannya.",
    ),
    "audit.do_click_platform": Words(
        "The two are never mixed. Far fewer of ours: links may bypass ours, or people are taken for "
        "programs; far more: the platform counts only some of its apps.",
        "Keduanya tidak pernah dicampur. Punya kita jauh lebih sedikit: tautan mungkin melewati kita, atau "
        "orang dikira program; jauh lebih banyak: platform hanya menghitung sebagian aplikasinya.",
    ),
    "audit.meaning": Words(
        "{metric} changed its meaning on {day}: {what}", "{metric} berubah makna pada {day}: {what}"
    ),
    "audit.other_field": Words(
        "{metric} of {count} posts was read from several fields: {names}.",
        "{metric} dari {count} pos dibaca dari beberapa kolom: {names}.",
    ),
    "audit.do_meaning": Words(
        "Compare no figures across that day; curves are cut there.",
        "Jangan membandingkan angka melintasi hari itu; kurva terputus di sana.",
    ),
    "audit.formula": Words(
        "The target was set with version {was} of the formula; now it is version {now}.",
        "Target dibuat dengan rumus versi {was}; kini versi {now}.",
    ),
    "audit.do_formula": Words("Set the target anew.", "Tetapkan target baru."),
    "audit.followers": Words(
        "{metric} jumped {count} times, further than people alone move it.",
        "{metric} melonjak {count} kali, lebih jauh daripada ulah orang biasa.",
    ),
    "audit.do_followers": Words(
        "Look whether the platform removed false followers or followers were bought; note it beside the "
        "figure.",
        "Periksa apakah platform menghapus pengikut palsu atau pengikut dibeli; catat di samping angkanya.",
    ),
    "audit.kpi_coverage": Words(
        "Its last value rests on {measured} of {in_scope} posts ({coverage}).",
        "Nilai terakhirnya bertumpu pada {measured} dari {in_scope} pos ({coverage}).",
    ),
    "audit.do_kpi_coverage": Words(
        "Choose a metric that all its channels supply, or a narrower scope.",
        "Pilih metrik yang diberikan semua kanalnya, atau cakupan lebih sempit.",
    ),
    "report.audit_wrong": Words(
        "The audit of {day} found {count} things that are wrong.",
        "Audit {day} menemukan {count} hal yang salah.",
    ),
    "report.audit_look": Words(
        "The audit of {day} found nothing wrong, and {count} things to look at.",
        "Audit {day} tidak menemukan kesalahan, dan {count} hal yang perlu dilihat.",
    ),
    "report.audit_fine": Words(
        "The audit of {day} found nothing wrong.", "Audit {day} tidak menemukan kesalahan."
    ),
}
