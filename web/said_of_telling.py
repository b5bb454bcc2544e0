"""What lower layers say in English of alerts, deliveries and webhooks."""

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # Why a delivery did not go well (scheduler.by_mail, by_webhook, by_apprise, handing_over).
    N_("No mail server is set. Set TABUH_SMTP_HOST and TABUH_SMTP_SENDER, then start Tabuh again."),
    N_("%(host)s could not be reached: %(why)s."),
    N_("%(host)s did not answer: %(why)s."),
    N_("%(host)s asks us to wait (%(why)s)."),
    N_("%(host)s refuses this mail (%(why)s)."),
    N_("%(host)s took the mail and never said so: %(why)s."),
    N_("%(host)s refuses the user name or password (%(why)s). Correct TABUH_SMTP_*."),
    N_("%(host)s does not take mail from us this way (%(why)s). Correct TABUH_SMTP_*."),
    N_("%(host)s answered %(status)s: it wants no more."),
    N_("%(host)s answered %(status)s, a redirect, which signed requests do not follow."),
    N_("%(host)s answered %(status)s."),
    N_("This workspace is simulated, so nothing leaves it."),
    N_("The webhook was removed."),
    N_("Apprise does not know this address any more. Add it again."),
    N_("The service did not take it; the log of Apprise says why."),
    N_("Switched off: nothing could be delivered for %(days)s days. %(rest)s"),
    N_("Switched off: %(rest)s"),
    # What forms are told (scheduler.endpoints, scheduler.alerts, domain.telling, domain.quiet_hours).
    N_("Apprise is not installed. Install it with: pip install 'tabuh[apprise]'"),
    N_("Apprise does not know this address. Write one such as tgram://TOKEN/CHAT."),
    N_("A webhook needs a name of 1 to 80 characters."),
    N_("A workspace has at most %(most)s webhooks. Remove one first."),
    N_("There is a webhook called '%(name)s' already. Choose another name."),
    N_("Unknown kind of notice '%(kind)s'. Known: %(known)s."),
    N_("Write the webhook's whole address, such as https://example.org/hook."),
    N_("Write the address without a user name and password: requests are signed instead."),
    N_("Only webhooks have a signing secret."),
    N_("The hour of the digest is between 0 and 23."),
    N_("Quiet hours need a beginning and an end, such as 22:00-07:00."),
    N_("Quiet hours that end when they begin would never end: give two different times."),
    N_("Cannot read the quiet hours '%(given)s'. Write them as 22:00-07:00, or none."),
    N_("There is no such hour as in '%(given)s'. Hours go from 00:00 to 23:59."),
    N_("Cannot read the hour '%(given)s'. Write a whole hour such as 07:00, or at-once."),
    N_("This is no mail address. Write one such as news@example.org."),
    N_("Somebody else has this address already."),
    N_("This person does not belong to the workspace."),
    N_("This alert has closed, so there is nothing to put off."),
    N_("Unknown rule '%(rule)s'. Known: %(known)s."),
    N_("Name a rule or a subject to mute."),
    N_("Mute the rule, the subject, or both."),
    N_("Choose a time between 1 minute and 365 days."),
    # What was done.
    N_("chose how to be told"),
)

#: Texts that name a command, and what a page says instead.
REWORDED = {
    "There is no alert %(alert)s. `tabuh alert list` shows those there are.": N_(
        "There is no such alert here."
    ),
    "There is no webhook '%(name)s'. `tabuh webhook list` shows those there are.": N_(
        "There is no such webhook here."
    ),
    "There is no delivery %(delivery)s. `tabuh alert deliveries` shows those there are.": N_(
        "There is no such delivery here."
    ),
    "Nothing like that is muted. `tabuh alert rules` shows what is.": N_("Nothing like that is muted."),
}
