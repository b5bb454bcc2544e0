"""Sentences about posts and channels that lower layers write in English, for `web.said`.

A placeholder that begins with ``rest`` stands for a sentence of its own.
"""

from collections.abc import Mapping

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # Errors of forms (domain.schedule, domain.post, scheduler.posts, scheduler.channels, publishers).
    N_("The post was written on its platform, not here: change or delete it there."),
    N_("Cannot read '%(part)s'. Write days and times such as 'mon-fri 09:00,12:30; sat 10:00'."),
    N_("Unknown day '%(day)s'. Days are mon, tue, wed, thu, fri, sat, sun or daily."),
    N_("Cannot read the time '%(given)s'. Write hours and minutes such as 09:00."),
    N_("Channel '%(name)s' has no free slot left. Add times to its posting schedule."),
    N_("A post that is %(rest)s cannot be skipped."),
    N_("A post that is %(rest)s cannot become %(rest_2)s."),
    N_("A post that is %(rest)s and was tried cannot be edited: skip it and write a new one."),
    N_("Only an uncertain post can be absent; this one is %(rest)s."),
    N_("The post is being published right now. Wait a moment, and look how it ended."),
    N_("Only a post that awaits approval can be approved; this one is %(rest)s."),
    N_("Tabuh serves this page itself, and the post is not on it. It goes out by itself soon."),
    N_("This is no web address. Copy it from the browser; it starts with https://."),
    N_("The time '%(given)s' has an offset and a zone: give one of them."),
    N_("The post has neither text nor link."),
    N_("The link is no web address. Write it whole, such as https://example.org/article."),
    N_("The link alone is longer than the %(most)s that fit. Use a shorter one."),
    N_("%(platform)s takes no pictures. Leave them out."),
    N_("%(platform)s takes at most %(most)s pictures; this post has %(count)s."),
    N_("%(platform)s takes descriptions of at most %(most)s characters. Shorten it."),
    N_("%(server)s is still working on a picture."),
    N_("The file of this post is not there any more: add it again."),
    N_("A channel needs a name of 1 to 80 characters."),
    N_("There is a channel called '%(name)s' already. Choose another name."),
    N_("Unknown platform '%(platform)s'. Known: %(known)s."),
    # Why a post is where it is (scheduler.publishing, scheduler.looking, scheduler.posts).
    N_("Skipped by hand."),
    N_("Edited: approve it again."),
    N_("Not on the platform, says a person."),
    N_("It was changed after it was approved: approve it again."),
    N_("No worker was free or running at its hour."),
    N_("Its hour, %(hour)s UTC, passed while no worker was running."),
    N_("%(rest)s The route asks before it sends late: queue it again or skip it."),
    N_("Waits, because everything is paused: %(rest)s."),
    N_("Waits, because channel %(name)s is paused: %(reason)s."),
    N_("Waits, because channel %(name)s is paused."),
    N_("Waits, because channel %(name)s must be connected again: %(rest)s."),
    N_("Waits, because channel %(name)s must be connected again."),
    N_("Waits, because the credentials of channel %(name)s cannot be read."),
    N_("Waits, because %(platform)s asked for quiet until %(hour)s UTC."),
    N_("Waits, because %(reason)s."),
    N_("no reason given"),
    N_("Another worker took this post over; this one stopped."),
    N_("Tabuh itself could not make it ready (%(kind)s); its log has the details."),
    N_("The worker stopped while the call was running."),
    N_("A backup was restored, and this post may have gone out after it was made."),
    N_("A backup was restored, and this post may have been moved forward after it was made."),
    N_("%(rest)s Its key tells: a second call changes nothing where it exists."),
    N_("An earlier try may have published it, and now: %(rest)s Look there yourself."),
    N_("The answer to an earlier try was lost, and the platform does not hold the post."),
    N_("The answer to an earlier try was lost; sent again with the same key."),
    N_("Not found on the platform after a backup was restored: queue it again or skip it."),
    N_("The platform holds the same text, but from another post of yours."),
    N_("Tabuh itself failed during the call (%(kind)s); its log has the details."),
    N_("Tabuh itself failed while looking (%(kind)s)."),
    N_(
        "%(rest)s This platform cannot be asked whether the post arrived: look there, then mark it published "
        "or queue it again."
    ),
    N_("%(rest)s Looked %(looks)s times: look there yourself, then mark it published or queue it again."),
    N_("%(rest)s It is sent again with the same key, which changes nothing where it exists."),
    N_("%(rest)s Look on the platform, then mark it published or queue it again."),
    # What a call came to (publishers).
    N_("%(host)s asks us to wait %(seconds)s s (%(status)s)."),
    N_("%(host)s refuses our credentials (%(status)s). Connect the channel again."),
    N_("%(host)s sends us elsewhere (%(status)s). Correct the channel's address."),
    N_("%(host)s refuses this post (%(status)s)."),
    N_("%(host)s could not be reached: %(reason)s."),
    N_("%(host)s did not answer: %(reason)s."),
    N_("%(host)s gave an answer that cannot be read."),
    N_("The platform gave an answer that cannot be stored."),
    N_("%(host)s answered %(status)s: %(reason)s."),
    N_("%(host)s answered %(status)s."),
    N_("%(host)s does not answer as a Mastodon server does."),
    N_("%(host)s holds too many newer statuses to find this one."),
    N_(
        "%(host)s forbids this channel to act (%(status)s). "
        "Connect it again with a token that has the scopes read and write:statuses."
    ),
    N_("%(host)s no longer has this status."),
    N_("The server took the status and did not say which one it is."),
    N_("The server gave a status without a time that can be read."),
    N_("Another post stands where this one was to go: make a copy of it."),
    N_("Bluesky has not counted this post yet."),
    N_("The post is no longer on Bluesky."),
    N_(
        "%(host)s refuses the handle or the app password. Check the handle, make a new app password in the "
        "settings there, under Privacy and security, and connect the channel again."
    ),
    N_(
        "%(host)s asks for a code sent by e-mail, as it does for the main password. "
        "Connect the channel again with an app password."
    ),
    N_("%(host)s has barred this account. Clear that up there, then connect the channel again."),
    N_("%(host)s lets this account open no session. Clear that up there, then connect the channel again."),
    N_("%(host)s opened a session without %(what)s."),
    N_("%(host)s no longer takes our session (%(reason)s); it is renewed with the next try."),
    N_("The account is %(state)s on its server. Clear that up there, then connect again."),
    N_("The credentials of channel %(name)s are being renewed."),
    N_("The credentials of channel %(name)s could not be renewed: %(rest)s"),
    N_("The credentials of channel %(name)s were renewed elsewhere."),
    N_("%(platform)s cannot be asked what it holds."),
    # States, as domain.post names them in a sentence.
    N_("draft"),
    N_("awaiting approval"),
    N_("queued"),
    N_("publishing"),
    N_("published"),
    N_("uncertain"),
    N_("failed"),
    N_("skipped"),
    # What was done (scheduler.posts, scheduler.channels).
    N_("wrote"),
    N_("moved"),
    N_("taken up again"),
    N_("queued again"),
    N_("edited"),
    N_("approved"),
    N_("found on the platform"),
    N_("not on the platform"),
    N_("connected"),
    N_("lost a reader, who left"),
    N_("connected again"),
    N_("paused"),
    N_("resumed"),
    N_("set the posting schedule"),
    # How a publish call ended (domain.post.AttemptOutcome).
    N_("not sent"),
    N_("rate limited"),
    N_("needs reconnect"),
    N_("rejected"),
    N_("unknown"),
    # What connect forms ask for, and what platforms are called (publishers.platforms).
    N_("Page"),
    N_("Webhook"),
    N_("Server"),
    N_("Its address, such as https://mastodon.example"),
    N_("Leave as it is unless you have your own"),
    N_("Visibility"),
    N_("Empty: as the server's own settings say"),
    N_("public"),
    N_("unlisted"),
    N_("private"),
    N_("Access token"),
    N_("From the server's settings, Development, New application, with read and write:statuses"),
    N_("Handle"),
    N_("Such as tabuh.bsky.social"),
    N_("App password"),
    N_("From the settings there, under Privacy and security"),
    N_("Address"),
    N_("It gets each post as JSON, such as https://example.org/hook"),
    N_("Signing secret"),
    N_("whsec_ and 24 to 64 random bytes in base64"),
    N_("This is no signing secret. Write %(start)s and 24 to 64 random bytes in base64."),
    N_("A signing secret starts with %(start)s."),
    N_("The signing secret is not written in base64."),
    N_("The address has a path. Write the server alone, such as %(server)s."),
    N_("This is no web address. Write one such as %(example)s."),
    N_("The address holds a user name or password. Write it without."),
    N_("The address is not encrypted. Write it with https://."),
    N_("The handle is not whole. Write it with its domain, such as tabuh.bsky.social."),
)

