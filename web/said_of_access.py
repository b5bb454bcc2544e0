"""Sentences about access to platforms, what it costs and how much of it there is, for `web.said`."""

from collections.abc import Mapping

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # Applications (scheduler.applications).
    N_("%(platform)s asks for no application: its channels are connected directly."),
    N_("The application of %(platform)s needs its id."),
    N_("The application '%(application)s' of %(platform)s needs its secret."),
    N_("No application is set for %(platform)s."),
    # Connecting at the consent page (scheduler.connecting, scheduler.channels).
    N_("This walk to the platform was not begun here, or it has ended. Begin again."),
    N_("%(platform)s has no page of its own for consent: give its credentials."),
    N_("%(platform)s was not allowed to give access, so nothing was connected."),
    N_("%(platform)s gave no access: %(why)s. Begin again."),
    N_("Choose one of the list."),
    N_(
        "The access that was granted is for %(names)s, and not for what %(channel)s posts as. Sign in there "
        "as its owner, or add a new channel."
    ),
    N_(
        "The access that was granted is that of %(names)s, and %(channel)s posts as another one. Sign in "
        "there as its owner, or add a new channel."
    ),
    # The shared flow (publishers.oauth, publishers.oauth_answers, scheduler.renewing).
    N_("%(platform)s did not grant %(scopes)s. Connect again, and leave everything ticked."),
    N_("The access to %(platform)s has ended. Connect the channel again."),
    N_("%(host)s no longer grants access (%(status)s). Connect the channel again."),
    N_("%(host)s answered without an access token."),
    N_("%(rest)s Begin again."),
    N_("The credentials of channel %(name)s could not be renewed now."),
    # Budgets and money (scheduler.allowing, scheduler.spending, domain.money).
    N_(
        "Waits, because %(platform)s takes at most %(most)s posts in %(hours)s hours from this channel, and "
        "there is no room until %(until)s UTC."
    ),
    N_(
        "Waits, because %(platform)s takes at most %(most)s posts in %(minutes)s minutes from this channel, "
        "and there is no room until %(until)s UTC."
    ),
    N_(
        "Waits, because %(platform)s takes at most %(most)s posts in %(hours)s hours from this installation, "
        "and there is no room until %(until)s UTC."
    ),
    N_(
        "Waits, because %(platform)s takes at most %(most)s posts in %(minutes)s minutes from this "
        "installation, and there is no room until %(until)s UTC."
    ),
    N_(
        "Waits, because %(platform)s takes at most %(most)s posts in %(seconds)s seconds from this channel, "
        "and there is no room until %(until)s UTC."
    ),
    N_(
        "Waits, because %(platform)s takes at most %(most)s posts in %(seconds)s seconds from this "
        "installation, and there is no room until %(until)s UTC."
    ),
    N_("Not read, because %(platform)s takes at most %(most)s reads in %(hours)s hours."),
    N_("Not read, because %(platform)s takes at most %(most)s reads in %(minutes)s minutes."),
    N_("Not read, because %(platform)s takes at most %(most)s reads in %(seconds)s seconds."),
    N_("Waits, because %(platform)s says that it takes no more posts until %(until)s UTC."),
    N_(
        "Waits, because the cap of %(cap)s a month for this workspace is reached: %(spent)s are spent, and "
        "this post costs %(price)s."
    ),
    N_(
        "Waits, because the cap of %(cap)s a month for channel %(name)s is reached: %(spent)s are spent, and "
        "this post costs %(price)s."
    ),
    N_(
        "Waits, because the cap of %(cap)s a month for %(platform)s is reached: %(spent)s are spent, and "
        "this post costs %(price)s."
    ),
    # How many looks a post gets (scheduler.looks).
    N_("the cap of %(cap)s a month"),
    N_("%(most)s reads in %(hours)s hours"),
    N_("Not read, because the cap of %(cap)s a month for this workspace is reached: %(spent)s are spent."),
    N_("Not read, because the cap of %(cap)s a month for channel %(name)s is reached: %(spent)s are spent."),
    N_("Not read, because the cap of %(cap)s a month for %(platform)s is reached: %(spent)s are spent."),
    N_("Not read, because %(reason)s."),
    N_("Cannot read the amount '%(given)s'. Write it as 20.00 USD."),
    N_("There is no such cap."),
    N_("%(platform)s takes no money for posts or reads, as far as is known."),
    N_("%(platform)s takes its prices in %(currency)s: set the cap in %(currency_2)s."),
    N_("What is known of channel %(name)s does not suffice: connect it again."),
)

#: Texts that name a command, and what a page says instead.
REWORDED: Mapping[str, str] = {
    "%(platform)s does not know this installation yet. Register an application there and set it with "
    "`tabuh platform set %(name)s`.": N_(
        "%(platform)s does not know this installation yet: an owner must set its application first."
    ),
    "%(platform)s does not know this installation yet: set its application with "
    "`tabuh platform set %(name)s`.": N_(
        "%(platform)s does not know this installation yet: an owner must set its application first."
    ),
    "What is stored of the application for %(platform)s is another one's. Set it again: "
    "`tabuh platform set %(name)s`.": N_(
        "What is stored of the application for %(platform)s is another one's. An owner must set it again."
    ),
    "%(host)s refuses the application (%(status)s). Correct its id and secret with "
    "`tabuh platform set %(name)s`.": N_(
        "%(host)s refuses the application (%(status)s). An owner must correct its id and secret."
    ),
}
