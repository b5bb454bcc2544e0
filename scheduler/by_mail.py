"""Notices by mail: one notice, or all that a digest gathered, as text and HTML."""

import html
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import SecretStr

from domain.errors import NotSent, PublishError, RateLimited, Rejected
from domain.sentence import Words
from domain.telling import NotTold
from net.smtp import Lost, MailServer, opened
from publishers.mail import Letter, written
from publishers.mailing import clear, meaning, sign_in
from scheduler.context import Context
from store.tables import NoticeRow, Telling

_DIGEST: Final = Words("{count} notices of {workspace}", "{count} pemberitahuan dari {workspace}")
_OPEN: Final = Words("Open it in Tabuh", "Buka di Tabuh")
_WHY: Final = Words(
    "You get this mail because of your settings for {workspace}: {where}",
    "Anda menerima surel ini karena pengaturan Anda untuk {workspace}: {where}",
)
_NO_SERVER: Final = (
    "No mail server is set. Set TABUH_SMTP_HOST and TABUH_SMTP_SENDER, then start Tabuh again."
)
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


def send(
    context: Context, row: Telling, notices: Sequence[NoticeRow], *, workspace: str, now: datetime
) -> None:
    """Hand the mail over; every try of the same telling has the same Message-ID.

    Raises:
        NotTold: it was not, or whether it was is not known.
    """
    server = context.mail
    if server is None:
        raise NotTold(_NO_SERVER)
    assert row.address is not None
    letter = _letter(context, server, row, notices, workspace=workspace, now=now)
    domain = server.sender.rsplit("@", 1)[1]
    body = written(letter, to=row.address, message_id=f"tabuh.{row.id}@{domain}", leave=None, one_click=False)
    try:
        _hand_over(context, server, row.address, body)
    except RateLimited as error:
        raise NotTold(str(error), retry_after=error.retry_after) from error
    except Rejected as error:
        raise NotTold(str(error), is_final=True) from error
    except (NotSent, PublishError) as error:
        raise NotTold(str(error).replace(" Connect the channel again.", " Correct TABUH_SMTP_*.")) from error


def _hand_over(context: Context, server: MailServer, to: str, body: bytes) -> None:
    secrets = (server.password,) if server.password else ()
    name = server.sender.rsplit("@", 1)[1]
    with (
        meaning(server.host, secrets),
        opened(context.http, server.host, server.used_port, encryption=server.encryption, name=name) as talk,
    ):
        if server.username:
            sign_in(talk, server.host, server.username, SecretStr(server.password))
        talk.command(f"MAIL FROM:<{server.sender}>")
        talk.command(f"RCPT TO:<{to}>")
        talk.command("DATA", wanted=3)
        try:
            talk.give(body)
        except Lost as lost:  # perhaps it arrived: sent again, with the same Message-ID
            raise NotSent(
                f"{server.host} took the mail and never said so: {clear(str(lost), secrets)}."
            ) from lost


def _letter(
    context: Context,
    server: MailServer,
    row: Telling,
    notices: Sequence[NoticeRow],
    *,
    workspace: str,
    now: datetime,
) -> Letter:
    language = row.language
    words = [one.words[language] for one in notices]
    if len(notices) == 1:
        subject = words[0]["subject"]
    else:
        subject = _DIGEST.said(language).format(count=len(notices), workspace=workspace)
    links = [context.page(one.link) if one.link else None for one in notices]
    parts = [
        (each["subject"] if len(notices) > 1 else "", each["text"], each.get("html"), link)
        for each, link in zip(words, links, strict=True)
    ]
    why = _WHY.said(language).format(workspace=workspace, where=context.page("/alerts/settings"))
    why = why if row.person_id is not None else ""
    return Letter(
        subject=f"[{workspace}] {subject}" if len(notices) == 1 else subject,
        text="\n\n".join(filter(None, [*(_plain(*part) for part in parts), f"-- \n{why}" if why else ""])),
        html="\n<hr>\n".join(_page(*part, language=language) for part in parts) + _foot(why),
        language=language,
        sender=server.sender,
        sender_name=server.sender_name,
        date=now,
        list_name="tabuh",
    )


def _plain(head: str, text: str, _page: str | None, link: str | None) -> str:
    return "\n\n".join(filter(None, [head, text, link]))


def _page(head: str, text: str, page: str | None, link: str | None, *, language: str) -> str:
    title = f"<h2>{html.escape(head)}</h2>\n" if head else ""
    body = page or "\n".join(f"<p>{_linked(one)}</p>" for one in text.split("\n\n"))
    button = f'<p><a href="{html.escape(link)}">{_OPEN.said(language)}</a></p>' if link else ""
    return f"{title}{body}\n{button}"


def _linked(text: str) -> str:
    """A paragraph's text as HTML: addresses can be followed, lines stay lines."""
    escaped, end = [], 0
    for found in _ADDRESS.finditer(text):
        address = html.escape(found[0])
        escaped += [html.escape(text[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*escaped, html.escape(text[end:])]).replace("\n", "<br>\n")


def _foot(why: str) -> str:
    return f'\n<hr><p style="color:#666;font-size:85%">{_linked(why)}</p>' if why else ""
