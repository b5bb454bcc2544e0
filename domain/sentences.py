"""What is said about figures and targets, in English and Indonesian, and the saying of it."""

from collections.abc import Mapping
from datetime import date

from domain.audit_sentences import AUDIT
from domain.experiment_sentences import OF_EXPERIMENTS
from domain.imported_sentences import IMPORTED_SENTENCES
from domain.report_sentences import REPORT
from domain.sentence import Amount, Sentence, Unit, Value, Words, day, number
from domain.sentences_of_targets import OF_TARGETS
from domain.variance_sentences import VARIANCE

TEMPLATES: Mapping[str, Words] = {
    **OF_TARGETS,
    **OF_EXPERIMENTS,
    **AUDIT,
    # Why a number is absent.
    "absent.platform": Words(
        "{platform} does not supply {metric}.", "{platform} tidak menyediakan {metric}."
    ),
    "absent.answer": Words(
        "{platform} was read, but its answer did not hold {metric}.",
        "{platform} sudah dibaca, tetapi jawabannya tidak memuat {metric}.",
    ),
    "absent.no_link": Words(
        "The post carries no link of ours, so clicks are not counted.",
        "Pos ini tidak memuat tautan kita, jadi klik tidak dihitung.",
    ),
    "absent.no_links": Words(
        "No post here carries a link of ours, so clicks are not counted.",
        "Tidak ada pos di sini yang memuat tautan kita, jadi klik tidak dihitung.",
    ),
    "absent.no_channel": Words(
        "No channel in this scope supplies {metric}.",
        "Tidak ada kanal di cakupan ini yang menyediakan {metric}.",
    ),
    "absent.not_yet": Words(
        "{platform} has not counted {metric} yet.", "{platform} belum menghitung {metric}."
    ),
    "absent.not_measured": Words("Not measured yet.", "Belum diukur."),
    "absent.no_followers": Words(
        "The channel's followers have not been counted yet.", "Pengikut kanal belum pernah dihitung."
    ),
    "absent.one_count": Words(
        "Followers were not counted twice yet, so their growth is unknown.",
        "Pengikut belum dihitung dua kali, jadi pertambahannya belum diketahui.",
    ),
    "absent.no_start": Words(
        "The channels had no followers at the start, so growth in percent is undefined.",
        "Kanal belum punya pengikut pada awal, jadi pertambahan dalam persen tak terdefinisi.",
    ),
    "absent.zero": Words(
        "{denominator} is 0, so the rate is undefined.",
        "{denominator} bernilai 0, jadi rasionya tak terdefinisi.",
    ),
    "absent.no_posts": Words(
        "No post was published in the period.", "Tidak ada pos yang terbit pada periode itu."
    ),
    "absent.not_additive": Words(
        "{metric} is never added up: between {low} (the largest single post) and {high} "
        "(if nobody counts for two of the posts).",
        "{metric} tidak pernah dijumlahkan: antara {low} (satu pos terbesar) dan {high} "
        "(bila tak seorang pun terhitung pada dua pos).",
    ),
    # Coverage.
    "absent.no_site": Words(
        "No site is set up: add one to count its visits.",
        "Belum ada situs: tambahkan satu agar kunjungannya terhitung.",
    ),
    "absent.no_views": Words(
        "No page view was told yet: put the script into the pages of your site.",
        "Belum ada tampilan halaman yang diterima: pasang skripnya di halaman situs Anda.",
    ),
    "absent.no_site_visits": Words(
        "Nobody visited in this period, so there is no rate.",
        "Tidak ada kunjungan dalam periode ini, jadi tidak ada rasionya.",
    ),
    "absent.no_reach": Words(
        "No platform has told how many people these posts reached, and that is what is divided by. The rate "
        "by human clickers can be had.",
        "Belum ada platform yang menyebut berapa orang terjangkau pos ini, padahal itu pembaginya. Tingkat "
        "menurut pengeklik manusia tersedia.",
    ),
    "absent.no_clicks": Words(
        "Nobody clicked in this period, so there is no rate.",
        "Tidak ada klik dalam periode ini, jadi tidak ada rasionya.",
    ),
    "absent.no_orders": Words(
        "No order with a value in {currency} came in this period.",
        "Tidak ada pesanan bernilai {currency} dalam periode ini.",
    ),
    "coverage.sites": Words(
        "{measured} of {in_scope} could be known and counted",
        "{measured} dari {in_scope} dapat dikenali dan dihitung",
    ),
    "coverage.posts": Words(
        "{measured} of {in_scope} posts measured", "{measured} dari {in_scope} pos terukur"
    ),
    "coverage.channels": Words(
        "{measured} of {in_scope} channels counted", "{measured} dari {in_scope} kanal terhitung"
    ),
    # Why a KPI is refused.
    "kpi.name": Words(
        "Give the KPI a name of 1 to 120 characters.", "Beri KPI nama sepanjang 1 sampai 120 karakter."
    ),
    "kpi.name_taken": Words(
        "There is a KPI called {name} already: choose another name.",
        "Sudah ada KPI bernama {name}: pilih nama lain.",
    ),
    "kpi.unknown_metric": Words(
        "Unknown metric {metric}. Known: {known}.", "Metrik {metric} tidak dikenal. Yang dikenal: {known}."
    ),
    "kpi.not_additive": Words(
        "{metric} is never added up, so it cannot be a target. "
        "Choose the reach of the largest post, reach per post, impressions, or clicks.",
        "{metric} tidak pernah dijumlahkan, jadi tak dapat menjadi target. Pilih jangkauan pos terbesar, "
        "jangkauan per pos, tayangan, atau klik.",
    ),
    "kpi.no_channel": Words(
        "There is no channel in this scope yet: add one first.",
        "Belum ada kanal di cakupan ini: tambahkan dulu.",
    ),
    "kpi.not_supplied_instead": Words(
        "{metric} needs {missing}, which {platforms} does not supply. What can be had instead: {instead}.",
        "{metric} memerlukan {missing}, yang tidak disediakan {platforms}. Yang tersedia sebagai gantinya: "
        "{instead}.",
    ),
    "kpi.not_supplied": Words(
        "{metric} needs {missing}, which {platforms} does not supply. Choose another metric or scope.",
        "{metric} memerlukan {missing}, yang tidak disediakan {platforms}. Pilih metrik atau cakupan lain.",
    ),
    "kpi.no_own_links": Words(
        "Clicks are counted at our own links, and those need a public address: set TABUH_PUBLIC_URL.",
        "Klik dihitung pada tautan kita sendiri, yang perlu alamat publik: atur TABUH_PUBLIC_URL.",
    ),
    "kpi.followers_scope": Words(
        "Followers belong to a channel: choose a channel or the whole workspace as the scope.",
        "Pengikut adalah milik kanal: pilih kanal atau seluruh ruang kerja sebagai cakupan.",
    ),
    "kpi.no_deadline": Words(
        "A target that is reached once needs a deadline.", "Target sekali capai perlu tenggat."
    ),
    "kpi.deadline_before_start": Words(
        "The deadline {deadline} is before the start {start}: give a later one.",
        "Tenggat {deadline} mendahului awal {start}: beri tenggat yang lebih lambat.",
    ),
    "kpi.deadline_past": Words(
        "The deadline {deadline} has passed: give one that lies ahead.",
        "Tenggat {deadline} sudah lewat: beri tenggat yang akan datang.",
    ),
    "kpi.target_number": Words(
        "The target must be a number of 0 or more.", "Target harus berupa angka 0 atau lebih."
    ),
    "kpi.target_zero": Words(
        "A target of 0 is reached by doing nothing: give a larger one.",
        "Target 0 tercapai tanpa berbuat apa-apa: beri angka yang lebih besar.",
    ),
    "kpi.change_too_large": Words(
        "Lowering by {change} leaves nothing: give less than 100%.",
        "Menurunkan {change} tidak menyisakan apa pun: beri kurang dari 100%.",
    ),
    "kpi.no_baseline": Words(
        "A relative target needs a baseline: give its value, or its first and last day.",
        "Target relatif perlu angka awal: beri nilainya, atau hari pertama dan terakhirnya.",
    ),
    "kpi.baseline_order": Words(
        "The baseline ends before it begins: give its first day, then its last.",
        "Periode awal berakhir sebelum dimulai: beri hari pertama, lalu hari terakhirnya.",
    ),
    "kpi.baseline_not_over": Words(
        "The baseline is not over until {last} has passed: choose a period that has ended.",
        "Periode awal belum selesai sebelum {last} lewat: pilih periode yang sudah berakhir.",
    ),
    "kpi.baseline_no_data": Words(
        "There is no data of your own to compute the baseline from. Give its value instead.",
        "Belum ada data sendiri untuk menghitung angka awal. Beri nilainya.",
    ),
    "kpi.baseline_before_data": Words(
        "Your own data begins on {since}: choose a baseline that begins then or later, or give its value.",
        "Data Anda sendiri dimulai {since}: pilih periode awal sejak hari itu, atau beri nilainya.",
    ),
    "kpi.baseline_absent": Words(
        "The baseline cannot be computed: {reason} Give its value instead.",
        "Angka awal tidak dapat dihitung: {reason} Beri nilainya.",
    ),
    "kpi.baseline_zero": Words(
        "The baseline is 0, and no percentage changes it: set an absolute target.",
        "Angka awal adalah 0 dan tidak berubah oleh persentase apa pun: tetapkan target absolut.",
    ),
    # Target sentences.
    "target.at_least": Words(
        "{metric}: at least {target}{every} {scope}, {when}.",
        "{metric}: sedikitnya {target}{every} {scope}, {when}.",
    ),
    "target.at_most": Words(
        "{metric}: at most {target}{every} {scope}, {when}.",
        "{metric}: paling banyak {target}{every} {scope}, {when}.",
    ),
    "target.raise": Words(
        "Raise {metric} {scope} by {change} {when}, from {baseline} to {target}{every}.",
        "Naikkan {metric} {scope} {change} {when}, dari {baseline} menjadi {target}{every}.",
    ),
    "target.lower": Words(
        "Lower {metric} {scope} by {change} {when}, from {baseline} to {target}{every}.",
        "Turunkan {metric} {scope} {change} {when}, dari {baseline} menjadi {target}{every}.",
    ),
    "every.once": Words("", ""),
    "every.day": Words(" a day", " per hari"),
    "every.week": Words(" a week", " per minggu"),
    "every.month": Words(" a month", " per bulan"),
    "every.quarter": Words(" a quarter", " per kuartal"),
    "scope.workspace": Words("in the whole workspace", "di seluruh ruang kerja"),
    "scope.channel": Words("on channel {name}", "di kanal {name}"),
    "scope.route": Words("by route {name}", "lewat rute {name}"),
    "scope.feed": Words("from feed {name}", "dari feed {name}"),
    "when.between": Words("from {start} to {deadline}", "dari {start} sampai {deadline}"),
    "when.by": Words("by {deadline} (counted from {start})", "sampai {deadline} (dihitung sejak {start})"),
    "within.workspace": Words("in the whole workspace", "di seluruh ruang kerja"),
    "within.channel": Words("on {name}", "di {name}"),
    "within.route": Words("by route {name}", "lewat rute {name}"),
    "within.feed": Words("from feed {name}", "dari feed {name}"),
    "when.from": Words("from {start} on", "mulai {start}"),
    # Standings.
    "status.not_started": Words("not started", "belum mulai"),
    "status.on_track": Words("on track", "sesuai laju"),
    "status.behind": Words("behind", "tertinggal"),
    "status.at_risk": Words("at risk", "berisiko"),
    "status.off_track": Words("off track", "keluar jalur"),
    "status.reached": Words("reached", "tercapai"),
    "status.missed": Words("missed", "tidak tercapai"),
    "status.no_data": Words("no data", "tanpa data"),
    "standing.of_target": Words("{actual} of {target}", "{actual} dari {target}"),
    "standing.against_target": Words("{actual}, target {target}", "{actual}, target {target}"),
    "standing.expected": Words("{expected} expected by now", "{expected} diharapkan saat ini"),
    "standing.forecast": Words("at this pace {forecast} on {last}", "dengan laju ini {forecast} pada {last}"),
    "standing.prospect": Words(
        "{low} to {high} on {last}, 8 times in 10", "{low} sampai {high} pada {last}, 8 dari 10 kali"
    ),
    "standing.chance": Words(
        "chance of reaching the target: {chance} ({words})", "peluang mencapai target: {chance} ({words})"
    ),
    "standing.no_forecast": Words("not enough data for a forecast", "data belum cukup untuk perkiraan"),
    "standing.part": Words(
        "this period counts {days} of {whole} days, so its target is {target}",
        "periode ini terhitung {days} dari {whole} hari, jadi targetnya {target}",
    ),
    **REPORT,
    **IMPORTED_SENTENCES,
    **VARIANCE,
}


def say(sentence: Sentence, language: str = "en") -> str:
    """The sentence in a language, its numbers and dates written as that language writes them."""
    filled = {name: _written(value, language) for name, value in sentence.values.items()}
    return TEMPLATES[sentence.key].said(language).format(**filled)


def _written(value: Value, language: str) -> str:
    match value:
        case Words():
            text = value.said(language)
        case Sentence():
            text = say(value, language)
        case Amount():
            text = number(value.value, language) + ("%" if value.unit is Unit.PERCENT else "")
            text = f"{text} {value.currency}".rstrip()
        case date():
            text = day(value, language)
        case int():
            text = number(value, language)
        case tuple():
            text = ", ".join(_written(part, language) for part in value)
        case _:
            text = value
    return text
