"""What chat platforms, Pinterest, Google, Reddit and Tumblr ask for and say, for readers of other languages.

Sources: the adapters' settings, credentials and `problems`, and the refusals that they put into words.
"""

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # What connect forms ask for.
    N_("Leave as it is unless you run a Bot API server of your own"),
    N_("Leave as it is unless you run a server that speaks this API"),
    N_("Leave as it is unless your workspace is elsewhere, as on https://slack-gov.com/api"),
    N_("Leave as it is, or https://api-sandbox.pinterest.com/v5 to try things out"),
    N_("Channel"),
    N_("Name"),
    N_("yes"),
    N_("no"),
    N_("Channel or group"),
    N_("Its name, such as @drums, or its number, such as -1001234567890"),
    N_("Topic"),
    N_("The number of a group's topic; empty: none"),
    N_("Preview of the link"),
    N_("Empty: as Telegram chooses"),
    N_("large"),
    N_("small"),
    N_("Without sound"),
    N_("Readers get no sound for a post"),
    N_("Bot token"),
    N_("From @BotFather, such as 123456789:AA..."),
    N_("Its link (right-click, Copy Link) or its number"),
    N_("Pings"),
    N_("Whom @mentions in a text may ping; everyone: also @everyone"),
    N_("nobody"),
    N_("named"),
    N_("everyone"),
    N_("Markdown"),
    N_("Texts are written in Discord's Markdown already"),
    N_("Texts are written in Markdown already"),
    N_("From discord.com/developers, your application, Bot"),
    N_("Shown above each post; empty: the webhook's own"),
    N_("Thread"),
    N_("The number of a thread; empty: none"),
    N_("https://discord.com/api/webhooks/..., from the channel's settings"),
    N_("Its link (right-click, Copy link) or its number, such as C0123456789"),
    N_("Slack shows what it is about"),
    N_(
        "xoxb-..., with the scopes chat:write, channels:history, channels:read, reactions:read, files:write "
        "and files:read"
    ),
    N_("https://hooks.slack.com/services/..., from api.slack.com/apps"),
    N_("Button"),
    N_("What stands on the button that opens a post's link"),
    N_("Community"),
    N_("Its name, such as r/drums"),
    N_("Kind of post"),
    N_("auto: a link where the title says it all, else a text that has the link in it"),
    N_("Flair"),
    N_("The number of its template"),
    N_("Flair's text"),
    N_("Where one may be written"),
    N_("Your name on Reddit"),
    N_("Reddit asks programs to say whose they are"),
    # What is wrong with what was typed.
    N_("This is no channel or group. Write its name, such as @drums, or its number."),
    N_("This is no bot token. Copy the one that @BotFather gave, such as 123456789:AA..."),
    N_("This is no channel. Copy its link in Discord, or its number."),
    N_("This is no address of a Discord webhook. Copy it from the channel's settings, Webhooks."),
    N_("Discord takes no name with its own in it. Choose another."),
    N_("This is no channel. Copy its link in Slack, or its number, such as C0123456789."),
    N_("This is no address of a Slack webhook. Copy it from api.slack.com/apps, Incoming Webhooks."),
    N_("This is no community. Write its name, such as r/drums."),
    # What stands against a post.
    N_("%(platform)s takes %(most)s characters as the question of a poll. Shorten it."),
    N_("%(platform)s takes %(most)s MB of files on one post. Leave some of them out."),
    N_("%(platform)s takes links of at most %(most)s characters. Use a shorter one."),
    N_("%(platform)s takes posts of at most about %(most)s characters. Shorten it."),
    N_("%(platform)s lets nobody change a poll. Delete it, and post another."),
    N_("No board is chosen. Connect the channel again, and choose one."),
    N_("No location is chosen. Connect the channel again, and choose one."),
    N_("No blog is chosen. Connect the channel again, and choose one."),
    N_("Reddit needs a title. Give one."),
    N_("Reddit lets nobody change a link, or a title. Delete the post, and make another."),
    N_("Reddit lets nobody change a title. Keep it, or delete the post and make another."),
    N_("This link was posted in that community before. Post another, or a text."),
    # What a platform refuses, and who can mend it.
    N_(
        "Telegram lets a bot delete a post for 48 hours only, unless it is an administrator with the right "
        "to delete messages. Give it that right, or delete the post there."
    ),
    N_(
        "The bot @%(bot)s may not post in %(name)s. Make it an administrator there, with the right to post "
        "messages."
    ),
    N_("The bot @%(bot)s is no member of %(name)s. Add it there."),
    N_(
        "Telegram knows no such channel or group, or the bot was never added to it. Check its name, and add "
        "the bot there. (%(said)s)."
    ),
    N_("The bot is no member of the channel or group. Add it there. (%(said)s)."),
    N_("The bot was removed from the channel or group. Add it again. (%(said)s)."),
    N_(
        "The bot may not post there. Make it an administrator with the rights to post and to delete "
        "messages. (%(said)s)."
    ),
    N_("Telegram asks us to wait %(seconds)s s."),
    N_("Discord asks us to wait %(seconds)s s: too many requests for %(whose)s."),
    N_("Discord knows no such channel. Check its number. (%(said)s)."),
    N_("The webhook is gone. Make another in the channel's settings, and connect it. (%(said)s)."),
    N_("The bot may not see that channel. Give it the right to view it. (%(said)s)."),
    N_("The bot may not do that there. Let it send messages, embed links and attach files. (%(said)s)."),
    N_("The bot may not read this channel's past. Give it the right Read Message History."),
    N_("The channel holds too many newer messages to find this one."),
    N_("#%(name)s is a forum, in which bots cannot simply post. Choose another."),
    N_("The bot is not in %(name)s. Invite it there: /invite @%(bot)s."),
    N_("The bot is not in that channel. Invite it there: /invite @its-name. (%(said)s)."),
    N_(
        "Slack refuses the token. Install the app again, and connect the channel with its new token. "
        "(%(said)s)."
    ),
    N_("Slack knows no such channel, or the bot may not see it. Invite it there. (%(said)s)."),
    N_("The channel is archived. Choose another. (%(said)s)."),
    N_("The app lacks the scope %(scope)s. Add it, and install the app again."),
    N_("Slack is still working on a picture."),
    N_("Pinterest is still working on the video."),
    N_("Pinterest cannot work with this video. Convert it, or leave it out."),
    # How calls ended, and what is no longer there.
    N_("none"),
    N_("link"),
    N_("text"),
    N_("%(platform)s took the post and did not say which one it is."),
    N_("%(platform)s took the message and did not say which one it is."),
    N_("%(platform)s took the pin and did not say which one it is."),
    N_("Telegram took the post and did not say which message it is."),
    N_("Telegram took the post and did not say which messages it is."),
    N_("%(platform)s gave a post without a time that can be read."),
    N_("%(platform)s gave a pin without a time that can be read."),
    N_("%(platform)s gave a message without an id that can be read."),
    N_("%(platform)s gave an answer that cannot be read."),
    N_("%(platform)s holds too many posts to find this one."),
    N_("Reddit lists too many newer posts to find this one."),
    N_("The board holds too many pins to find this one."),
    N_("The blog holds too many newer posts to find this one."),
    N_("The post is no longer on %(platform)s."),
    N_("The message is no longer on %(platform)s."),
    N_("The pin is no longer on Pinterest."),
    N_("This is no post on Telegram."),
    N_("%(platform)s names no place for a picture."),
    N_("%(platform)s names no place for the video."),
    N_("%(platform)s failed in the middle of it (%(said)s)."),
    N_("%(platform)s asks us to wait %(seconds)s s."),
    N_("%(platform)s asks us to wait %(seconds)s s: %(said)s."),
    N_("Slack refuses this post: %(said)s."),
    N_("Reddit refuses this post: %(said)s."),
    N_("Discord refuses our token (%(said)s). Connect the channel again."),
    N_("Discord forbids us to act (%(said)s). Check the rights in that channel."),
    N_("Telegram forbids the bot to act (%(said)s). Check its rights there."),
    N_(
        "Telegram knows no bot with this token (%(said)s). Connect the channel again with the "
        "token that @BotFather shows."
    ),
    N_("The group has got the number %(number)s. Test the channel, which keeps it in mind."),
    N_(
        "Google forbids this (%(said)s). Check that the application has been granted access to the "
        "Business Profile API and that its owner manages the location; then connect again."
    ),
    N_("The location is gone (%(said)s). Connect again, and choose one."),
    N_("The board is gone (%(said)s). Connect the channel again, and choose one."),
    N_("The blog is gone (%(said)s). Connect again, and choose one."),
    N_(
        "Pinterest forbids the app to do this (%(said)s). Connect again with all rights; an app "
        "with trial access may not pin for everybody to see."
    ),
    N_("Reddit does not say who we are."),
    N_(
        "Reddit forbids this (%(said)s). Check that you may post in that community and that the "
        "application was approved; then connect again."
    ),
    N_("There is no such community. Correct the channel's settings. (%(said)s)."),
    N_("You may not post in that community. Join it, or choose another. (%(said)s)."),
    N_("The community asks for a flair. Name one in the channel's settings. (%(said)s)."),
    N_("%(name)s is archived. Choose another."),
    N_("Tumblr forbids this (%(said)s). Connect the channel again."),
    N_("Tumblr refuses this post (%(said)s)."),
)
