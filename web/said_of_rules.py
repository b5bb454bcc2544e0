"""Sentences about rules, slots and pauses that lower layers write in English, for `web.said`."""

from collections.abc import Mapping

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # Errors of rules (domain.rules).
    N_("Cannot read the quiet hours '%(given)s'. Write them as 22:00-06:00."),
    N_("The quiet hours '%(given)s' have no length: end them at another time than they start."),
    N_(
        "Cannot read the blackout days '%(given)s'. Write a day as 2026-12-24, or days as "
        "2026-12-24..2026-12-26."
    ),
    N_("The blackout days '%(given)s' end before they start."),
    N_("Unknown holidays '%(given)s'. Known: %(known)s. Write days of your own as blackout days."),
    N_("Cannot read '%(given)s' as a number of posts. Write 1 to 9999, or none."),
    N_("Cannot read the distance '%(given)s'. Write it as 90 min, 2 h, 1 h 30 min or 3 d."),
    N_("A distance of '%(given)s' is longer than a year. Write at most 366 d."),
    N_(
        "Cannot read '%(given)s' as a share of the content mix. Write 'image 40%%, link 60%%'; kinds are "
        "%(kinds)s."
    ),
    N_("The shares of the content mix add up to %(sum)s %%, which is over 100 %%."),
    N_("Cannot read '%(given)s' as a rule for late posts. Write send, skip or ask."),
    N_("Cannot read '%(given)s'. Write yes or no."),
    N_(
        "Cannot read '%(given)s' as a share of the audience. Write 'Asia/Jakarta 60%%, Europe/Amsterdam "
        "40%%'."
    ),
    N_("The zone %(zone)s is in the audience twice. Add its shares up."),
    N_("An audience has at most %(most)s zones; got %(count)s. Name the largest."),
    N_("The shares of the audience add up to %(sum)s %%. They are whole numbers above 0 that make 100 %%."),
    N_("There is no rule '%(given)s'. Rules are %(known)s."),
    N_("The rule %(rule)s belongs to the whole channel: a route cannot override it."),
    # Why a post has no slot, or waits (scheduler.slots, scheduler.replanning, scheduler.publishing).
    N_(
        "Channel '%(name)s' has no free slot before the latest time of this post. Move that time, or place "
        "the post by hand."
    ),
    N_(
        "Channel '%(name)s' has no free slot left that its rules allow. Add times to its posting schedule, "
        "or ease its rules."
    ),
    N_("No slot that the channel's rules allow is left for it: ease the rules, or place it by hand."),
    N_("Waits, because the rules of channel %(name)s keep it silent until %(until)s."),
    N_("Its hour, %(hour)s UTC, passed while everything was paused."),
    N_("%(rest)s The rule asks before it sends late: queue it again or skip it."),
    # What a post asks of its slot (scheduler.wishes).
    N_("Unknown priority '%(given)s'. Known: %(known)s."),
    N_("The latest time of a post comes after its earliest: correct one of them."),
    N_("A post that is %(rest)s has no slot to ask for."),
    N_("changed its wishes"),
    # Pausing everything (scheduler.pausing).
    N_("Say why everything is paused: everybody who looks will ask."),
    N_("Nothing is paused here."),
    N_("paused everything"),
    N_("resumed everything"),
    N_("set the rules"),
)

#: Texts that name a command, and what a page says instead.
REWORDED: Mapping[str, str] = {}
