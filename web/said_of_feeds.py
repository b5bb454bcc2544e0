"""Sentences of the scheduler about fetching feeds, for `web.said`."""

from web.i18n import marked as N_

KNOWN = (
    # Why the next poll is when it is (feeds.interval, scheduler.politeness, scheduler.hubs, feed_lists).
    N_("every %(span)s: chosen by hand, although %(rest)s asks for %(span_2)s"),
    N_("the server's max-age"),
    N_("the server's Expires"),
    N_("the feed itself"),
    N_("every %(span)s, to be safe: the feed's hub tells us of news at once"),
    N_("in a moment: its server is asked for one feed at a time"),
    N_("in a minute: it is large, and other large feeds were being read"),
    N_("its first look: it came with a list"),
    N_("its hub has told of news"),
    N_("its feed was removed"),
    N_("removed by hand"),
    # Why a feed could not be read (feeds.fetch, net.client).
    N_(
        "%(host)s puts a Cloudflare challenge before its feed, which only a browser can pass; ask its owner "
        "to let feed readers through"
    ),
    N_("no free connection for %(host)s; try again later"),
    N_("%(host)s redirects to something that is no address"),
    N_("%(host)s redirects to %(scheme)s:, which is not read"),
    # Hubs (scheduler.hubs).
    N_("the hub refuses: %(why)s"),
    N_("the hub takes subscriptions and never tells of news"),
    N_("%(host)s refuses the subscription (%(status)s)"),
    N_("it is not needed any more"),
    # Forms (scheduler.feed_access, scheduler.removing, scheduler.feed_lists, feeds.opml).
    N_("A feed is opened by one of: %(kinds)s."),
    N_("The password, token, value or cookie is missing: give it, or remove what is there."),
    N_("What opens a feed has at most %(limit)s characters."),
    N_("Basic needs a user name without a colon."),
    N_("Name a header of your own, such as X-Api-Key."),
    N_("Write the cookie as name=value; several with a semicolon between them."),
    N_("What opens a feed stands in one line, of letters and signs that a header can hold."),
    N_("A User-Agent is one line of at most 300 plain characters."),
    N_("%(url)s shows no entries: check that it is the right feed."),
    N_("The address of a feed has at most %(limit)s characters."),
    N_("The list is larger than %(size)s MiB: split it into several files."),
    N_("The list holds more than %(number)s feeds: split it into several files."),
    N_("This file lists no feeds: give an OPML file, as feed readers export it."),
    N_("This is no list of feeds: it holds %(what)s."),
    N_("There are no feeds to export yet."),
)

#: Texts that name a command, and what a page says instead.
REWORDED = {
    "%(host)s wants a user name and password for this feed (401); give them with `tabuh feed access`": N_(
        "%(host)s wants a user name and password for this feed (401); give them in its settings"
    ),
    "%(host)s says that the feed is gone for good (410): give its new address with `tabuh feed move`, or end "
    "it with `tabuh feed remove`": N_(
        "%(host)s says that the feed is gone for good (410): give its new address in its settings, or remove "
        "it there"
    ),
}
