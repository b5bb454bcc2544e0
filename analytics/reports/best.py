"""The posts of a period at the top and at the bottom, and why they stand there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil, floor

from analytics.posts import PostLine, post_list, usual_of_posts
from analytics.reports.asking import Asked
from analytics.usual import Usual
from domain.catalogue import CATALOGUE
from domain.definition import Definition
from domain.metrics import NOT_OF_PEOPLE, Metric
from domain.report import BestPost
from domain.sentence import Amount, Sentence, Unit
from store.values import Filters

#: By what posts are ranked: the first of these that any post has.
RANKED_BY = ("engagement", "clicks", "views")
#: Posts at either end.
SHOWN = 5
#: From this percentile on, and from this one down, a count is named as a reason.
_HIGH, _LOW = 75.0, 25.0
_REASONS = 3
_LENGTH = 160

#: Each is much the same as the count that it is a part of.
_PARTS = frozenset({Metric.CLICKERS, Metric.REPLIES_OTHERS})


def best_posts(asked: Asked) -> tuple[str, list[BestPost], list[BestPost]]:
    """By what they are ranked, the best and the worst posts published in the period; no post is in both."""
    start, end = asked.bounds
    for key in RANKED_BY:
        best = _ranked(asked, key, start, end, descending=True)
        if best:
            break
    else:
        return RANKED_BY[0], [], []
    worst = _ranked(asked, key, start, end, descending=False)
    half = (len({line.post.id for line in (*best, *worst)}) + 1) // 2
    best, worst = best[: max(1, half)], worst[: max(0, half)]
    taken = {line.post.id for line in best}
    left = [line for line in worst if line.post.id not in taken]
    usual = usual_of_posts(asked.session, [line.post for line in (*best, *left)])
    return (
        key,
        [_told(key, one, usual[one.post.id], high=True) for one in best],
        [_told(key, one, usual[one.post.id], high=False) for one in left],
    )


def _ranked(
    asked: Asked, key: str, start: datetime, end: datetime, *, descending: bool
) -> Sequence[PostLine]:
    found = post_list(
        asked.session,
        asked.workspace_id,
        Filters(start=start, end=end),
        sort=key,
        descending=descending,
        limit=SHOWN,
        supplies=asked.supplies,
        now=asked.now,
    )
    return [line for line in found.lines if line.figures[key].value is not None]


def _told(key: str, line: PostLine, usual: Mapping[str, Usual], *, high: bool) -> BestPost:
    post, value = line.post, line.figures[key].value
    assert post.published_at is not None
    assert value is not None
    return BestPost(
        id=post.id,
        text=" ".join(str(post.content["text"]).split())[:_LENGTH],
        channel=line.channel.name,
        platform=line.channel.platform,
        published_at=post.published_at,
        url=post.remote_url,
        value=value,
        reasons=tuple(_reasons(line, usual, high=high)),
    )


def _reasons(line: PostLine, usual: Mapping[str, Usual], *, high: bool) -> list[Sentence]:
    """The counts by which it stands out most among the channel's posts of its age."""
    ranks = [
        (one.percentile, key)
        for key, one in usual.items()
        if one.percentile is not None and is_telling(CATALOGUE[key])
    ]
    reasons = [Sentence("report.reason_gone")] if line.post.deleted_at is not None else []
    if not ranks:
        return [*reasons, Sentence("report.reason_few")]
    ranks.sort(reverse=high)
    apart = [(rank, key) for rank, key in ranks if (rank >= _HIGH if high else rank <= _LOW)]
    return reasons + [reason(CATALOGUE[key], rank, high=high) for rank, key in apart[:_REASONS]]


def is_telling(entry: Definition) -> bool:
    """Whether a figure says something by itself: no sum or part of others, and not what programs did."""
    return len(entry.numerator) == 1 and entry.numerator[0] not in NOT_OF_PEOPLE | _PARTS


def reason(entry: Definition, rank: float, *, high: bool) -> Sentence:
    """The percentile is rounded towards the middle: only what is above all others says so."""
    if high and rank >= 100:
        return Sentence("report.reason_most", {"figure": entry.name})
    if not high and rank <= 0:
        return Sentence("report.reason_least", {"figure": entry.name})
    percent = Amount(float(floor(rank) if high else ceil(rank)), Unit.PERCENT)
    return Sentence(
        "report.reason_rank" if high else "report.reason_low", {"figure": entry.name, "percent": percent}
    )
