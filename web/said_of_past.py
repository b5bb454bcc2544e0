"""What lower layers say in English of files of past posts."""

from collections.abc import Mapping

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # Files and columns (analytics.past.reading, analytics.past.columns).
    N_("The file is empty. Its first row names the columns: time, reactions, comments and so on."),
    N_("The file has no posts: only its first row."),
    N_("The file ends in .gz but cannot be unpacked."),
    N_("The file is no CSV file. Save the table as CSV (UTF-8) and give that."),
    N_("There is no column '%(head)s'. The columns are: %(heads)s."),
    N_("The row has no time."),
    N_("The column '%(head)s' holds '%(cell)s' in place of a number."),
    N_("The column '%(head)s' holds '%(cell)s': a count lies between 0 and 10^15."),
    # Times (analytics.past.times, analytics.past.numbers).
    N_(
        "Dates are written in more than one way: '%(given)s' in row %(row)s and '%(other)s' in row %(line)s. "
        "Write all of them as 2026-12-01T09:00+07:00."
    ),
    N_(
        "Day and month change places: '%(given)s' in row %(row)s and '%(other)s' in row %(line)s. Write all "
        "dates as 2026-12-01."
    ),
    N_("The time '%(given)s' lies in the year %(year)s. Correct it."),
    N_("The time '%(given)s' is still to come: these are posts that went out already. Check the zone."),
    N_("The time '%(given)s' names a day and no hour. The hour is needed to learn from."),
    N_("'%(name)s' may mean more than one zone. Write an IANA name such as Asia/Jakarta, or an offset."),
    N_("Cannot read the time '%(given)s'. Write it as 2026-12-01T09:00+07:00."),
    N_("The row names '%(given)s', and the number of the post %(day)s. Correct it."),
)

#: Texts that name an option of a command, and what a page says instead.
REWORDED: Mapping[str, str] = {
    "No column holds the time of the posts (there are: %(heads)s). Name it with --column time=NAME.": N_(
        "No column holds the time of the posts. Choose below which one does."
    ),
    "No column holds reactions, comments, shares or engagement (there are: %(heads)s). Name them with "
    "--column engagement=NAME,NAME.": N_(
        "No column holds reactions, comments, shares or engagement. Choose below which one does."
    ),
    "The time '%(given)s' has neither zone nor offset. Say whose clock it was: --zone Asia/Jakarta.": N_(
        "The time '%(given)s' has neither zone nor offset. Choose whose clock it was."
    ),
    "It cannot be told whether day or month comes first, as in '%(given)s'. Say --dates day-first or --dates "
    "month-first.": N_(
        "It cannot be told whether day or month comes first, as in '%(given)s'. Choose one below."
    ),
}
