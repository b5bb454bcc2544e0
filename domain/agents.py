"""User-agent patterns of programs that request pages and links without a reader, as data.

Sources: the platforms' own pages on their preview fetchers, and the agents that RFC-abiding
programs announce. Lower case; read by `domain.audience`.
"""

#: Any of these anywhere in the agent: a program.
PROGRAMS: tuple[str, ...] = (
    # Programs that say so, and those that name an address where one may complain.
    "crawl",
    "spider",
    "slurp",
    "scraper",
    "fetcher",
    "preview",
    "monitor",
    "uptime",
    "validator",
    "checker",
    "archiver",
    "+http",
    # Link previews of social platforms and messengers.
    "facebookexternalhit",
    "facebookcatalog",
    "facebot",
    "meta-externalagent",
    "bluesky cardyb",
    "cardyb",
    "embedly",
    "iframely",
    "skypeuripreview",
    "vkshare",
    "line-poker",
    "pinterest/0.",
    "flipboardproxy",
    "google-read-aloud",
    "google-inspectiontool",
    "googleother",
    "mediapartners-google",
    "apis-google",
    "bingpreview",
    "microsoft office",
    "ms-office",
    "safelinks",
    "outlook-ios-linkpreview",
    # Fediverse servers fetch each link for their card.
    "mastodon/",
    "pleroma",
    "akkoma",
    "misskey",
    "sharkey",
    "firefish",
    "iceshrimp",
    "gotosocial",
    "friendica",
    "lemmy/",
    "peertube",
    "pixelfed",
    "hubzilla",
    "summalybot",
    "http.rb/",
    # Feed readers and aggregators.
    "feedly",
    "feedbin",
    "feedparser",
    "newsblur",
    "inoreader",
    "miniflux",
    "freshrss",
    "tiny tiny rss",
    "netnewswire",
    "newsboat",
    "rssowl",
    "feedreader",
    # Programming libraries and tools.
    "curl/",
    "wget/",
    "libcurl",
    "python",
    "httpx/",
    "aiohttp",
    "scrapy",
    "go-http-client",
    "java/",
    "apache-httpclient",
    "libwww-perl",
    "ruby",
    "guzzlehttp",
    "node-fetch",
    "axios/",
    "undici",
    "got (",
    "php/",
    "headlesschrome",
    "phantomjs",
    "puppeteer",
    "playwright",
    "selenium",
    "lighthouse",
    "pagespeed",
    "gtmetrix",
    "pingdom",
    # Security scanners of mail and messengers.
    "proofpoint",
    "mimecast",
    "barracuda",
    "urlscan",
    "virustotal",
    "zgrab",
    "masscan",
    "nmap",
)

#: These only where the agent begins with them: the same program also shows pages to people.
BEGINNINGS: tuple[str, ...] = ("whatsapp/",)

#: Makers whose telephones have "bot" in their name.
TELEPHONES: tuple[str, ...] = ("cubot",)

#: A browser in front of a reader says ``Mozilla/5.0`` and one of these, or is one of these.
BROWSERS: tuple[str, ...] = (
    "chrome/",
    "crios/",
    "chromium/",
    "firefox/",
    "fxios/",
    "safari/",
    "applewebkit/",
    "gecko/",
    "edg/",
    "edga/",
    "edgios/",
    "opr/",
    "trident/",
    "msie ",
)
#: Browsers that do not say ``Mozilla/5.0``.
PLAIN_BROWSERS: tuple[str, ...] = ("opera/", "opera mini", "lynx/", "w3m/", "links (", "dillo/", "netsurf")

#: Header fields by which a browser says that it fetches ahead of a click that may never come.
AHEAD: tuple[str, ...] = ("sec-purpose", "purpose", "x-purpose", "x-moz")
#: What those fields then hold.
AHEAD_WORDS: tuple[str, ...] = ("prefetch", "prerender", "preview")
