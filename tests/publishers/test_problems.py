"""What a person is told before a post is refused by its platform."""

from dataclasses import replace

import pytest

from domain.content import Capabilities, Content, DeliveryClass, Poll, PollRules
from domain.media import Attachment, PictureRules, VideoRules
from publishers.problems import problems_of

BARE = Capabilities(DeliveryClass.AT_MOST_ONCE)
ABLE = replace(
    BARE,
    max_thread=3,
    max_title=10,
    first_comment=True,
    polls=PollRules(most=3, max_option=5, min_minutes=5, max_minutes=1440),
    pictures=PictureRules(most=2, max_bytes=1000),
    videos=VideoRules(
        most=1, max_bytes=2_000_000, max_seconds=60, min_seconds=3, min_ratio=0.5, max_ratio=2, max_alt=5
    ),
)
PICTURE = Attachment(sha256="a", media_type="image/png", size=10)
FILM = Attachment(
    sha256="b", media_type="video/mp4", size=2_000_000, width=1080, height=1920, duration_ms=30_000
)


def said(content: Content, limits: Capabilities) -> list[str]:
    return problems_of(content, limits, title="Drum")


@pytest.mark.parametrize(
    ("content", "limits", "problems"),
    [
        (Content("hi", thread=("a", "b")), ABLE, []),
        (Content("hi", thread=("a",)), BARE, ["Drum has no threads. Leave the further parts out."]),
        (
            Content("hi", thread=("a", "b", "c")),
            ABLE,
            ["Drum takes threads of at most 3 parts; this one has 4."],
        ),
        (
            Content("hi", thread=("a", " ")),
            ABLE,
            ["Part 3 of the thread is empty. Write something there, or take it out."],
        ),
        (Content("hi", poll=Poll(("a", "b"))), ABLE, []),
        (Content("hi", poll=Poll(("a", "b"))), BARE, ["Drum has no polls. Leave the poll out."]),
        (Content("hi", poll=Poll(("a",))), ABLE, ["A poll needs at least two answers."]),
        (
            Content("hi", poll=Poll(("a", "a"))),
            ABLE,
            ["Two answers of the poll are the same. Change one."],
        ),
        (
            Content("", poll=Poll(("a", "b", "c", "d"))),
            ABLE,
            [
                "A poll needs a question: write it as the text.",
                "Drum takes polls of at most 3 answers; this one has 4.",
            ],
        ),
        (
            Content("hi", poll=Poll(("a", "breakfast"))),
            ABLE,
            ["Drum takes answers of at most 5 characters. Shorten it."],
        ),
        (
            Content("hi", poll=Poll(("a", "b"), minutes=1, multiple=True)),
            ABLE,
            ["Drum takes polls of 5 to 1,440 minutes, not 1.", "Drum lets people choose one answer only."],
        ),
        (
            Content("hi", poll=Poll(("a", "b")), media=(PICTURE,)),
            ABLE,
            ["Drum shows either a poll or pictures. Leave the other out."],
        ),
        (Content("hi", first_comment="x"), ABLE, []),
        (Content("hi", first_comment="x"), BARE, ["Drum offers no first comment. Leave it out."]),
        (Content("hi"), replace(ABLE, needs_title=True), ["Drum needs a title. Give one."]),
        (
            Content("hi", title="Drums at dawn"),
            ABLE,
            ["Drum takes titles of at most 10 characters; this one has 13."],
        ),
        (Content("hi", title="Drums at dawn"), BARE, []),
        (
            Content("hi"),
            replace(ABLE, needs_media=True),
            ["Drum takes no post without a picture or a video. Add one."],
        ),
        (
            Content("hi"),
            replace(ABLE, needs_media=True, pictures=None),
            ["Drum takes no post without a video. Add one."],
        ),
        (Content("hi", media=(FILM,)), ABLE, []),
        (Content("hi", media=(FILM,)), BARE, ["Drum takes no videos. Leave it out."]),
        (Content("hi", media=(PICTURE,)), BARE, ["Drum takes no pictures. Leave them out."]),
        (
            Content("hi", media=(FILM, PICTURE)),
            ABLE,
            ["Drum shows either pictures or a video. Leave the other out."],
        ),
        (
            Content("hi", media=(replace(FILM, size=2_000_001),)),
            ABLE,
            ["Drum takes videos of at most 2 MB; this one has 2.1 MB."],
        ),
        (
            Content("hi", media=(replace(FILM, media_type="video/webm"),)),
            ABLE,
            ["Drum takes videos as MP4; this one is WebM. Convert it."],
        ),
        (
            Content("hi", media=(replace(FILM, duration_ms=60_001),)),
            ABLE,
            ["Drum takes videos of at most 60 s; this one has 60.1 s."],
        ),
        (
            Content("hi", media=(replace(FILM, duration_ms=1_000),)),
            ABLE,
            ["Drum takes videos of at least 3 s; this one has 1.0 s."],
        ),
        (
            Content("hi", media=(replace(FILM, width=400),)),
            ABLE,
            ["Drum does not take videos of this shape (400 by 1920 pixels)."],
        ),
        (
            Content("hi", media=(replace(FILM, alt="too long"),)),
            ABLE,
            ["Drum takes descriptions of at most 5 characters. Shorten it."],
        ),
    ],
)
def test_what_stands_against_a_post_is_said_in_sentences(
    content: Content, limits: Capabilities, problems: list[str]
) -> None:
    assert said(content, limits) == problems
