"""What lower layers say in English of sheets, campaigns, approvals, calendars and evergreens."""

from collections.abc import Mapping

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # A sheet as a whole (domain.sheet).
    N_("The file is larger than %(size)s MB: split it."),
    N_("The file is empty. Its first row names the columns: text, channel, time and so on."),
    N_("The file has more than %(rows)s rows: split it."),
    N_("The file is no CSV file. Save the sheet as CSV (UTF-8) and give that."),
    N_("The file's letters cannot be read. Save the sheet as CSV (UTF-8)."),
    N_("The file cannot be read at line %(line)s: %(rest)s."),
    N_("a cell holds more than %(length)s characters"),
    N_("a quotation mark is not closed, or stands inside a text without being doubled"),
    N_(
        "The row has more cells than there are columns, from '%(extra)s' on. Put texts that hold the "
        "separator in quotes."
    ),
    N_("The column '%(head)s' is not known and was passed over."),
    N_("The column '%(head)s' is there twice. Keep one of them."),
    N_(
        "The first row names no column 'text'. Name the columns there: text, link, channel, time, zone, "
        "slot, campaign, tags and so on."
    ),
    # Times in cells (domain.sheet_times).
    N_("Cannot read the time '%(given)s'. Write it as 2026-12-01 09:00."),
    N_("The time '%(given)s' names no hour. Write it as 2026-12-01 09:00."),
    N_(
        "The date '%(date)s' can be read in two ways. Write it as %(iso)s, or say whether day or month "
        "comes first."
    ),
    N_("There is no such day as '%(date)s'. Write it as 2026-12-01."),
    N_("There is no such hour as in '%(given)s'. Hours go from 00:00 to 23:59."),
    N_("The time names the zone %(first)s, and the column 'zone' %(second)s: give one of them."),
    N_("%(wall)s does not exist in %(zone)s, where the clocks change that day: it goes out at %(hour)s."),
    N_("%(wall)s occurs twice in %(zone)s, where the clocks change that day: the first is meant."),
    # Rows of a sheet (scheduler.sheet_rows, scheduler.importing).
    N_("Unknown state '%(state)s'. Known: queued, draft, awaiting approval."),
    N_("Unknown slot rule '%(rule)s'. Known: next-slot, time, now, draft."),
    N_("Name a channel. Known: %(known)s."),
    N_("There is no channel '%(name)s'. Known: %(known)s."),
    N_("A text has at most %(most)s characters; this one has %(length)s."),
    N_("This is no web address. Write it whole, such as https://example.org/news."),
    N_("Cannot read the language '%(language)s'. Write it as en or id."),
    N_("There are more texts for images than images."),
    N_("A text for an image has at most %(most)s characters: shorten it."),
    N_("An image is a web address, such as https://example.org/kopi.jpg."),
    N_("The row names a time and a slot rule: keep one of them."),
    N_("The row names no time."),
    N_("%(time)s has passed. Name a time in the future."),
    N_("The key '%(key)s' is in row %(row)s already."),
    N_("It is in the queue already, as post %(post)s, with another text. Edit it there."),
    # Campaigns and tags (domain.labels).
    N_("The name of a campaign has at most %(most)s characters: shorten it."),
    N_("The tag '%(tag)s'… is longer than %(most)s characters: shorten it."),
    N_("A post takes at most %(most)s tags; got %(count)s."),
    # Calendar feeds (scheduler.calendars).
    N_("A calendar feed needs a name of 1 to 80 characters: who will read it?"),
    N_("A workspace has at most %(most)s calendar feeds. Revoke one first."),
    # Approvals (scheduler.approving, scheduler.posts, scheduler.publishing).
    N_("An approval was asked for and not given yet."),
    N_("Post %(post)s was tried, so there is nothing left to approve."),
    N_("Post %(post)s is %(rest)s, so there is nothing left to approve."),
    N_("Say whom the link is for, in 1 to 80 characters."),
    N_("Choose the posts that shall be approved."),
    N_("A link shows at most %(most)s posts. Make several."),
    N_("A link is open for 1 hour to 90 days."),
    N_("There is nothing at this address. Open the link as it was sent to you."),
    N_("This link is closed. Ask whoever sent it for a new one."),
    N_("Write your name, so that people know who decided."),
    N_("Choose for at least one post whether it goes out."),
    N_("This post was decided already. Open the link again to see how."),
    N_("This post waits for no approval any more. Open the link again to see why."),
    N_("The post was changed after you looked at it. Look at it again, then decide."),
    N_("Rejected by %(name)s: %(comment)s"),
    N_("Rejected by %(name)s."),
    # Evergreens (domain.evergreen, scheduler.evergreens, scheduler.recycling, scheduler.publishing).
    N_("An evergreen has 1 to %(most)s texts."),
    N_("Each text of an evergreen needs words; a link alone is none."),
    N_(
        "An evergreen that comes back needs at least two different texts here: the platform refuses a text "
        "that it has had."
    ),
    N_(
        "An evergreen that comes back needs at least two different texts, or a cooldown of %(days)s days and "
        "more."
    ),
    N_("Cannot read the season '%(season)s'. Write it as 12-01..01-15, month and day."),
    N_("There is no day %(day)s. Write month and day, such as 12-01."),
    N_("The cooldown is 1 to %(most)s days."),
    N_("The number of cycles is 1 to %(most)s, or none for no end."),
    N_("Empty slots are filled 1 to %(most)s days ahead."),
    N_("An evergreen needs a name of 1 to 80 characters."),
    N_("Channel '%(name)s' has no posting schedule, so there are no empty slots to fill. Give it one first."),
    N_("This evergreen has ended for good. Make a new one."),
    N_("The evergreen has gone on without this post. Write a new post from its text."),
    N_("The gap that it was to fill has passed; the evergreen looks for another one."),
    N_("All its cycles are used."),
    N_("Its last day is over."),
    N_("It waits until its last post has gone out or was skipped."),
    N_("Everything is paused."),
    N_("Its channel is paused or must be connected again."),
    N_("No slot is empty in the time that it may fill."),
    N_("It rests until its cooldown is over."),
    N_("It is out of season."),
    # What was done.
    N_("came back"),
    N_("imported"),
    N_("asked for an approval"),
    N_("approved by a reviewer"),
    N_("rejected by a reviewer"),
    N_("changed campaign and tags"),
)

#: Texts that name a command, and what a page says instead.
REWORDED: Mapping[str, str] = {
    "There is no evergreen %(evergreen)s. `tabuh evergreen list` shows those there are.": N_(
        "There is no such evergreen here."
    ),
    "There is no calendar feed %(feed)s. `tabuh calendar list` shows those there are.": N_(
        "There is no such calendar feed here."
    ),
    "There is no approval link %(link)s. `tabuh approval list` shows those there are.": N_(
        "There is no such approval link here."
    ),
}
