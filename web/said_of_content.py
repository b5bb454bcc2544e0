"""Sentences about threads, polls, videos and posts that are out, for `web.said`.

A placeholder that begins with ``rest`` stands for a sentence of its own.
"""

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # What stands against a content (publishers.problems).
    N_("%(platform)s needs a title. Give one."),
    N_("%(platform)s takes titles of at most %(most)s characters; this one has %(count)s."),
    N_("%(platform)s has no threads. Leave the further parts out."),
    N_("%(platform)s takes threads of at most %(most)s parts; this one has %(count)s."),
    N_("Part %(number)s of the thread is empty. Write something there, or take it out."),
    N_("%(platform)s has no polls. Leave the poll out."),
    N_("A poll needs a question: write it as the text."),
    N_("A poll needs at least two answers."),
    N_("%(platform)s takes polls of at most %(most)s answers; this one has %(count)s."),
    N_("An answer of the poll is empty. Write something there, or take it out."),
    N_("Two answers of the poll are the same. Change one."),
    N_("%(platform)s takes answers of at most %(most)s characters. Shorten it."),
    N_("%(platform)s takes polls of %(least)s to %(most)s minutes, not %(count)s."),
    N_("%(platform)s lets people choose one answer only."),
    N_("%(platform)s shows either a poll or pictures. Leave the other out."),
    N_("%(platform)s offers no first comment. Leave it out."),
    N_("%(platform)s takes no post without a picture. Add one."),
    N_("%(platform)s takes no post without a video. Add one."),
    N_("%(platform)s takes no post without a picture or a video. Add one."),
    N_("%(platform)s takes no videos. Leave it out."),
    N_("%(platform)s takes at most %(most)s videos; this post has %(count)s."),
    N_("%(platform)s takes videos as %(kinds)s; this one is %(kind)s. Convert it."),
    N_("%(platform)s takes videos of at most %(most)s MB; this one has %(count)s MB."),
    N_("%(platform)s takes videos of at most %(most)s s; this one has %(count)s s."),
    N_("%(platform)s takes videos of at least %(least)s s; this one has %(count)s s."),
    N_("%(platform)s does not take videos of this shape (%(width)s by %(height)s pixels)."),
    N_("%(platform)s shows either pictures or a video. Leave the other out."),
    # What is larger than any platform takes (domain.extras, scheduler.sheet_rows).
    N_("A thread has fewer than %(most)s parts of at most %(length)s characters each."),
    N_("A poll has at most %(most)s answers of at most %(length)s characters."),
    N_("A poll runs between 1 minute and a year."),
    N_("A first comment has at most %(most)s characters: shorten it."),
    N_("A title has at most %(most)s characters: shorten it."),
    N_("The time of a poll is a number of minutes, such as 1440."),
    # Videos that are added (publishers.videos, scheduler.media).
    N_("This file is no video that can be read. Give an MP4, MOV or WebM file."),
    N_("This file holds no moving picture. Give a video."),
    N_(
        "The video has more than %(most)s MiB, the most that is taken here. "
        "Make it smaller, or set TABUH_MAX_VIDEO_MIB."
    ),
    N_("%(server)s is still working on a picture or video."),
    # Posts of several calls (publishers.parts).
    N_("%(done)s of its %(all)s parts are out, and the next was refused: %(rest)s"),
    N_(
        "%(done)s of its %(all)s parts are there, and nothing is known of who sent them. Look there yourself."
    ),
    N_(
        "%(done)s parts of it are out already, at %(where)s, and it was changed since. Delete them there and "
        "write a new post, or write those parts as they were."
    ),
    N_("Its first comment did not go out: %(rest)s"),
    N_("Nobody knows whether its first comment went out: %(rest)s Look there."),
    # Cards of links (scheduler.carding).
    N_("The post has no link."),
    N_("The page cannot be read now, or says nothing of itself. The preview stays as it is."),
    N_("read the link's preview again"),
    # Posts that are out (scheduler.remote).
    N_("%(platform)s lets nobody delete a post from here. Delete it there."),
    N_("%(platform)s lets nobody change a post from here."),
    N_("Only a published post is on its platform; this one is %(rest)s."),
    N_("The post is not on its platform any more."),
    N_("A person found this post, so Tabuh does not know its number there. Do it there."),
    N_("A published thread keeps its parts: change their texts, or write a new post."),
    N_("The post was approved: somebody who approves has to change it."),
    N_("deleted on the platform"),
    N_("edited on the platform"),
    N_("deleted"),
)