#: Texts that name a command or an option of the command line, and what a page says instead.
REWORDED: Mapping[str, str] = {
    "%(when)s has passed. Name a time in the future, or use --now.": N_(
        "This time has passed. Name one in the future, or choose at once."
    ),
    "Nobody knows yet whether this post is on its platform. Look there, then say `tabuh post found` or "
    "`tabuh post absent`.": N_(
        "Nobody knows yet whether this post is on its platform. Look there, then say here what you saw."
    ),
    "Channel '%(name)s' has no posting schedule. Give it one with `tabuh channel schedule %(rest_2)s`, or "
    "name a time for the post.": N_(
        "Channel %(name)s has no posting schedule. Give it one on its page, or name a time for the post."
    ),
    "The time '%(given)s' names no zone. Write %(rest_2)s": N_(
        "Choose the time zone in which this time is meant."
    ),
    "Cannot read the time '%(given)s'. Write it as %(rest_2)s": N_(
        "This is no time. Give a day and a time such as 2026-12-01 09:00."
    ),
    "When this post was skipped, nobody knew whether it is on its platform. Say `tabuh post retry`, and "
    "settle that first.": N_(
        "When this post was skipped, nobody knew whether it is on its platform. Queue it again, and settle "
        "that first."
    ),
    "%(platform)s needs %(field)s: %(rest)s. Its fields are: %(known)s.": N_("%(field)s: %(rest)s."),
    "Channel '%(name)s' must be connected again: `tabuh channel reconnect %(rest_2)s`.": N_(
        "Channel %(name)s must be connected again first."
    ),
}
