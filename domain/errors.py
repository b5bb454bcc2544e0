"""Every deliberate error, named after the caller's next step.

`TabuhError` is the root: the command line turns it into one sentence and exit code 1,
the pages into a notice, a worker into ``last_error`` on the row. Its text is written for
the person who reads it and says what to do. Anything else that is raised is a bug.

    TabuhError
    ├── UsageError                 the input is wrong: correct it and call again
    │   ├── IllegalMove            a post cannot go from its state to that one
    │   └── KpiRefused             (domain/kpi.py) no figure could ever answer the target
    ├── NotFound                   nothing by that name or number
    ├── WrongKey                   the secret key does not fit this database
    ├── FetchError                 an address from outside could not be read
    │   ├── RefusedAddress         it leads to a network we do not enter
    │   ├── Unreachable            no answer came
    │   ├── TooSlow                the answer took longer than the deadline
    │   ├── TooLarge               the answer is larger than the cap
    │   ├── BadStatus              an answer came, but it is a refusal
    │   │   └── FeedGone           410: the owner has removed it for good
    │   └── NotAFeed               an answer came, but it is no feed
    └── PublishError               how a publish call ended
        ├── NotSent                nothing reached the platform
        │   └── RateLimited        the platform asks for a wait
        ├── NeedsReconnect         the platform refuses our credentials
        ├── Rejected               the platform refuses this payload
        ├── OutcomeUnknown         sent, but no usable answer came
        └── PostGone               the remote post is no longer on the platform
"""

from datetime import timedelta


class TabuhError(Exception):
    """An expected failure; its text tells a person what to do."""


class UsageError(TabuhError):
    """The input is wrong: exit code 2 on the command line, 422 on the web."""


class IllegalMove(UsageError):
    """A post cannot go from the state it is in to the state asked for."""


class NotFound(TabuhError):
    """Nothing by that name or number in this workspace."""


class WrongKey(TabuhError):
    """The secret key is not the one this database was sealed with."""


class FetchError(TabuhError):
    """An address that came from outside could not be read."""

    def __init__(self, text: str, *, url: str) -> None:
        super().__init__(text)
        self.url = url


class RefusedAddress(FetchError):
    """The address leads to a network that we do not enter."""


class Unreachable(FetchError):
    """No answer came: unknown name, refused connection, broken TLS."""


class TooSlow(FetchError):
    """The answer took longer than the deadline."""


class TooLarge(FetchError):
    """The answer, decoded, is larger than the cap."""


class BadStatus(FetchError):
    """An answer came, but its status is a refusal."""

    def __init__(self, text: str, *, url: str, status: int, retry_after: timedelta | None = None) -> None:
        super().__init__(text, url=url)
        self.status = status
        self.retry_after = retry_after


class FeedGone(BadStatus):
    """410: the owner says that the feed is gone for good."""


class NotAFeed(FetchError):
    """An answer came, but it holds no feed; ``candidates`` are feeds that the page names."""

    def __init__(self, text: str, *, url: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(text, url=url)
        self.candidates = candidates


class PublishError(TabuhError):
    """A publish call did not end with a remote post."""


class NotSent(PublishError):
    """Nothing reached the platform: put the post back in the queue."""


class RateLimited(NotSent):
    """The platform asked us to wait before any further call on this channel."""

    def __init__(self, text: str, *, retry_after: timedelta) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class NeedsReconnect(PublishError):
    """The platform refuses our credentials: pause the channel and ask its owner."""


class Rejected(PublishError):
    """The platform refuses this payload: a person must edit the post."""


class OutcomeUnknown(PublishError):
    """The platform may hold the post: look before sending anything again."""


class PostGone(PublishError):
    """The remote post is no longer on the platform."""
