"""Sentences about channels on Matrix and Nostr, for `web.said`, and what their connect forms ask for."""

from web.i18n import marked as N_

KNOWN: tuple[str, ...] = (
    # Forms (publishers.platforms.matrix, publishers.platforms.nostr).
    N_("Homeserver"),
    N_("Where its API answers, such as https://matrix-client.matrix.org"),
    N_("Room"),
    N_("Its address, such as #news:matrix.example, or its id"),
    N_("From an app's settings, under Help & About; leave empty when you give a password"),
    N_("User"),
    N_("Such as @tabuh:matrix.example, together with its password"),
    N_("Password"),
    N_("Relays"),
    N_("One or more, such as wss://relay.example wss://nostr.example"),
    N_("Secret key"),
    N_("It starts with nsec1; 64 hex digits will do as well"),
    N_("This is no room. Write its address, such as #news:matrix.example, or its id."),
    N_("give an access token, or a user with password"),
    N_("This is the public key. Give the secret one, which starts with nsec1."),
    N_("This is no secret key. Copy it whole; it starts with nsec1."),
    N_("This is no address of a relay. Write one such as wss://relay.example."),
    N_("The address is not encrypted. Write it with wss://."),
    N_("Name 1 to %(most)s relays, such as wss://relay.example."),
    # Matrix (publishers.matrix_session, publishers.matrix_room).
    N_("%(host)s no longer takes the access token (%(status)s). Connect the channel again."),
    N_("%(host)s has ended this session. Connect the channel again."),
    N_("%(host)s refuses the user or the password: %(reason)s. Correct them."),
    N_("%(host)s refuses the user or the password. Correct them."),
    N_("%(host)s lets this user do nothing (%(status)s). Clear that up there."),
    N_(
        "%(host)s forbids this user to act in the room (%(status)s). Invite it, give it the right to send "
        "messages, and test the channel."
    ),
    N_("%(host)s has nothing there (%(status)s)."),
    N_(
        "%(host)s does not answer as a Matrix server does (%(status)s). Write the address that it names as "
        "m.homeserver under /.well-known/matrix/client."
    ),
    N_("%(host)s takes nothing as large as this (%(status)s). Make it smaller."),
    N_("%(host)s holds more events than one look may read."),
    N_("%(host)s does not say who we are."),
    N_("%(host)s knows no room %(room)s. Correct its address."),
    N_("%(host)s does not say which room %(room)s is."),
    N_(
        "The room %(room)s is encrypted, and Tabuh writes in open rooms only. Choose a room without "
        "encryption; it cannot be taken back in this one."
    ),
    N_("%(host)s opened a session without a token."),
    N_("The server took a file and did not say where it is."),
    N_("The server took the message and did not say which one it is."),
    N_("The server gave an event without a time that can be read."),
    N_("The new text is too long for a change, which carries it twice. Shorten it."),
    N_("Only the texts of a published post can be changed, and none can be added."),
    N_("%(host)s no longer has this message."),
    N_("This message was removed from %(room)s."),
    # Nostr (publishers.nostr_relay, publishers.platforms.nostr).
    N_("%(host)s lets us not in (%(status)s). Choose another relay."),
    N_("%(host)s is no relay of Nostr. Correct its address."),
    N_("%(host)s asks us to wait (%(reason)s)."),
    N_("%(host)s takes nothing of this key (%(reason)s). Clear that up there, or choose another relay."),
    N_("%(host)s wants proof of work, which Tabuh does not do (%(reason)s)."),
    N_("%(host)s failed (%(reason)s)."),
    N_("%(host)s refuses this note (%(reason)s)."),
    N_("%(done)s of its %(all)s notes are there. Look there yourself."),
    N_("None of its relays holds the note any more."),
    N_("%(host)s keeps the note though it was asked to delete it: relays need not obey. Ask its owner."),
)
