"""With what a post is compared at equal age: which counts, how many posts, and which readings count."""

from datetime import timedelta

#: With fewer posts to compare with, nothing is said.
ENOUGH = 5
#: Posts on either side of one with which it is compared.
COMPARED = 100
#: By which count a post is compared, the first that can be.
ANCHORS = ("engagement", "views", "clicks", "impressions")
#: A reading this much older than its checkpoint is not compared: the machine was down.
_LATEST = 1.5
_GRACE = timedelta(minutes=10)


def latest(checkpoint: timedelta) -> timedelta:
    """Up to which age a post may be read for a checkpoint and still be compared with others."""
    return checkpoint * _LATEST + _GRACE
