"""What is said of short links: why one is refused, and what was done with it."""

from web.i18n import marked as N_

#: Read by `web.said`.
KNOWN = (
    N_("Say where the link leads, such as https://example.org/sale."),
    N_("The address has more than %(number)s characters: shorten it."),
    N_("%(address)s is no web address: write a whole one such as https://example.org/sale, without spaces."),
    N_("%(host)s cannot be the name of a host: correct it."),
    N_("The address holds a user name or password, which every reader would see."),
    N_("The port in the address is no number from 0 to 65535: correct it."),
    N_("This is a short link itself: name the page that it should lead to."),
    N_("A code has %(least)s to %(most)s characters: choose another."),
    N_(
        "A code has letters a to z, digits, and single hyphens between them, such as summer-sale: choose "
        "another."
    ),
    N_("The code %(code)s is reserved: choose another."),
    N_(
        "The code %(code)s is taken, or looks like one that is, also if that link was removed: choose "
        "another."
    ),
    N_("The link %(code)s was removed. Restore it first."),
    N_("The link %(code)s stands in a post, so it stays. Change where it leads instead."),
    N_("A note has at most %(number)s characters: shorten it."),
    N_("%(name)s is no domain: write a name such as go.example.org, without path or port."),
    N_("%(host)s is where Tabuh's own pages are: give links a domain of their own."),
    N_("Another workspace has %(host)s for its links: choose another."),
    N_("There is no link %(code)s. `tabuh link list` shows those there are."),
    N_("added link"),
    N_("changed link"),
    N_("removed link"),
    N_("restored link"),
    N_("changed link domain"),
)
