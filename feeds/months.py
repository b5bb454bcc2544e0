"""The names of months that feeds use, whatever language their software was set to."""

import unicodedata
from typing import Final

#: January first; names and abbreviations without accents and full stops. English, Indonesian, Malay, German,
#: French, Spanish, Portuguese, Italian, Dutch, Danish, Norwegian, Swedish, Polish, Czech, Turkish, Russian.
_NAMES: Final = (
    "jan january januari januar janner janvier janv enero ene janeiro gennaio gen stycznia sty ledna ocak"
    " января январь янв",
    "feb february februari februar pebruari peb fevrier fevr fev febrero fevereiro febbraio lutego lut unora"
    " subat февраля февраль фев",
    "mar march maret mac marz maerz mrz mars marzo marco maart mrt marts marca brezna mart марта март мар",
    "apr april avril avr abril abr aprile kwietnia kwi dubna nisan апреля апрель апр",
    "may mei mai mayo maio maggio mag maj maja kvetna mayis мая май",
    "jun june juni juin junio junho giugno giu czerwca cze cervna haziran июня июнь июн",
    "jul july juli julai juillet juil julio julho luglio lug lipca lip cervence temmuz июля июль июл",
    "aug august agustus agu agt ags ogos ogo aout agosto ago augustus augusti sierpnia sie srpna agustos"
    " августа август авг",
    "sep sept september septembre septiembre setembro settembre set wrzesnia wrz zari eylul"
    " сентября сентябрь сент сен",
    "oct october okt oktober octobre octubre outubro out ottobre ott pazdziernika paz rijna ekim"
    " октября октябрь окт",
    "nov november nopember nop novembre noviembre novembro listopada lis kasim ноября ноябрь нояб ноя",
    "dec december desember disember des dis dezember dez decembre diciembre dic dezembro dicembre grudnia gru"
    " prosince aralik декабря декабрь дек",
)


def month_of(word: str) -> int | None:
    """The month that a word names, 1 to 12; None when it names none."""
    return _NUMBERS.get(_bare(word))


def _bare(word: str) -> str:
    """In lower case, without accents and full stops."""
    apart = unicodedata.normalize("NFKD", word.casefold().replace("ı", "i"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).strip(".")


_NUMBERS: Final = {
    _bare(name): number for number, names in enumerate(_NAMES, start=1) for name in names.split()
}
