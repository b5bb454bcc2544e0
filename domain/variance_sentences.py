"""What is said of a KPI's change, its trend and its own past, in English and Indonesian."""

from collections.abc import Mapping

from domain.sentence import Words

VARIANCE: Mapping[str, Words] = {
    # Why there is nothing to split.
    "variance.not_started": Words("The period has not begun.", "Periodenya belum dimulai."),
    "variance.no_baseline": Words(
        "Its baseline was given by hand or not at all: there are no own days to compare with.",
        "Nilai dasarnya diberikan dengan tangan atau tidak ada: tidak ada hari sendiri untuk dibandingkan.",
    ),
    "variance.not_additive": Words(
        "{metric} is not made of parts that add up: people whom two posts reached would count twice.",
        "{metric} tidak tersusun dari bagian yang dapat dijumlahkan: orang yang dijangkau dua pos akan "
        "terhitung dua kali.",
    ),
    "variance.no_rate": Words(
        "In one of the two periods nothing was measured that {metric} could be divided by.",
        "Pada salah satu periode tidak ada yang terukur sebagai pembagi {metric}.",
    ),
    "variance.not_counted": Words(
        "{metric} was not counted in both periods.", "{metric} tidak terhitung pada kedua periode."
    ),
    "variance.stands_alone": Words(
        "{metric} comes as one number, or what it comes of is not known for both periods: there is nothing "
        "to "
        "split it by.",
        "{metric} berupa satu angka, atau asalnya tidak diketahui untuk kedua periode: tidak ada yang dapat "
        "diuraikan.",
    ),
    # What moved it.
    "factor.volume": Words("Number of posts", "Jumlah pos"),
    "factor.mix": Words("Mix: where the posts went", "Bauran: ke mana pos pergi"),
    "factor.mix_rate": Words("Mix: which of them weigh more", "Bauran: mana yang lebih berbobot"),
    "factor.exposure": Words("Impressions per post", "Tayangan per pos"),
    "factor.rate": Words("{metric} per impression", "{metric} per tayangan"),
    "factor.own_rate": Words("The rate itself", "Rasio itu sendiri"),
    "factor.yield": Words("{metric} per post", "{metric} per pos"),
    "factor.older": Words("Posts from before the period", "Pos dari sebelum periode"),
    "factor.grown": Words("Growth of the channels", "Pertambahan kanal"),
    "factor.each": Words("{metric} for each of them", "{metric} untuk masing-masingnya"),
    "factor.above": Words("What is divided", "Yang dibagi"),
    "factor.below": Words("What it is divided by", "Pembaginya"),
    "variance.said": Words(
        "{metric}: {before} then, {after} now ({change}), mostly through {factor} ({effect}).",
        "{metric}: {before} dahulu, {after} sekarang ({change}), terutama karena {factor} ({effect}).",
    ),
    "variance.same": Words("{metric}: {after}, the same as then.", "{metric}: {after}, sama seperti dahulu."),
    "variance.lmdi": Words(
        "The effects add up to the change exactly (logarithmic mean Divisia index).",
        "Semua pengaruh berjumlah tepat sebesar perubahan (indeks Divisia rata-rata logaritmik).",
    ),
    "variance.shapley": Words(
        "The effects add up to the change exactly: by logarithmic means, and by Shapley's average where a "
        "factor is 0.",
        "Semua pengaruh berjumlah tepat sebesar perubahan: dengan rata-rata logaritmik, dan dengan rata-rata "
        "Shapley bila ada faktor 0.",
    ),
    "variance.adds": Words(
        "The parts add up to the change exactly.", "Bagian-bagiannya berjumlah tepat sebesar perubahan."
    ),
    "variance.part": Words(
        "The period is under way: as much of the other is compared as is over of this one.",
        "Periode masih berjalan: dari periode lain dibandingkan bagian yang sama panjang.",
    ),
    "variance.scaled": Words(
        "The baseline is of another length: its counts are taken as if it had been as long as this period so "
        "far.",
        "Periode dasar berbeda panjang: hitungannya disetarakan dengan panjang periode ini sejauh ini.",
    ),
    "variance.older": Words(
        "The groups are those of posts published in each period; what older posts brought stands apart.",
        "Kelompok memuat pos yang terbit di tiap periode; hasil pos lama ditulis terpisah.",
    ),
    # The trend.
    "trend.up": Words(
        "Rising over the last {weeks} weeks, by about {slope} a week (95 % interval: {low} to {high}); "
        "without "
        "a trend this would be seen {chance} ({p}).",
        "Naik selama {weeks} minggu terakhir, kira-kira {slope} per minggu (selang 95 %: {low} sampai "
        "{high}); "
        "tanpa tren hal ini terlihat {chance} ({p}).",
    ),
    "trend.down": Words(
        "Falling over the last {weeks} weeks, by about {slope} a week (95 % interval: {low} to {high}); "
        "without a trend this would be seen {chance} ({p}).",
        "Turun selama {weeks} minggu terakhir, kira-kira {slope} per minggu (selang 95 %: {low} sampai "
        "{high}); tanpa tren hal ini terlihat {chance} ({p}).",
    ),
    "trend.flat": Words(
        "No trend can be told from chance over the last {weeks} weeks: about {slope} a week, but anything "
        "from "
        "{low} to {high} fits (95 % interval); without a trend as much would be seen {chance} ({p}).",
        "Tidak ada tren yang dapat dibedakan dari kebetulan selama {weeks} minggu terakhir: kira-kira "
        "{slope} "
        "per minggu, tetapi {low} sampai {high} pun mungkin (selang 95 %); tanpa tren hal sebesar ini "
        "terlihat "
        "{chance} ({p}).",
    ),
    "trend.few": Words(
        "Not enough data to speak of a trend; whole weeks known: {weeks}, needed: {needed}.",
        "Data belum cukup untuk menyebut tren; minggu penuh yang diketahui: {weeks}, perlu: {needed}.",
    ),
    "trend.none": Words(
        "This figure has no days of its own, so no trend is looked for.",
        "Angka ini tidak punya nilai harian, jadi tren tidak dicari.",
    ),
    "trend.weekdays": Words(
        "Each weekday is compared with itself only (seasonal Mann-Kendall test with ties, Theil-Sen slope).",
        "Tiap hari dalam pekan hanya dibandingkan dengan dirinya sendiri (uji Mann-Kendall musiman dengan "
        "nilai kembar, kemiringan Theil-Sen).",
    ),
    "trend.weeks": Words(
        "Whole weeks are compared (Mann-Kendall test with ties, widened where weeks resemble their "
        "neighbours; "
        "Theil-Sen slope).",
        "Minggu penuh dibandingkan (uji Mann-Kendall dengan nilai kembar, dilebarkan bila minggu mirip "
        "tetangganya; kemiringan Theil-Sen).",
    ),
    "trend.p_tiny": Words("less than once in a thousand times", "kurang dari sekali dalam seribu kali"),
    "trend.p_of_hundred": Words("about {times} times in a hundred", "kira-kira {times} dari seratus kali"),
    "trend.p_of_thousand": Words("about {times} times in a thousand", "kira-kira {times} dari seribu kali"),
    "trend.p": Words("p = {p}", "p = {p}"),
    "trend.p_below": Words("p < {p}", "p < {p}"),
    # The own past.
    "among.said": Words(
        "{value} in {days} days is above {share} of the {count} earlier periods; in the middle they had "
        "{middle}, half of them between {low} and {high}.",
        "{value} dalam {days} hari lebih tinggi dari {share} dari {count} periode sebelumnya; tengahnya "
        "{middle}, separuhnya antara {low} dan {high}.",
    ),
    "among.part": Words(
        "Only the first {days} days of each are compared, since so many of this one are over.",
        "Hanya {days} hari pertama dari tiap periode dibandingkan, sebanyak yang sudah lewat dari periode "
        "ini.",
    ),
    "among.few": Words(
        "Not enough own past to compare with; earlier periods known: {count}, needed: {needed}.",
        "Riwayat sendiri belum cukup untuk dibandingkan; periode sebelumnya yang diketahui: {count}, perlu: "
        "{needed}.",
    ),
    "among.none": Words(
        "No day of the period is over that could be compared with earlier ones.",
        "Belum ada hari yang lewat pada periode ini untuk dibandingkan dengan yang dahulu.",
    ),
    # The industry.
    "benchmark.said": Words(
        "{own} is {where} ({whom}; {source}, {day}).", "{own} {where} ({whom}; {source}, {day})."
    ),
    "benchmark.last_day": Words("{own} on the last whole day", "{own} pada hari penuh terakhir"),
    "benchmark.last_week": Words("{own} in the last whole week", "{own} pada minggu penuh terakhir"),
    "benchmark.last_month": Words("{own} in the last whole month", "{own} pada bulan penuh terakhir"),
    "benchmark.last_quarter": Words("{own} in the last whole quarter", "{own} pada kuartal penuh terakhir"),
    "benchmark.all": Words("all", "semua"),
    "benchmark.above_high": Words(
        "above the upper quartile of {high}: in the highest quarter",
        "di atas kuartil atas {high}: termasuk seperempat tertinggi",
    ),
    "benchmark.above_median": Words(
        "above the median of {middle}, below the upper quartile",
        "di atas median {middle}, di bawah kuartil atas",
    ),
    "benchmark.below_median": Words(
        "below the median of {middle}, above the lower quartile",
        "di bawah median {middle}, di atas kuartil bawah",
    ),
    "benchmark.below_low": Words(
        "below the lower quartile of {low}: in the lowest quarter",
        "di bawah kuartil bawah {low}: termasuk seperempat terendah",
    ),
    "benchmark.above": Words("above the benchmark of {middle}", "di atas tolok ukur {middle}"),
    "benchmark.below": Words("below the benchmark of {middle}", "di bawah tolok ukur {middle}"),
    "benchmark.equal": Words(
        "the same as the benchmark, or between its quartiles",
        "sama dengan tolok ukur, atau di antara kuartilnya",
    ),
    "benchmark.other_platform": Words(
        "It is of {platform} only, and this KPI does not look at {platform} alone.",
        "Hanya untuk {platform}, sedangkan KPI ini tidak hanya melihat {platform}.",
    ),
    "benchmark.other_currency": Words(
        "It is in {currency}, and nothing is converted.", "Dalam {currency}, dan tidak ada yang dikonversi."
    ),
    "benchmark.other_period": Words(
        "It is counted {period}, and this KPI is not.", "Dihitung {period}, sedangkan KPI ini tidak."
    ),
    "benchmark.no_period": Words(
        "No whole own period is known yet.", "Belum ada satu periode penuh sendiri yang diketahui."
    ),
    "benchmark.stale": Words(
        "Stale: its source is older than 18 months.", "Usang: sumbernya lebih dari 18 bulan."
    ),
    "period.day": Words("by day", "per hari"),
    "period.week": Words("by week", "per minggu"),
    "period.month": Words("by month", "per bulan"),
    "period.quarter": Words("by quarter", "per kuartal"),
}
