"""Which hosts belong to one owner: the registrable domain of a name, by a small table of our own.

The public list of such suffixes has some ten thousand lines and changes weekly; decision 0015 says why a
table that knows the common ones suffices to share a server's wish for a pause.
"""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _by_country(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    for block in text.replace("\n    ", " ").split("\n"):
        country, _, labels = block.partition(":")
        yield country.strip(), _words(labels)


#: Second labels below which most countries hand out names: ``co.uk``, ``com.br``, ``or.jp``.
_GENERIC: Final = _words("ac co com edu go gob gov mil ne net or org")
#: Countries that hand out no such names: ``com.de`` and the like are somebody's own addresses there.
_FLAT: Final = _words("be ch cz de dk ee eu fi li lt lu nl no sk")
#: Further second labels, by country.
_BY_COUNTRY: Final = dict(
    _by_country(
        """\
ar: bet coop gob int musica mutual senasa tur
at: gv
au: asn id
bd: info
br: adm adv agr am arq art bio blog coop dev eco emp eng esp etc eti far flog fm fot g12 ggf ind inf jor
    jus leg lel log med mus nom not odo ong pro psc psi rec seg srv tec tmp tur tv vet vlog wiki zlg
cn: ah bj cq fj gd gs gx gz ha hb he hi hk hl hn jl js jx ln mo nm nx qh sc sd sh sn sx tj tw xj xz yn
    zj
cy: biz ekloges ltd press pro tm
es: gob nom
fr: asso gouv nom prd tm
gr: gov
hk: idv
hu: 2000 agrar bolt casino city erotica erotika film forum games hotel info ingatlan jogasz konyvelo
    lakas media news priv reklam sex shop sport suli szex tm tozsde utazas video
id: biz desa kop my ponpes sch web
il: idf k12 muni
in: 5g 6g ai am bihar biz business ca cn coop cs delhi dr er firm gen gujarat ind info int internet io
    me nic pg post pro res travel tv uk up us
jp: ad aichi akita aomori chiba ed ehime fukui fukuoka fukushima gifu gr gunma hiroshima hokkaido hyogo
    ibaraki ishikawa iwate kagawa kagoshima kanagawa kochi kumamoto kyoto lg mie miyagi miyazaki nagano
    nagasaki nara niigata oita okayama okinawa osaka saga saitama shiga shimane shizuoka tochigi
    tokushima tokyo tottori toyama wakayama yamagata yamaguchi yamanashi
ke: info me mobi sc
kr: busan chungbuk chungnam daegu daejeon es gangwon gwangju gyeongbuk gyeonggi gyeongnam hs incheon
    jeju jeonbuk jeonnam kg me ms pe re sc seoul ulsan
lk: assn grp hotel int ltd ngo sch soc web
mx: gob
my: biz name
ng: i mobi name sch
nz: cri geek gen govt health iwi kiwi maori parliament school
pe: gob nom
ph: i ngo
pk: biz fam gob gok gop info web
pl: agro aid atm auto biz gmina gsm info mail media miasta nieruchomosci nom pc powiat priv realestate
    rel sex shop sklep sos szkola targi tm tourism travel turystyka waw
pt: gov int nome publ
ro: arts firm info nom nt rec store tm www
rs: in
ru: msk nov spb
sg: per
th: in mi
tr: av bbs bel biz dr gen info k12 kep name pol tel tsk tv web
tw: club ebiz game idv
ua: cherkasy chernigov chernivtsi cv dn dp if in kharkiv kherson kiev kyiv lutsk lviv mk odesa odessa
    poltava rivne sumy te ternopil uzhgorod vinnica zp
uk: ltd me nhs plc police sch
us: dni fed isa kids nsn
uy: gub
ve: arts bib e12 firm gob info int nom rar rec store tec web
vn: ai biz health id info int io name pro
za: agric alt grondar law ngo nic nom school tm web
zw: gov"""
    )
)
#: Services that give each customer a name of their own below theirs.
_HOSTS_OF_MANY: Final = _words(
    """
000webhostapp.com altervista.org amplifyapp.com appspot.com azurestaticapps.net azurewebsites.net
bitbucket.io blog.tumblr.com blogsite.org blogspot.com bplaced.net bubbleapps.io carrd.co cloudapp.net
cloudfront.net cloudfunctions.net co.com co.cz co.nl co.no codeberg.page com.de com.se ddns.net de.com
deno.dev duckdns.org dyn-o-saur.com dyndns.org dynu.net dynv6.net elasticbeanstalk.com eth.limo eu.com
eu.org fastly-edge.com firebaseapp.com fly.dev framer.app framer.website freeddns.org freesite.host
gb.net gitbook.io github.io githubusercontent.com gitlab.io glitch.me hashnode.dev herokuapp.com
hopto.org i234.me in.net infinityfreeapp.com ipfs.io jimdosite.com jpn.com lima-city.de loca.lt
lovable.app myds.me myftp.org mynetgear.com myshopify.com mystrikingly.com neocities.org netlify.app
ngrok-free.app ngrok.app ngrok.io no-ip.net no-ip.org noip.me notion.site now.sh onrender.com pages.dev
pantheonsite.io railway.app readthedocs.io repl.co replit.app replit.dev rf.gd rtfd.io ru.com run.app
se.net servebeer.com shopware.store square.site srht.site stackblitz.io super.site surge.sh synology.me
sytes.net trycloudflare.com uk.com uk.net up.railway.app us.com vercel.app web.app webador.com
webflow.io webnode.page weebly.com weeblysite.com withgoogle.com wixsite.com wixstudio.com workers.dev
wpcomstaging.com wpenginepowered.com wpmudev.host za.com zapto.org
    """
)
#: As those; each name below is somebody else's, however long: ``bucket.s3.eu-west-1.amazonaws.com``.
_STORES: Final = (".amazonaws.com", ".digitaloceanspaces.com", ".linodeobjects.com", ".r2.dev")


def site_of(host: str) -> str:
    """The registrable domain of a host: what its owner bought, or was given by a service.

    ``news.bbc.co.uk`` → ``bbc.co.uk``; ``me.github.io`` is its own; an IP address or a name without a dot
    stays as it is. Always in lower case, without a dot at the end.
    """
    name = host.strip().rstrip(".").lower()
    labels = name.split(".")
    if _is_address(name) or name.endswith(_STORES):
        return name
    return ".".join(labels[-1 - _shared(labels) :])


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _shared(labels: list[str]) -> int:
    """How many labels at the end belong to everybody."""
    ends = (length for length in (3, 2) if ".".join(labels[-length:]) in _HOSTS_OF_MANY)
    country, second, third = ([*reversed(labels), "", "", ""])[:3]
    if len(country) == 2 and third == "blogspot" and second in ("co", "com"):
        return 3
    return next(ends, 2 if len(country) == 2 and _is_handed_out(second, country) else 1)


def _is_handed_out(second: str, country: str) -> bool:
    """Whether names below this label of a country are handed out to anybody."""
    is_state = country == "us" and len(second) == 2
    is_generic = second in _GENERIC and country not in _FLAT
    return second == "blogspot" or is_state or is_generic or second in _BY_COUNTRY.get(country, ())
