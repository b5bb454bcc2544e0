"""What lower layers say in English of the KPI guide."""

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # scheduler.guides, store.guides, store.secret_links.
    N_("There is no KPI guide yet: it begins with the first KPI. Add one: tabuh kpi add"),
    N_("The KPI guide has no version %(number)s. `tabuh kpi guide versions` shows those there are."),
    N_("There is no link %(number)s to the KPI guide. `tabuh kpi guide links` shows those there are."),
    N_("There is no KPI guide at this address, or the link has ended. Ask for a new one."),
    N_("A link to the KPI guide is open for 1 hour to 365 days."),
    N_("A KPI guide has at most %(number)s links. Revoke one first."),
    N_("The KPI guide is written in en (English) and id (Indonesian)."),
    N_("Only members of the workspace confirm that they have read its KPI guide."),
    N_("Write your name in 1 to 80 characters."),
    N_("A newer version has come meanwhile: read it, and confirm that one."),
    N_("Very many have confirmed at this link already. Ask for a link of your own."),
)
