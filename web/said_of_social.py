"""Sentences that the publishers of X, Meta's platforms, LinkedIn, YouTube and TikTok write, for `web.said`.

A placeholder that begins with ``rest`` stands for a sentence of its own.
"""

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # Refusals, and answers that say too little (publishers of X, Meta, LinkedIn, Google, TikTok).
    N_("%(platform)s does not say who we are there."),
    N_("%(platform)s took the post and did not say which one it is."),
    N_("%(platform)s took the video and did not say which one it is."),
    N_("%(platform)s took a file and did not say which one it is."),
    N_("%(platform)s took an upload and did not say which one it is."),
    N_("%(platform)s took it and did not say which one it is."),
    N_("%(platform)s began an upload and did not say which one it is."),
    N_("%(platform)s began an upload and did not say where."),
    N_("%(platform)s did not say where a file goes."),
    N_("%(platform)s names an address for a file that is not its own."),
    N_("%(platform)s is still working on the file."),
    N_("%(platform)s is still working on the files of this post."),
    N_("%(platform)s is still working on a file (%(status)s)."),
    N_("%(platform)s is still working on the video."),
    N_("%(platform)s cannot use the file: %(reason)s."),
    N_("%(platform)s cannot use this post: %(reason)s."),
    N_("%(platform)s cannot use the video. Convert it to an MP4 of another make."),
    N_("%(platform)s holds too many newer posts to find this one."),
    N_("%(platform)s did not delete the post. Delete it there."),
    N_("%(platform)s did not change the post. Change it there."),
    N_("%(platform)s no longer has this post."),
    N_("%(platform)s no longer has this video."),
    N_("%(platform)s no longer has it (%(status)s)."),
    N_("%(platform)s failed (%(status)s)."),
    N_("%(platform)s takes no more posts today (%(status)s)."),
    N_("%(platform)s takes no more posts for now (%(status)s)."),
    N_("%(platform)s takes no more calls for now (%(status)s)."),
    N_("%(platform)s refuses this (%(status)s)."),
    N_("%(platform)s refuses a text that was posted a short while ago (%(status)s). Change it."),
    N_("%(platform)s refuses a text that was posted a short while ago. Change it."),
    N_("%(platform)s refuses a text that was posted before (%(status)s). Change it."),
    N_(
        "%(platform)s does not let us do this (%(status)s). Connect the channel again, and leave "
        "everything ticked."
    ),
    N_(
        "%(platform)s does not let us do this (%(status)s). Connect the channel again, and leave every "
        "permission ticked; some need Meta's review of your application."
    ),
    N_("%(platform)s does not let us do this (%(status)s). Connect the channel again with %(needs)s."),
    N_("%(platform)s has blocked this channel for a while (%(status)s). See there why, and connect again."),
    N_("%(platform)s has banned this channel from posting (%(status)s). See there why."),
    N_(
        "%(platform)s no longer answers this version of its API (%(status)s). Set a newer one at the channel."
    ),
    N_(
        "LinkedIn no longer answers version %(version)s of its API (%(status)s). Set a newer one at the "
        "channel, such as the month before last."
    ),
    # X.
    N_("X does not show %(what)s: %(reason)s."),
    N_("X asks for payment (%(status)s). Buy credits there."),
    N_("What this application may use of X is used up (%(status)s)."),
    N_(
        "X does not let this application act for the channel (%(status)s). Give it read and write access "
        "in X's developer console, then connect the channel again."
    ),
    N_("X shows a GIF only by itself. Leave the other pictures out, or the GIF."),
    # Facebook, Instagram and Threads.
    N_("%(platform)s says that the post is out, and does not show it yet."),
    N_("%(platform)s does not say how far the post got."),
    N_(
        "%(platform)s fetches pictures and videos itself, from this installation's public address: set "
        "TABUH_PUBLIC_URL to one that is open to the internet."
    ),
    N_("Facebook shows no page that you may post for. Connect again, and tick the page there."),
    N_("No Facebook page was chosen. Connect the channel again, and choose one."),
    N_("Facebook did not say whether it shows the video."),
    N_("Facebook does not say yet whether it shows the video."),
    N_("Facebook does not show the page's posts."),
    N_("Instagram takes at most %(most)s tags. Take some out."),
    N_("Instagram takes at most %(most)s mentions. Take some out."),
    N_("%(platform)s takes at most %(most)s files on one post; this one has %(count)s."),
    N_("Threads takes at most %(most)s different links on one post. Take some out."),
    # LinkedIn.
    N_(
        "LinkedIn takes questions of at most %(most)s characters. Shorten the text, or give the question "
        "as title."
    ),
    N_("No organisation was chosen. Connect the channel again, and choose one."),
    N_("LinkedIn names no organisation that you may post for. Ask its administrator."),
    N_("LinkedIn does not show the organisation's posts."),
    # YouTube.
    N_("The upload is whole, and Google does not say what became of it."),
    N_("The upload stands at byte %(byte)s."),
    N_("Google does not take the file."),
    N_("Google no longer knows this upload."),
    N_("YouTube takes no more calls of this application today (%(status)s)."),
    N_("YouTube takes no more videos of this channel for now (%(status)s)."),
    N_("YouTube takes no post without a video; a picture is its thumbnail. Add one."),
    N_("YouTube has forgotten the upload, which may have been whole. Look there."),
    N_("This Google account has no YouTube channel. Make one there, or choose another."),
    N_("YouTube keeps the video private, as it does while Google has not audited the application."),
    N_("The video has no thumbnail of its own: %(rest)s"),
    # TikTok.
    N_("TikTok does not publish the video: %(reason)s."),
    N_("TikTok does not have all of the video yet."),
    N_("TikTok no longer knows this publication."),
    N_("TikTok does not let this channel post as %(level)s. Set one of these at the channel: %(levels)s."),
    N_("TikTok takes videos of at most %(most)s s of this channel. Shorten it."),
    N_(
        "TikTok has not audited your application: until then it posts to private channels only, for "
        "nobody else to see. Set SELF_ONLY at the channel, and make it private there."
    ),
    # What a channel is asked for (settings).
    N_("Empty, unless you try a simulator of X's API"),
    N_("Name of the parameter that asks for fields"),
    N_("Graph API version"),
    N_("Change it when Meta ends this one"),
    N_("Threads API version"),
    N_("Topic"),
    N_("Shown above every post; empty: none"),
    N_("API version"),
    N_("Year and month; LinkedIn ends each after a year"),
    N_("Who sees the videos"),
    N_("Category"),
    N_("YouTube's number; 22: people and blogs"),
    N_("Made for children"),
    N_("SELF_ONLY until TikTok has audited your application"),
    N_("Comments are allowed"),
    N_("Duets are allowed"),
    N_("Stitches are allowed"),
    N_("Page"),
    N_("Organisation"),
    N_("PUBLIC_TO_EVERYONE"),
    N_("MUTUAL_FOLLOW_FRIENDS"),
    N_("FOLLOWER_OF_CREATOR"),
    N_("SELF_ONLY"),
)
