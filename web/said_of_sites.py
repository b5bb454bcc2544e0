"""What is said of sites and conversions: why one is refused, and what was done with it."""

from web.i18n import marked as N_

#: Read by `web.said`.
KNOWN = (
    # Sites (domain.web_site, scheduler.sites, store.sites).
    N_("These are no names of hosts: %(hosts)s. Write shop.example.org."),
    N_("A site needs 1 to %(number)s hosts, such as example.org and www.example.org."),
    N_("A site needs a name of 1 to 80 characters."),
    N_(
        "%(name)s cannot name a conversion. Use up to 40 of a-z, 0-9, - and _, such as order; %(taken)s are "
        "taken."
    ),
    N_("%(names)s cannot be a key event and none at once."),
    N_("A site counts at most %(number)s kinds of conversions."),
    N_("A site counts at most %(number)s kinds of conversions: %(name)s is one too many."),
    N_("A workspace has at most %(number)s sites. Remove one first."),
    N_("There is a site %(name)s already. Choose another name."),
    N_("%(host)s belongs to the site %(name)s already."),
    N_("There is no site %(name)s. `tabuh site list` shows those there are."),
    N_("added site"),
    N_("changed site"),
    N_("removed site"),
    N_("added conversion"),
    N_("imported conversions"),
    # Conversions (domain.currencies, scheduler.conversions, store.conversions).
    N_("%(given)s is no currency. Write its three letters, such as IDR or USD."),
    N_("Cannot read the amount %(given)s. Write 125000 or 12.50, without separators."),
    N_("%(amount)s has too many decimals: %(currency)s has %(number)s."),
    N_("This amount is too large to be one conversion."),
    N_(
        "The %(kind)s %(name)s was told with other values before. Use a new key for another conversion, and "
        "a refund for what was given back."
    ),
    N_("This is a refund already. Name the order or the key of what was sold."),
    N_("Nothing of this conversion is left to give back."),
    N_("At most %(amount)s %(currency)s is left to give back."),
    N_("A refund cannot be earlier than what was sold."),
    N_("The site %(site)s has no conversion with the order or key %(name)s."),
    N_("What was sold cost %(currency)s: give it back in the same currency."),
    N_("Give each conversion a key, or the number of its order; a refund needs a key."),
    N_("The %(what)s may have at most %(number)s characters, all of them visible."),
    N_("The time of a conversion must not be in the future."),
    N_("The time of a conversion must not be more than ten years ago."),
    N_("Give the value once: in units, or in minor units."),
    N_("A value needs its currency, such as IDR or USD."),
    N_("A value must not be below 0: tell a refund for what was given back."),
    N_("Cannot read the time %(given)s. Write 2026-11-24T09:30:00+07:00."),
    N_("This row has more cells than the first line has columns."),
    N_("The first line names the columns, each once: %(columns)s. Not known: %(names)s."),
    N_("The sheet is not in UTF-8: save it as CSV UTF-8."),
    N_("A sheet has at most %(number)s MB: cut it into several."),
    N_("A sheet has at most %(number)s rows: cut it into several."),
    N_("The sheet cannot be read: %(why)s."),
)
