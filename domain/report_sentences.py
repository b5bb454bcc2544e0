"""What reports say, in English and Indonesian; each template is one rule."""

from collections.abc import Mapping

from domain.sentence import Words

REPORT: Mapping[str, Words] = {
    # What happened.
    "report.posts": Words(
        "{count} posts went out, after {before} in the period before.",
        "{count} pos terbit, setelah {before} pada periode sebelumnya.",
    ),
    "report.rose": Words(
        "{figure} rose by {change} to {value}, from {before}{how}.",
        "{figure} naik {change} menjadi {value}, dari {before}{how}.",
    ),
    "report.fell": Words(
        "{figure} fell by {change} to {value}, from {before}{how}.",
        "{figure} turun {change} menjadi {value}, dari {before}{how}.",
    ),
    "report.same": Words(
        "{figure} stayed at {value}.",
        "{figure} tetap {value}.",
    ),
    "report.first": Words(
        "{figure}: {value}; there is nothing before to compare with.",
        "{figure}: {value}; belum ada pembanding sebelumnya.",
    ),
    "report.points": Words("{points} points", "{points} poin"),
    "report.how_rare": Words(
        "; only {times} of {periods} earlier periods changed as much",
        "; hanya {times} dari {periods} periode sebelumnya yang berubah sebesar itu",
    ),
    "report.how_never": Words(
        "; none of {periods} earlier periods changed as much",
        "; tidak satu pun dari {periods} periode sebelumnya berubah sebesar itu",
    ),
    "report.how_usual": Words(", which is within what is usual", ", masih dalam kewajaran"),
    "report.how_unknown": Words("", ""),
    "report.kpis": Words(
        "{good} of {all} targets are reached or on track.",
        "{good} dari {all} target tercapai atau sesuai laju.",
    ),
    "report.kpis_bad": Words(
        "{bad} of {all} targets are missed, behind or off track.",
        "{bad} dari {all} target meleset, tertinggal, atau keluar jalur.",
    ),
    "report.trend_up": Words(
        "{figure}: rising over the last {periods} periods, by about {slope} each.",
        "{figure} naik selama {periods} periode, kira-kira {slope} per periode.",
    ),
    "report.trend_down": Words(
        "{figure}: falling over the last {periods} periods, by about {slope} each.",
        "{figure} turun selama {periods} periode, kira-kira {slope} per periode.",
    ),
    "report.top_share": Words(
        "{figure}: the best {count} posts brought {share} of it.",
        "{figure}: {count} pos terbaik menyumbang {share} darinya.",
    ),
    "report.nothing": Words(
        "Nothing was published and nothing was counted in this period.",
        "Tidak ada yang terbit dan tidak ada yang terhitung pada periode ini.",
    ),
    # Why.
    "report.cause_rose": Words(
        "{figure} of posts published then rose by {change} {group}, mostly through {factor} ({effect}).",
        "{figure} dari pos yang terbit saat itu naik {change} {group}, terutama karena {factor} ({effect}).",
    ),
    "report.cause_fell": Words(
        "{figure} of posts published then fell by {change} {group}, mostly through {factor} ({effect}).",
        "{figure} dari pos yang terbit saat itu turun {change} {group}, terutama karena {factor} ({effect}).",
    ),
    "report.effect_more": Words("+{effect}", "+{effect}"),
    "report.effect_less": Words("−{effect}", "−{effect}"),
    "report.group_seen": Words("where impressions are told", "di tempat tayangan diketahui"),
    "report.group_counted": Words("where no impressions are told", "di tempat tayangan tidak diketahui"),
    # What comes.
    "report.queued": Words(
        "{channel}: {count} posts go out by themselves in the next period; the queue lasts until {last}.",
        "{channel}: {count} pos terbit sendiri pada periode berikutnya; antrean cukup sampai {last}.",
    ),
    "report.queue_empty": Words(
        "{channel}: nothing is queued for the next period.",
        "{channel}: belum ada antrean untuk periode berikutnya.",
    ),
    # What needs a person.
    "report.need_uncertain": Words(
        "{count} posts are uncertain: look whether they went out.",
        "{count} pos tidak pasti: periksa apakah sudah terbit.",
    ),
    "report.need_failed": Words(
        "{count} posts failed: mend or skip them.", "{count} pos gagal: perbaiki atau lewati."
    ),
    "report.need_approval": Words("{count} posts wait for approval.", "{count} pos menunggu persetujuan."),
    "report.need_reconnect": Words(
        "{channel} has to be connected again.", "{channel} perlu disambungkan lagi."
    ),
    "report.need_kpi": Words(
        "{kpi}: {status}. See what can be done, or set the target anew.",
        "{kpi}: {status}. Lihat apa yang bisa dilakukan, atau tetapkan target baru.",
    ),
    "report.need_nothing": Words("Nothing waits for a person.", "Tidak ada yang menunggu tindakan."),
    # Posts.
    "report.reason_rank": Words(
        "{figure} above {percent} of this channel's posts of the same age",
        "{figure} di atas {percent} pos kanal ini pada umur yang sama",
    ),
    "report.reason_low": Words(
        "{figure} above only {percent} of this channel's posts of the same age",
        "{figure} hanya di atas {percent} pos kanal ini pada umur yang sama",
    ),
    "report.reason_most": Words(
        "{figure} above all of this channel's posts of the same age",
        "{figure} di atas semua pos kanal ini pada umur yang sama",
    ),
    "report.reason_least": Words(
        "{figure} above none of this channel's posts of the same age",
        "{figure} tidak di atas satu pun pos kanal ini pada umur yang sama",
    ),
    "report.reason_gone": Words("it is gone from the platform", "sudah tidak ada di platform"),
    "report.reason_few": Words(
        "too few posts of that age to compare with", "terlalu sedikit pos seumur itu untuk dibandingkan"
    ),
    # Checks.
    "report.check_covered": Words("{figure}: {coverage}.", "{figure}: {coverage}."),
    "report.check_stale": Words(
        "{count} posts of the period could not be measured as planned.",
        "{count} pos pada periode ini tidak dapat diukur sesuai rencana.",
    ),
    "report.check_gone": Words(
        "{count} posts of the period are gone from their platform.",
        "{count} pos pada periode ini sudah hilang dari platformnya.",
    ),
    "report.check_changed": Words(
        "{count} posts of the period read differently on their platform.",
        "{count} pos pada periode ini berbunyi lain di platformnya.",
    ),
    "report.check_fine": Words(
        "No gap was found in the figures of this period.",
        "Tidak ditemukan celah pada angka periode ini.",
    ),
    # What was learned, for the quarter.
    "report.learned_met": Words(
        "{kpi}: reached, {actual} of {target}.", "{kpi}: tercapai, {actual} dari {target}."
    ),
    "report.learned_missed": Words(
        "{kpi}: missed, {actual} of {target}.", "{kpi}: tidak tercapai, {actual} dari {target}."
    ),
    # What was tried.
    "report.tried_none": Words(
        "Nothing that was tried ended in this period. Experiments and evergreens that end, hours that prove "
        "better and targets that are set anew would be told here.",
        "Tidak ada percobaan yang berakhir pada periode ini. Eksperimen dan evergreen yang berakhir, "
        "jam yang "
        "terbukti lebih baik, dan target yang ditetapkan ulang akan tertulis di sini.",
    ),
    "report.tried_experiment": Words(
        "The experiment {name} ended. {verdict}", "Eksperimen {name} berakhir. {verdict}"
    ),
    "report.tried_evergreen": Words(
        "The evergreen {name} ended after {cycles} cycles.",
        "Evergreen {name} berakhir setelah {cycles} kali.",
    ),
    "report.tried_again": Words(
        "{count} posts of evergreens brought {again} each ({figure}), the others {others}.",
        "{count} pos evergreen masing-masing menghasilkan {again} ({figure}), yang lain {others}.",
    ),
    "report.tried_hours": Words(
        "{channel}: the best hour, {hour}, earns {gain} more than the middle one (80 % interval: {low} to "
        "{high}), from {posts} posts.",
        "{channel}: jam terbaik, {hour}, menghasilkan {gain} lebih banyak dari jam tengah (selang 80 %: "
        "{low} "
        "sampai {high}), dari {posts} pos.",
    ),
    "report.tried_target": Words(
        "{kpi} was set anew on {day}: {because}", "{kpi} ditetapkan ulang pada {day}: {because}"
    ),
    # The mix.
    "report.mix_none": Words(
        "There is no mix to tell yet: it takes posts of two types, routes or campaigns, at least five "
        "measured "
        "ones each. Routes and campaigns are set where posts are made.",
        "Belum ada bauran untuk diceritakan: perlu pos dari dua jenis, rute, atau kampanye, masing-masing "
        "sedikitnya lima yang terukur. Rute dan kampanye diatur saat pos dibuat.",
    ),
    "report.mix_earns": Words(
        "{group}: {most} earned most a post ({figure}: {high}), {least} least ({low}).",
        "{group}: {most} paling banyak per pos ({figure}: {high}), {least} paling sedikit ({low}).",
    ),
    "report.mix_moved": Words(
        "{name}: {now} of the posts, after {before} in the period before.",
        "{name}: {now} dari pos, setelah {before} pada periode sebelumnya.",
    ),
    # Competitors.
    "report.brands_none": Words(
        "No brand is tracked. Add your own and your competitors' (tabuh brand add NAME), and feeds or files "
        "that count their mentions.",
        "Belum ada merek yang dipantau. Tambahkan merek Anda dan pesaing (tabuh brand add NAMA), serta feed "
        "atau berkas yang menghitung sebutannya.",
    ),
    "report.brands_alone": Words(
        "No competitor is tracked, so there is no share of voice: tabuh brand add NAME.",
        "Belum ada pesaing yang dipantau, jadi porsi suara tidak ada: tabuh brand add NAMA.",
    ),
    "report.brands_no_own": Words(
        "Your own brand is not tracked, so there is no share of voice: tabuh brand add NAME --own.",
        "Merek Anda sendiri belum dipantau, jadi porsi suara tidak ada: tabuh brand add NAMA --own.",
    ),
    "report.brands_apart": Words(
        "No source counts every tracked brand, so their mentions are not compared.",
        "Tidak ada sumber yang menghitung semua merek, jadi sebutannya tidak dibandingkan.",
    ),
    "report.brands_silent": Words(
        "None of the tracked brands was mentioned in this period.",
        "Tidak satu pun merek yang dipantau disebut pada periode ini.",
    ),
    "report.brands_most": Words(
        "{brand} was mentioned most: {count} times.", "{brand} paling sering disebut: {count} kali."
    ),
    "report.voice": Words(
        "Share of voice of {brand}: {share} (95 % interval: {low} to {high}), after {before} in the period "
        "before.",
        "Porsi suara {brand}: {share} (selang 95 %: {low} sampai {high}), setelah {before} pada periode "
        "sebelumnya.",
    ),
    "report.voice_first": Words(
        "Share of voice of {brand}: {share} (95 % interval: {low} to {high}).",
        "Porsi suara {brand}: {share} (selang 95 %: {low} sampai {high}).",
    ),
    # Proposals.
    "report.proposal": Words(
        "{figure}: {even} is as likely as not in the next period; {bold} is bold, reached one time in five.",
        "{figure}: {even} sama mungkinnya tercapai atau tidak pada periode berikutnya; {bold} berani, "
        "tercapai satu dari lima kali.",
    ),
    "report.proposal_none": Words(
        "Not enough data to propose targets: at least {weeks} weeks are needed.",
        "Data belum cukup untuk mengusulkan target: perlu sedikitnya {weeks} minggu.",
    ),
}
