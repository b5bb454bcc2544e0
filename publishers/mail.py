"""Mails as bytes: who they go to, what they say twice (plain and HTML), how a reader leaves.

Sources: RFC 5322, RFC 2369 and RFC 8058 (List-Unsubscribe, with one click), RFC 2919 (List-ID).
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from publishers.pictures import Picture

_ADDRESS = re.compile(
    r"(?=.{3,254}\Z)(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@"
    r"(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)"
)
_BETWEEN = re.compile(r"[\s,;]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
#: Readers that one channel keeps; more belong to a mailing list.
MAX_READERS = 2000

_LEAVE = {
    "en": "You get this mail because you asked for it. To get no more of them: {where}",
    "id": "Anda menerima surel ini karena memintanya. Untuk berhenti menerimanya: {where}",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture in a mail, with what it shows."""

    picture: Picture
    alt: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What all readers of one post get."""

    subject: str
    text: str
    #: Inside of the body.
    html: str
    language: str
    #: Address, and name or nothing.
    sender: str
    sender_name: str
    date: datetime
    #: Lower-case letters, digits and hyphens: which newsletter it is.
    list_name: str
    pictures: Sequence[Shown] = ()


def address(text: str) -> str:
    """A mail address as it is used on the wire; a domain of another script becomes its ASCII form.

    Raises:
        ValueError: it is none, or one that could carry commands.
    """
    local, _, domain = text.strip().rpartition("@")
    try:
        found = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        found = ""
    if not _ADDRESS.fullmatch(found):
        raise ValueError("This is no mail address. Write one such as news@example.org.")
    return found


def addresses(text: str) -> str:
    """Addresses with a comma and a space between them, each once.

    Raises:
        ValueError: one of them is none, or there are more than `MAX_READERS`.
    """
    found: dict[str, str] = {}
    for number, one in enumerate(filter(None, _BETWEEN.split(text)), 1):
        try:
            found.setdefault(one.lower(), address(one))
        except ValueError:
            raise ValueError(f"Number {number} of these is no mail address. Correct it.") from None
    if len(found) > MAX_READERS:
        raise ValueError(
            f"A channel keeps at most {MAX_READERS:,} readers. Give a mailing list's address for more."
        )
    return ", ".join(found.values())


def one_line(text: str) -> str:
    """The words on one line, without signs that end a header."""
    return " ".join(_CONTROL.sub(" ", text).split())


def written(letter: Letter, *, to: str, message_id: str, leave: str | None, one_click: bool) -> bytes:
    """The mail to one address, as it goes over the wire.

    Args:
        message_id: without angle brackets.
        leave: where the reader says that they want no more (https or mailto); None: the list's own business.
        one_click: whether a POST to ``leave`` is enough.
    """
    mail = EmailMessage(policy=SMTP)
    name, domain = letter.sender.rsplit("@", 1)
    mail["From"] = Address(one_line(letter.sender_name), name, domain)
    mail["To"] = Address("", *to.rsplit("@", 1))
    mail["Subject"] = one_line(letter.subject)
    mail["Date"] = format_datetime(letter.date)
    mail["Message-ID"] = f"<{message_id}>"
    if letter.language:
        mail["Content-Language"] = letter.language
    if leave:
        mail["List-ID"] = f"<{letter.list_name}.{domain}>"
        mail["List-Unsubscribe"] = f"<{leave}>"
    if leave and one_click:
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # Short, because programs read a folded Content-ID wrongly.
    pictures = [(f"{number}.{message_id[:32]}@tabuh", one) for number, one in enumerate(letter.pictures, 1)]
    mail.set_content(_plain(letter, leave), cte="quoted-printable")
    mail.add_alternative(_page(letter, leave, pictures), subtype="html", cte="quoted-printable")
    page = mail.get_payload()[1]  # type: ignore[index]
    assert isinstance(page, EmailMessage)
    for number, shown in pictures:
        kind = shown.picture.kind.removeprefix("image/")
        page.add_related(shown.picture.body, "image", kind, cid=f"<{number}>", disposition="inline")
    return mail.as_bytes()


def _plain(letter: Letter, leave: str | None) -> str:
    shown = [f"[{one.alt}]" for one in letter.pictures if one.alt]
    foot = [f"-- \n{_leaving(letter, leave)}"] if leave else []
    return "\n\n".join([letter.text, *shown, *foot]) + "\n"


def _page(letter: Letter, leave: str | None, pictures: Sequence[tuple[str, Shown]]) -> str:
    images = "".join(
        f'<p><img src="cid:{html.escape(number)}" alt="{html.escape(one.alt)}" '
        f'width="{min(one.picture.width, 600)}" style="max-width:100%;height:auto"></p>'
        for number, one in pictures
    )
    foot = ""
    if leave:
        link = html.escape(
            leave.removeprefix("mailto:").partition("?")[0] if leave[:7] == "mailto:" else leave
        )
        said = html.escape(_leaving(letter, None))
        foot = f'<hr><p style="color:#666;font-size:85%">{said} <a href="{html.escape(leave)}">{link}</a></p>'
    language = f' lang="{html.escape(letter.language)}"' if letter.language else ""
    title = html.escape(one_line(letter.subject), quote=False)
    style = "font-family:Georgia,serif;line-height:1.5;max-width:40em;margin:1em auto;padding:0 1em"
    return (
        f'<!doctype html>\n<html{language}><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body style="{style}">\n{letter.html}\n{images}{foot}</body></html>\n'
    )


def _leaving(letter: Letter, where: str | None) -> str:
    said = _LEAVE.get(letter.language.split("-")[0].lower(), _LEAVE["en"])
    shown = (where or "").removeprefix("mailto:").partition("?subject=")[0]
    return said.format(where=shown).strip()
