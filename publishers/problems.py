"""What stands against a content on a platform, told from its capabilities, in sentences for people."""

from collections.abc import Iterator, Sequence

from domain.content import Capabilities, Content, Poll, PollRules
from domain.media import Attachment, PictureRules, VideoRules

_KINDS = {"video/mp4": "MP4", "video/quicktime": "MOV", "video/webm": "WebM"}
#: Shapes that differ by less than this share are taken for the same: 1080 by 1922 is 9:16.
_TOLERANCE = 0.01


def problems_of(content: Content, limits: Capabilities, *, title: str) -> list[str]:
    """What a person should mend before this can be published; empty: nothing.

    Args:
        title: how people call the platform.
    """
    return [
        *_of_title(content.title, limits, title),
        *_of_thread(content, limits, title),
        *(_of_poll(content, content.poll, limits.polls, title) if content.poll else ()),
        *_of_comment(content.first_comment, limits, title),
        *media_problems(content.media, limits, title=title),
    ]


def media_problems(media: Sequence[Attachment], limits: Capabilities, *, title: str) -> list[str]:
    """What stands against these files on a platform, in sentences."""
    films = [one for one in media if one.is_video]
    pictures = [one for one in media if not one.is_video]
    found = picture_problems(pictures, limits.pictures, title=title)
    if not media and limits.needs_media:
        found.append(_wanted(limits, title))
    if films:
        found += _of_videos(films, limits.videos, title)
    if films and pictures and limits.videos is not None and not limits.videos.with_pictures:
        found.append(f"{title} shows either pictures or a video. Leave the other out.")
    return found


def picture_problems(media: Sequence[Attachment], rules: PictureRules | None, *, title: str) -> list[str]:
    """What stands against these pictures on a platform, in sentences."""
    if not media:
        return []
    if rules is None:
        return [f"{title} takes no pictures. Leave them out."]
    found = []
    if len(media) > rules.most:
        found.append(f"{title} takes at most {rules.most} pictures; this post has {len(media)}.")
    if rules.max_alt and any(len(one.alt) > rules.max_alt for one in media):
        found.append(f"{title} takes descriptions of at most {rules.max_alt} characters. Shorten it.")
    return found


def _wanted(limits: Capabilities, title: str) -> str:
    if limits.videos is None:
        return f"{title} takes no post without a picture. Add one."
    if limits.pictures is None:
        return f"{title} takes no post without a video. Add one."
    return f"{title} takes no post without a picture or a video. Add one."


def _of_title(said: str | None, limits: Capabilities, title: str) -> Iterator[str]:
    if limits.needs_title and not (said or "").strip():
        yield f"{title} needs a title. Give one."
    length = len((said or "").strip())
    if limits.max_title is not None and length > limits.max_title:
        yield f"{title} takes titles of at most {limits.max_title} characters; this one has {length}."


def _of_thread(content: Content, limits: Capabilities, title: str) -> Iterator[str]:
    if not content.thread:
        return
    if limits.max_thread < 2:
        yield f"{title} has no threads. Leave the further parts out."
    elif len(content.thread) + 1 > limits.max_thread:
        whole = len(content.thread) + 1
        yield f"{title} takes threads of at most {limits.max_thread} parts; this one has {whole}."
    for number, part in enumerate(content.thread, start=2):
        if not part.strip():
            yield f"Part {number} of the thread is empty. Write something there, or take it out."


def _of_poll(content: Content, poll: Poll, rules: PollRules | None, title: str) -> Iterator[str]:
    if rules is None:
        yield f"{title} has no polls. Leave the poll out."
        return
    answers = [one.strip() for one in poll.options]
    if not content.text.strip():
        yield "A poll needs a question: write it as the text."
    if len(answers) < 2:
        yield "A poll needs at least two answers."
    if len(answers) > rules.most:
        yield f"{title} takes polls of at most {rules.most} answers; this one has {len(answers)}."
    if not all(answers):
        yield "An answer of the poll is empty. Write something there, or take it out."
    if len(set(answers)) < len(answers):
        yield "Two answers of the poll are the same. Change one."
    if any(len(one) > rules.max_option for one in answers):
        yield f"{title} takes answers of at most {rules.max_option} characters. Shorten it."
    if not rules.min_minutes <= poll.minutes <= rules.max_minutes:
        least, most = rules.min_minutes, rules.max_minutes
        yield f"{title} takes polls of {least} to {most:,} minutes, not {poll.minutes:,}."
    if poll.multiple and not rules.multiple:
        yield f"{title} lets people choose one answer only."
    if content.media and not rules.with_media:
        yield f"{title} shows either a poll or pictures. Leave the other out."


def _of_comment(said: str | None, limits: Capabilities, title: str) -> Iterator[str]:
    if said is None or not said.strip():
        return
    if not limits.first_comment:
        yield f"{title} offers no first comment. Leave it out."


def _of_videos(films: Sequence[Attachment], rules: VideoRules | None, title: str) -> Iterator[str]:
    if rules is None:
        yield f"{title} takes no videos. Leave it out."
        return
    if len(films) > rules.most:
        yield f"{title} takes at most {rules.most} videos; this post has {len(films)}."
    for film in films:
        yield from _of_video(film, rules, title)


def _of_video(film: Attachment, rules: VideoRules, title: str) -> Iterator[str]:
    if film.media_type not in rules.kinds:
        known = ", ".join(_KINDS.get(kind, kind) for kind in sorted(rules.kinds))
        own = _KINDS.get(film.media_type, film.media_type)
        yield f"{title} takes videos as {known}; this one is {own}. Convert it."
    if film.size > rules.max_bytes:
        yield f"{title} takes videos of at most {_mb(rules.max_bytes)} MB; this one has {_mb(film.size)} MB."
    seconds = film.duration_ms / 1000
    if seconds and rules.max_seconds is not None and seconds > rules.max_seconds:
        yield f"{title} takes videos of at most {rules.max_seconds:,.0f} s; this one has {_seconds(film)} s."
    if seconds and seconds < rules.min_seconds:
        yield f"{title} takes videos of at least {rules.min_seconds:,.0f} s; this one has {seconds:,.1f} s."
    if film.width and film.height:
        ratio = film.width / film.height
        narrow = rules.min_ratio is not None and ratio < rules.min_ratio * (1 - _TOLERANCE)
        if narrow or (rules.max_ratio is not None and ratio > rules.max_ratio * (1 + _TOLERANCE)):
            yield f"{title} does not take videos of this shape ({film.width} by {film.height} pixels)."
    if rules.max_alt and len(film.alt) > rules.max_alt:
        yield f"{title} takes descriptions of at most {rules.max_alt} characters. Shorten it."


def _seconds(film: Attachment) -> str:
    """Seconds, rounded up to a tenth, for the same reason as megabytes."""
    return f"{-(-film.duration_ms // 100) / 10:,.1f}"


def _mb(size: int) -> str:
    """Megabytes, rounded up to a tenth, so that what is too large never looks as if it fitted."""
    return f"{-(-size // 100_000) / 10:,.1f}".removesuffix(".0")
