"""What is said about experiments: how many posts they take, how they stand, and what came of them."""

from collections.abc import Mapping

from domain.sentence import Words

OF_EXPERIMENTS: Mapping[str, Words] = {
    # What is concluded.
    "experiment.arm_count": Words("{arm}: {count}", "{arm}: {count}"),
    "experiment.both": Words("{one}, {other}", "{one}, {other}"),
    "experiment.few": Words(
        "Not enough data: each arm needs at least {fewest} posts measured at the age of {age}; so "
        "far {counts}.",
        "Data belum cukup: setiap cabang perlu sedikitnya {fewest} pos yang terukur pada umur {age}; sejauh "
        "ini {counts}.",
    ),
    "experiment.apart": Words(
        "The arms cannot be compared yet: they need measured posts on the same channels, and each arm some "
        "{metric}.",
        "Cabang belum bisa dibandingkan: perlu pos terukur di kanal yang sama, dan {metric} pada setiap "
        "cabang.",
    ),
    "experiment.better": Words(
        "{arm} is ahead of {first}: {effect} in {metric} at the age of {age}, between {low} and {high}. That "
        "{arm} is better is {words} ({chance}).",
        "{arm} mengungguli {first}: {effect} dalam {metric} pada umur {age}, antara {low} dan {high}. Bahwa "
        "{arm} lebih baik: {words} ({chance}).",
    ),
    "experiment.worse": Words(
        "{arm} is behind {first}: {effect} in {metric} at the age of {age}, between {low} and {high}. That "
        "{arm} is better is {words} ({chance}).",
        "{arm} tertinggal dari {first}: {effect} dalam {metric} pada umur {age}, antara {low} dan {high}. "
        "Bahwa {arm} lebih baik: {words} ({chance}).",
    ),
    "experiment.open": Words(
        "No difference between {arm} and {first} was shown: {effect} in {metric} at the age of {age}, "
        "between {low} and {high}, so it may still go either way. Chance that {arm} is better: {chance}.",
        "Belum terbukti ada perbedaan antara {arm} dan {first}: {effect} dalam {metric} pada umur {age}, "
        "antara {low} dan {high}, jadi keduanya masih mungkin. Peluang {arm} lebih baik: {chance}.",
    ),
    "experiment.choose": Words(
        "Take {arm}: whichever arm is really the best, that loses {loss} on average (best with a chance of "
        "{chance}).",
        "Pilih {arm}: cabang mana pun yang sebenarnya terbaik, kerugiannya rata-rata {loss} (peluang menjadi "
        "yang terbaik {chance}).",
    ),
    "experiment.not_yet": Words(
        "{arm} leads, but choosing it now would lose {loss} on average, where less than 1% is asked "
        "for (best "
        "with a chance of {chance}).",
        "{arm} memimpin, tetapi memilihnya sekarang rata-rata merugikan {loss}, padahal yang diminta kurang "
        "dari 1% (peluang menjadi yang terbaik {chance}).",
    ),
    "experiment.waiting": Words(
        "It is judged once, {until}; so far {counts}. Looking at the difference before would find some where "
        "there are none.",
        "Penilaian dilakukan sekali, {until}; sejauh ini {counts}. Melihat selisihnya sebelum itu akan "
        "menemukan perbedaan yang sebenarnya tidak ada.",
    ),
    "experiment.until_size": Words(
        "when each arm has {size} measured posts", "ketika setiap cabang punya {size} pos terukur"
    ),
    "experiment.until_day": Words("on {day}", "pada {day}"),
    "experiment.until_both": Words(
        "when each arm has {size} measured posts, on {day} at the latest",
        "ketika setiap cabang punya {size} pos terukur, paling lambat {day}",
    ),
    "experiment.early": Words(
        "It was ended before it was to be judged, so there is no verdict: a test that is made once "
        "holds only "
        "at its planned end.",
        "Eksperimen diakhiri sebelum waktunya dinilai, jadi tidak ada putusan: uji sekali hanya berlaku pada "
        "akhir yang direncanakan.",
    ),
    "experiment.stopped": Words(
        "It was given up, so nothing is concluded.", "Eksperimen dihentikan, jadi tidak ada kesimpulan."
    ),
    "experiment.ready": Words(
        "The difference is told: you may end the experiment now, and the verdict holds.",
        "Perbedaannya sudah terbukti: eksperimen boleh diakhiri sekarang, dan putusannya berlaku.",
    ),
    "experiment.known": Words(
        "{count} of the posts that count were added when their figures were known. They may have been chosen "
        "by them, so this looks back and proves less.",
        "{count} dari pos yang terhitung ditambahkan ketika angkanya sudah diketahui. Pos itu "
        "mungkin dipilih "
        "karenanya, jadi ini menengok ke belakang dan kurang membuktikan.",
    ),
    "experiment.shares": Words(
        "If everything counted were drawn by itself: {arm} {above} of {below}, {first} {first_above} of "
        "{first_below}, chance that {arm} is higher {chance} (z {z}, p {p}). What one post brings hangs "
        "together, so the verdict counts posts.",
        "Andai semua yang dihitung saling lepas: {arm} {above} dari {below}, {first} {first_above} dari "
        "{first_below}, peluang {arm} lebih tinggi {chance} (z {z}, p {p}). Hasil satu pos saling terkait, "
        "jadi putusan menghitung pos.",
    ),
    # How it was computed.
    "experiment.how_count": Words(
        "{posts} posts at the age of {age}, each compared within its channel by the logarithm of 1 + "
        "{metric}.",
        "{posts} pos pada umur {age}, masing-masing dibandingkan di dalam kanalnya menurut logaritma dari "
        "1 + {metric}.",
    ),
    "experiment.how_rate": Words(
        "{posts} posts at the age of {age}, compared within their channels by the logarithm of the ratio of "
        "sums ({metric}), whose variance is that between posts.",
        "{posts} pos pada umur {age}, dibandingkan di dalam kanalnya menurut logaritma rasio jumlah "
        "({metric}), dengan ragam antarpos.",
    ),
    "experiment.how_always": Words(
        "The test may be looked at after every post (mixture sequential probability ratio, Johari and others "
        "2017): of all experiments without a difference at most {alpha} ever tell one. The interval holds at "
        "all looks together.",
        "Uji ini boleh dilihat setelah setiap pos (mixture sequential probability ratio, Johari dkk. 2017): "
        "dari semua eksperimen tanpa perbedaan, paling banyak {alpha} yang pernah menyatakan ada. Selangnya "
        "berlaku untuk semua pengamatan sekaligus.",
    ),
    "experiment.how_fixed": Words(
        "One test at the planned end (Student's t): of all experiments without a difference at most {alpha} "
        "tell one.",
        "Satu uji pada akhir yang direncanakan (t Student): dari semua eksperimen tanpa perbedaan, paling "
        "banyak {alpha} yang menyatakan ada.",
    ),
    "experiment.how_several": Words(
        "{number} comparisons with the first arm share that error between them.",
        "{number} perbandingan dengan cabang pertama berbagi galat itu.",
    ),
    "experiment.how_variance": Words(
        "Variance of one post: {variance} on the scale of logarithms, {freedom} degrees of freedom.",
        "Ragam satu pos: {variance} pada skala logaritma, {freedom} derajat bebas.",
    ),
    # How many posts it takes.
    "experiment.needed": Words(
        "To find {effect} takes about {needed} posts in each arm (with a chance of {power}), by how much the "
        "last {posts} posts of these channels differed.",
        "Untuk menemukan {effect} perlu sekitar {needed} pos di setiap cabang (dengan peluang {power}), "
        "menurut seberapa berbeda {posts} pos terakhir di kanal ini.",
    ),
    "experiment.weeks": Words(
        "At {rate} posts a week that is about {weeks} weeks. Too long? Look for a larger effect, or judge "
        "once.",
        "Dengan {rate} pos per minggu itu sekitar {weeks} minggu. Terlalu lama? Cari efek yang lebih besar, "
        "atau nilai sekali saja.",
    ),
    "experiment.weeks_short": Words(
        "At {rate} posts a week that is about {weeks} weeks.",
        "Dengan {rate} pos per minggu itu sekitar {weeks} minggu.",
    ),
    "experiment.needed_unknown": Words(
        "Not enough data to say how many posts it takes: {posts} posts of these channels have "
        "{metric} at the "
        "age of {age}, and {least} are needed.",
        "Data belum cukup untuk menyebut berapa pos yang diperlukan: {posts} pos di kanal ini punya {metric} "
        "pada umur {age}, dan perlu {least}.",
    ),
}
