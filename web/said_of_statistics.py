"""What is said of lists of posts, views, notes and the posts that follow, for translation."""

from web.i18n import marked as N_

KNOWN = (
    # Views of the list (scheduler.views, domain.post_view, analytics.posts).
    N_("There is a view called '%(name)s' already. Choose another name."),
    N_("There are %(number)s views already: remove one that nobody uses."),
    N_("A view needs a name of 1 to %(number)s characters."),
    N_("Unknown column '%(name)s'. Known: %(known)s."),
    N_("A list cannot be sorted by %(name)s: sort by another column."),
    N_("Search for at most %(number)s characters."),
    # Comparisons (analytics.comparing).
    N_("Choose %(fewest)s to %(most)s posts to compare."),
    # Notes and the next post (scheduler.notes, scheduler.repeating), also as their history tells it.
    N_("A note has 1 to %(number)s characters."),
    N_("Write what the follow-up says."),
    N_("Only a published post can be followed up."),
    N_("noted"),
    N_("removed a note"),
    N_("wrote as a repetition"),
    N_("wrote as a follow-up"),
)
