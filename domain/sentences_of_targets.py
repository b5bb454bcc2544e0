"""What is said when a target is set: its name, its five checks, and what the own past makes of it."""

from collections.abc import Mapping

from domain.sentence import Words

OF_TARGETS: Mapping[str, Words] = {
    "signed.plus": Words("+{amount}", "+{amount}"),
    "signed.minus": Words("−{amount}", "−{amount}"),
    # Names.
    "naming.name": Words("{metric}{more}: {amount}{when}", "{metric}{more}: {amount}{when}"),
    "naming.at_least": Words("at least {amount}", "sedikitnya {amount}"),
    "naming.at_most": Words("at most {amount}", "paling banyak {amount}"),
    "naming.each": Words("{every}", "{every}"),
    "naming.until": Words("{every} by {deadline}", "{every} sampai {deadline}"),
    "naming.metric": Words(
        "The name does not say what is counted: {metric}.", "Nama tidak menyebut apa yang dihitung: {metric}."
    ),
    "naming.direction": Words(
        "The name does not say which way: raise, lower, at least or at most.",
        "Nama tidak menyebut arahnya: naikkan, turunkan, sedikitnya, atau paling banyak.",
    ),
    "naming.amount": Words("The name does not say how much.", "Nama tidak menyebut berapa banyak."),
    "naming.date": Words(
        "The name does not say by when, or how often.",
        "Nama tidak menyebut sampai kapan atau seberapa sering.",
    ),
    "naming.audience": Words(
        "The name does not say for whom: {audience}.", "Nama tidak menyebut untuk siapa: {audience}."
    ),
    "naming.acronym": Words(
        "Not everybody knows {acronym}: write {words}.", "Tidak semua orang tahu {acronym}: tulis {words}."
    ),
    "naming.unknown_acronym": Words(
        "Spell {acronym} out: not everybody knows it.",
        "Tulis kepanjangan {acronym}: tidak semua orang mengetahuinya.",
    ),
    # The five checks.
    "smart.specific": Words(
        "It says what, for whom, how much and by when.",
        "Disebutkan apa, untuk siapa, berapa banyak, dan sampai kapan.",
    ),
    "smart.no_audience": Words("It does not say whom it is about.", "Tidak disebutkan siapa yang dituju."),
    "smart.mend_audience": Words(
        "Say for whom, such as: parents in Bandung.", "Sebutkan untuk siapa, misalnya: orang tua di Bandung."
    ),
    "smart.mend_cadence": Words(
        "Say how often its owner looks at it, such as weekly.",
        "Sebutkan seberapa sering penanggung jawab melihatnya, misalnya setiap minggu.",
    ),
    "smart.mend_owner": Words("Choose an owner.", "Pilih penanggung jawab."),
    "smart.mend_specific": Words(
        "Take the proposed name, and say for whom.", "Pakai nama yang diusulkan, dan sebutkan untuk siapa."
    ),
    "smart.measurable": Words(
        "{metric} is measured: {covered} in the last 4 weeks.",
        "{metric} diukur: {covered} dalam 4 minggu terakhir.",
    ),
    "smart.unmeasured": Words(
        "Nothing was measured there in the last 4 weeks.",
        "Belum ada yang terukur di sana dalam 4 minggu terakhir.",
    ),
    "smart.mend_unmeasured": Words(
        "Publish and wait for the first numbers, or choose another scope.",
        "Terbitkan dan tunggu angka pertama, atau pilih cakupan lain.",
    ),
    "smart.thin": Words(
        "Only a part is measured: {covered} in the last 4 weeks.",
        "Hanya sebagian yang terukur: {covered} dalam 4 minggu terakhir.",
    ),
    "smart.mend_thin": Words(
        "Choose a channel whose platform supplies the metric, or see why measuring fails.",
        "Pilih kanal yang platformnya menyediakan metrik ini, atau lihat mengapa pengukuran gagal.",
    ),
    "smart.not_judged": Words(
        "Not judged before the target can be measured.", "Tidak dinilai sebelum target dapat diukur."
    ),
    "smart.over_100": Words(
        "{target} cannot be reached: a share never exceeds 100%.",
        "{target} tidak dapat dicapai: bagian tidak pernah melebihi 100%.",
    ),
    "smart.over": Words(
        "{target} cannot be reached: {metric} never exceeds {most}.",
        "{target} tidak dapat dicapai: {metric} tidak pernah melebihi {most}.",
    ),
    "smart.mend_most": Words("Set a target of at most {most}.", "Tetapkan target paling banyak {most}."),
    "smart.less_is_better": Words(
        "Less is better for {metric}, and this target asks for at least so much.",
        "Untuk {metric} lebih sedikit itu lebih baik, sedangkan target ini meminta paling sedikit sekian.",
    ),
    "smart.more_is_better": Words(
        "More is better for {metric}, and this target asks for at most so much.",
        "Untuk {metric} lebih banyak itu lebih baik, sedangkan target ini meminta paling banyak sekian.",
    ),
    "smart.mend_turned": Words(
        "Ask for at most so much, or for a decrease.", "Minta paling banyak sekian, atau penurunan."
    ),
    "smart.mend_turned_up": Words(
        "Ask for at least so much, or for an increase.", "Minta paling sedikit sekian, atau kenaikan."
    ),
    "smart.mend_past": Words(
        "Save it and look again when there is enough, or ask those who know the channel.",
        "Simpan dan lihat lagi saat data cukup, atau tanyakan kepada yang mengenal kanal ini.",
    ),
    "smart.mend_bold": Words(
        "{even} would be an even chance, {bold} a bold one; or give it more time.",
        "{even} berpeluang separuh, {bold} tergolong berani; atau beri waktu lebih lama.",
    ),
    "smart.mend_sure": Words(
        "It happens by itself. {bold} would be bold.",
        "Ini terjadi dengan sendirinya. {bold} tergolong berani.",
    ),
    "smart.relevant": Words("It serves a goal: {goal}", "Ini melayani sebuah tujuan: {goal}"),
    "smart.no_goal": Words("It says no business goal.", "Tujuan usahanya tidak disebutkan."),
    "smart.mend_goal": Words(
        "Choose a goal, or say in your own words what the business gains.",
        "Pilih tujuan, atau tulis dengan kata sendiri apa untungnya bagi usaha.",
    ),
    "smart.unfitting": Words(
        "{metric} says little about the goal: {goal}", "{metric} tidak banyak berkata tentang tujuan: {goal}"
    ),
    "smart.no_owner": Words("Nobody owns it.", "Tidak ada penanggung jawabnya."),
    "smart.mend_relevant": Words(
        "Choose a figure that speaks of the goal, and an owner.",
        "Pilih angka yang berkata tentang tujuan itu, dan penanggung jawab.",
    ),
    "smart.timely": Words("It is due on {deadline}.", "Jatuh tempo pada {deadline}."),
    "smart.each_day": Words("It is due anew every day.", "Jatuh tempo lagi setiap hari."),
    "smart.each_week": Words("It is due anew every week.", "Jatuh tempo lagi setiap minggu."),
    "smart.each_month": Words("It is due anew every month.", "Jatuh tempo lagi setiap bulan."),
    "smart.each_quarter": Words("It is due anew every quarter.", "Jatuh tempo lagi setiap kuartal."),
    "smart.short": Words(
        "{days} days are few: one post decides.", "{days} hari itu sedikit: satu pos menentukan."
    ),
    "smart.long": Words(
        "{days} days are far off: nobody hurries for them.",
        "{days} hari itu jauh: tak ada yang bergegas karenanya.",
    ),
    "smart.no_cadence": Words(
        "It does not say how often its owner looks at it.",
        "Tidak disebutkan seberapa sering penanggung jawab melihatnya.",
    ),
    "smart.late_look": Words(
        "Its owner looks less often than it is due.",
        "Penanggung jawab melihatnya lebih jarang dari jatuh temponya.",
    ),
    "smart.mend_timely": Words(
        "Choose a day within the year, and a look that comes before it is over.",
        "Pilih hari dalam setahun, dan jadwal melihat sebelum waktunya habis.",
    ),
    # What the own past makes of a target.
    "chance.sure": Words("almost certain", "hampir pasti"),
    "chance.likely": Words("likely", "mungkin besar"),
    "chance.open": Words("uncertain", "belum pasti"),
    "chance.unlikely": Words("unlikely", "kecil kemungkinan"),
    "chance.remote": Words("very unlikely", "sangat kecil kemungkinan"),
    "attain.chance": Words(
        "Chance of reaching it, by {weeks} weeks of your own: {chance} ({words}).",
        "Peluang mencapainya, menurut {weeks} minggu data sendiri: {chance} ({words}).",
    ),
    "attain.range": Words(
        "Most likely {middle}; {low} to {high} in 8 of 10 cases.",
        "Paling mungkin {middle}; {low} sampai {high} dalam 8 dari 10 kasus.",
    ),
    "attain.values": Words(
        "{even} is reached with a chance of 50%, {bold} with 20%.",
        "{even} tercapai dengan peluang 50%, {bold} dengan 20%.",
    ),
    "attain.climb": Words(
        "You would need {weekly} a week; you managed that in {managed} of {weeks} weeks.",
        "Anda perlu {weekly} per minggu; itu tercapai dalam {managed} dari {weeks} minggu.",
    ),
    "attain.there": Words(
        "You are there already: even {weekly} a week would do, and {managed} of {weeks} weeks went no worse.",
        "Anda sudah sampai di sana: {weekly} per minggu pun cukup, dan {managed} dari {weeks} minggu tidak "
        "lebih buruk.",
    ),
    "attain.moves_there": Words(
        "From one stretch of {days} days to the next you changed by {low} to {high} in 8 of 10 cases "
        "(middle {middle}). {wished} would be enough: {managed} of {windows} stretches went no worse.",
        "Dari satu rentang {days} hari ke rentang berikutnya angka berubah {low} sampai {high} dalam "
        "8 dari 10 kasus (tengah {middle}). {wished} sudah cukup: {managed} dari {windows} rentang tidak "
        "lebih buruk.",
    ),
    "attain.moves": Words(
        "From one stretch of {days} days to the next you changed by {low} to {high} in 8 of 10 cases "
        "(middle {middle}). You wish for {wished}: {managed} of {windows} stretches did as much.",
        "Dari satu rentang {days} hari ke rentang berikutnya angka berubah {low} sampai {high} dalam "
        "8 dari 10 kasus (tengah {middle}). Anda ingin {wished}: {managed} dari {windows} rentang "
        "menyamainya.",
    ),
    "attain.few": Words(
        "Not enough data: you have {weeks} weeks and {needed} are needed; we cannot judge this yet.",
        "Data belum cukup: baru ada {weeks} minggu dan diperlukan {needed}; ini belum dapat dinilai.",
    ),
    "attain.none": Words(
        "Not enough data: nothing was measured there before, and {needed} weeks are needed; "
        "we cannot judge this yet.",
        "Data belum cukup: belum ada yang terukur di sana, dan diperlukan {needed} minggu; "
        "ini belum dapat dinilai.",
    ),
    # How a KPI goes on.
    "since.actual": Words("{change} since {day}", "{change} sejak {day}"),
    "record.said": Words(
        "Of {times} times we said {low} to {high}, it came true {true} times.",
        "Dari {times} kali kami menyebut {low} sampai {high}, {true} kali terbukti.",
    ),
    # Changing a KPI.
    "kpi.why_changed": Words(
        "Say why the target is changed: what was promised should not move in silence.",
        "Tuliskan mengapa target diubah: yang sudah dijanjikan jangan bergeser diam-diam.",
    ),
    "kpi.unchanged": Words("Nothing was changed.", "Tidak ada yang diubah."),
    "kpi.closed": Words(
        "The KPI {name} is closed and cannot be changed.", "KPI {name} sudah ditutup dan tak dapat diubah."
    ),
    "kpi.no_comment": Words(
        "Write a comment of 1 to 2,000 characters.", "Tulis komentar sepanjang 1 sampai 2.000 karakter."
    ),
    "kpi.unknown_goal": Words(
        "Unknown goal {goal}. Known: {known}.", "Tujuan {goal} tidak dikenal. Yang ada: {known}."
    ),
    "kpi.unknown_cadence": Words(
        "Unknown cadence {cadence}. Known: {known}.", "Irama {cadence} tidak dikenal. Yang ada: {known}."
    ),
    "kpi.no_such_owner": Words(
        "This owner is not a member of the workspace.", "Penanggung jawab ini bukan anggota ruang kerja."
    ),
}
