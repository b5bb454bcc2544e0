"""With what a post is compared at equal age: which counts, how many posts, and which readings count."""

from datetime import datetime, timedelta

#: With fewer posts to compare with, nothing is said.
ENOUGH = 5
#: Posts on either side of one with which it is compared.
COMPARED = 100
#: By which count a post is compared, the first that can be.
ANCHORS = ("engagement", "views", "clicks", "impressions")
#: A reading this much older than its checkpoint is not compared: the machine was down.
LATEST = 1.5
GRACE = timedelta(minutes=10)


def is_late(read_at: datetime, published_at: datetime, checkpoint: timedelta) -> bool:
    """Whether a reading came so long after its checkpoint that it is not compared with others."""
    return read_at - published_at > checkpoint * LATEST + GRACE
