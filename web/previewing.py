"""What a channel's publisher would make of a text: how long it counts, and the words that it would send."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.content import Capabilities, Content, Counting, Poll
from domain.errors import NeedsReconnect, TabuhError
from domain.media import Attachment
from publishers.base import Publisher
from scheduler.context import Context
from store.tables import ChannelRow
from web.i18n import Voice
from web.i18n import marked as N_
from web.said import said

_UNITS = {
    Counting.GRAPHEMES: N_("characters"),
    Counting.CODE_POINTS: N_("characters"),
    Counting.UTF16: N_("UTF-16 units"),
    Counting.BYTES: N_("bytes"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be sent."""

    #: The words of the payload; empty when there is none.
    text: str
    #: The link, where it does not stand in the text.
    link: str
    card_title: str
    card_description: str
    length: int
    #: None: the platform sets no limit.
    limit: int | None
    #: What is counted, in the reader's language.
    unit: str
    #: What a person should mend first, in the reader's language.
    problems: tuple[str, ...]
    pictures: tuple[Attachment, ...] = ()
    #: Each part of a thread; a single post is one part.
    parts: tuple["Part", ...] = ()
    title: str = ""
    poll: Poll | None = None
    first_comment: str = ""
    #: What a person should know and may pass over, in the reader's language.
    warnings: tuple[str, ...] = ()

    @property
    def over(self) -> int:
        """By how much the text is too long; 0: it fits."""
        return max(self.length - self.limit, 0) if self.limit else 0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a thread as it would be sent."""

    text: str
    #: Before it is shortened.
    length: int
    limit: int | None

    @property
    def over(self) -> int:
        """By how much it is too long; 0: it fits."""
        return max(self.length - self.limit, 0) if self.limit else 0


def preview(context: Context, row: ChannelRow, content: Content, *, voice: Voice, now: datetime) -> Preview:
    """The content as this channel's publisher would send it, without sending anything."""
    try:
        publisher = context.publisher(row)
    except NeedsReconnect:
        return _broken(
            voice.gettext("What is known of this channel does not suffice: connect it again."), voice
        )
    except TabuhError as error:
        return _broken(said(voice, str(error)), voice)
    limits = publisher.limits()
    problems = tuple(said(voice, one) for one in publisher.problems(content))
    text, length = ("", 0) if problems else _rendered(publisher, content, now=now)
    card = content.card
    parts = () if problems else _parts(publisher, content, now=now)
    return Preview(
        parts=parts,
        title=content.title or "" if limits.max_title else "",
        poll=content.poll,
        first_comment=content.first_comment or "",
        text=text,
        link=content.link if content.link and content.link not in text else "",
        card_title=card.title if card else "",
        card_description=card.description if card else "",
        length=length or publisher.length(Content(content.text)),
        limit=limits.max_characters,
        unit=_unit(limits, voice),
        problems=problems,
        pictures=content.media,
    )


def _rendered(publisher: Publisher, content: Content, *, now: datetime) -> tuple[str, int]:
    payload = publisher.render(content, created_at=now)
    return publisher.text_of(payload), publisher.length(content)


def _parts(publisher: Publisher, content: Content, *, now: datetime) -> tuple["Part", ...]:
    texts = publisher.texts_of(publisher.render(content, created_at=now))
    alone = replace(content, thread=(), poll=None, first_comment=None)
    written = [alone, *(Content(part) for part in content.thread)]
    most = publisher.limits().max_characters
    return tuple(Part(text, publisher.length(said), most) for text, said in zip(texts, written, strict=False))


def _unit(limits: Capabilities, voice: Voice) -> str:
    return voice.gettext(_UNITS[limits.counting])


def _broken(problem: str, voice: Voice) -> Preview:
    return Preview(
        text="",
        link="",
        card_title="",
        card_description="",
        length=0,
        limit=None,
        unit=voice.gettext(_UNITS[Counting.GRAPHEMES]),
        problems=(problem,),
    )
