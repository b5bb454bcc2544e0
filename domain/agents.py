"""User-agent patterns of programs that request pages and links without a reader, as dated data.

Each kind says where its patterns come from and when they were last looked at. Lower case; read by
`domain.audience`. A click keeps the kind by which it was told: a better list can explain older counts.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class AgentKind:
    """Programs of one kind, and how their agents are known."""

    #: What a click keeps in ``why``.
    why: str
    as_of: date
    source: str
    #: Any of these anywhere in the agent.
    patterns: tuple[str, ...]
    #: These only where the agent begins with them: the same program also shows pages to people.
    beginnings: tuple[str, ...] = ()


_LOOKED: Final = date(2026, 11, 22)

#: Most telling first: the first kind that fits is kept.
KINDS: tuple[AgentKind, ...] = (
    AgentKind(
        "preview",
        _LOOKED,
        "the platforms' own pages on their link previews, and what preview requests announce",
        (
            "facebookexternalhit", "facebookcatalog", "facebot", "meta-externalagent",
            "meta-externalfetcher", "cardyb", "embedly", "iframely", "skypeuripreview", "vkshare",
            "line-poker", "pinterest/0.", "pinterestbot", "flipboardproxy", "bingpreview", "twitterbot",
            "linkedinbot", "slackbot", "slack-imgproxy", "discordbot", "telegrambot", "redditbot",
            "kakaotalk-scrap", "snap url preview", "google-read-aloud", "microsoft office",
            "ms-office", "outlook-ios-linkpreview", "mastodon/", "pleroma", "akkoma", "misskey",
            "sharkey", "firefish", "iceshrimp", "gotosocial", "friendica", "lemmy/", "peertube",
            "pixelfed", "hubzilla", "summalybot", "http.rb/", "preview",
        ),
        ("whatsapp/", "viber/", "tumblr/"),
    ),
    AgentKind(
        "scanner",
        _LOOKED,
        "the agents that scanners of mail, messengers and networks announce",
        (
            "safelinks", "proofpoint", "mimecast", "barracuda", "urlscan", "virustotal", "zgrab",
            "masscan", "nmap", "censys", "shodan", "expanse", "nuclei", "sqlmap",
        ),
    ),
    AgentKind(
        "monitor",
        _LOOKED,
        "the agents that monitoring services and page testers announce",
        (
            "monitor", "uptime", "pingdom", "statuscake", "site24x7", "newrelicpinger", "datadog",
            "hetrixtools", "freshping", "check_http", "zabbix", "blackbox", "lighthouse", "pagespeed",
            "gtmetrix", "validator", "checker",
        ),
    ),
    AgentKind(
        "feed_reader",
        _LOOKED,
        "the agents that feed readers and aggregators announce",
        (
            "feedly", "feedbin", "feedparser", "newsblur", "inoreader", "miniflux", "freshrss",
            "tiny tiny rss", "netnewswire", "newsboat", "rssowl", "feedreader",
        ),
    ),
    AgentKind(
        "browser_driven",
        _LOOKED,
        "the default agents of browsers that a program drives",
        ("headlesschrome", "phantomjs", "puppeteer", "playwright", "selenium"),
    ),
    AgentKind(
        "library",
        _LOOKED,
        "the default agents of programming libraries and tools, from their own documentation",
        (
            "curl/", "wget/", "libcurl", "python", "httpx/", "aiohttp", "scrapy", "go-http-client",
            "java/", "apache-httpclient", "libwww-perl", "ruby", "guzzlehttp", "node-fetch", "axios/",
            "undici", "got (", "php/", "postmanruntime", "insomnia", "reqwest/", "dart/", "deno/",
            "bun/", "colly", "faraday", "typhoeus", "windowspowershell", "httpie/", "winhttp",
        ),
    ),
    AgentKind(
        "crawler",
        _LOOKED,
        "the crawlers' own pages, and the habit of naming an address where one may complain",
        (
            "crawl", "spider", "slurp", "scraper", "fetcher", "archiver", "google-inspectiontool",
            "googleother", "mediapartners-google", "apis-google", "googleimageproxy", "yahoomailproxy",
            "chatgpt-user", "claude-user", "perplexity-user", "mistralai-user", "+http",
        ),
    ),
)  # fmt: skip

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
