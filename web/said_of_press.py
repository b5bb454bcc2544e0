"""What adapters of blogs and newsletters ask for and say: WordPress, Ghost, e-mail."""

from web.i18n import marked as N_

#: Read by `web.said`.
KNOWN = (
    N_("E-mail"),
    N_("Site"),
    N_("Its address, such as https://blog.example"),
    N_("The address under which you write there, such as https://blog.example"),
    N_("Categories"),
    N_("Tags"),
    N_("Names with commas between them; new ones are made"),
    N_("User name"),
    N_("Of a user who may publish posts"),
    N_("Application password"),
    N_("From the site's Users, Profile, Application Passwords"),
    N_("Newsletter"),
    N_("Its slug, to mail each post to the site's members too; empty: no mail"),
    N_("Admin API key"),
    N_("From the site's settings, Integrations, Add custom integration"),
    N_("This is no Admin API key. Copy it whole: an id, a colon, and 64 further signs."),
    N_("Mail server"),
    N_("Its name, such as mail.example.org"),
    N_("Sender"),
    N_("The address that readers see and answer to"),
    N_("Sender's name"),
    N_("Shown before the address"),
    N_("Encryption"),
    N_("starttls, tls from the start, or none on your own network"),
    N_("Port"),
    N_("Empty: 587, with tls 465, with none 25"),
    N_("Mailing list"),
    N_("Its address, where a list server keeps the readers"),
    N_("Empty: the server asks for none"),
    N_("Password"),
    N_("The mail server's, or an app password"),
    N_("Readers"),
    N_("Their addresses, where no list server keeps them"),
    N_("This is no mail address. Write one such as news@example.org."),
    N_("Number %(number)s of these is no mail address. Correct it."),
    N_("A channel keeps at most %(most)s readers. Give a mailing list's address for more."),
    N_("This is no server's name. Write one such as mail.example.org."),
    N_("The address has a query. Write the site's front page, such as https://blog.example."),
    N_("The channel has both a mailing list and readers of its own. Leave one of them out."),
    N_("The channel has nobody to write to. Give it a mailing list's address, or readers."),
    N_("%(host)s refuses the user name or password (%(status)s). Connect the channel again."),
    N_("%(host)s does not take mail from us this way (%(status)s). Connect the channel again."),
    N_(
        "The mail server does not let us send as %(sender)s (%(status)s). Correct the sender, or connect "
        "the channel again."
    ),
    N_("%(host)s asks us to wait (%(status)s)."),
    N_("%(host)s refuses this mail (%(status)s)."),
    N_("The mail to %(reader)s was handed over, and no answer came (%(why)s)."),
    N_("No reader got this mail: %(named)s."),
    N_("%(some)s of %(all)s readers did not get it: %(named)s."),
    N_("%(some)s readers have it; %(left)s more follow."),
    N_("The server asks for patience with %(some)s of %(all)s readers."),
    N_("A mail that was sent cannot be called back."),
    N_("A mail that was sent cannot be changed. Send another one."),
    N_(
        "%(host)s refuses the user name or the application password (%(status)s). Make a new one under "
        "Users, Profile, and check that the web server hands on the Authorization header."
    ),
    N_(
        "%(host)s does not show this user their own drafts (%(status)s). Check the user name and the "
        "application password, and that the user has the role of an author or editor."
    ),
    N_(
        "%(host)s forbids this user to do that (%(status)s). Give the user the role of an author or "
        "editor, or connect another one."
    ),
    N_("%(name)s may not publish on %(site)s. Give that user the role of an author."),
    N_("%(host)s forbids this request (%(status)s). A firewall of the site may be the reason."),
    N_(
        "%(host)s has no WordPress API there (404). Check the site's address, and that no plug-in turns "
        "the REST API off."
    ),
    N_("%(site)s no longer has this post."),
    N_("%(site)s has this post in its bin."),
    N_("%(host)s refuses the Admin API key (%(status)s). Connect the channel again."),
    N_(
        "%(host)s forbids this integration to do that (%(status)s). Make a custom integration and connect"
        " the channel with its Admin API key."
    ),
    N_("%(host)s says that somebody else is editing this post (409). Try again."),
    N_("%(host)s has no Ghost there (404). Check the site's address."),
)
