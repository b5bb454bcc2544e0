"""Where platforms that fetch files themselves find those of a post: below our own public address.

Pictures are given there as the platform takes them: fitted, and as JPEG (`web/public/fitted.py`).
"""

from domain.content import Channel
from domain.errors import Rejected
from domain.media import Attachment, media_path
from publishers.address import on_the_internet


def public_address_problems(channel: Channel, media: tuple[Attachment, ...], *, title: str) -> list[str]:
    """What a person should mend before a platform can fetch these files, in sentences."""
    if not any(one.sha256 for one in media) or on_the_internet(channel.public_url):
        return []
    return [
        f"{title} fetches pictures and videos itself, from this installation's public address: "
        "set TABUH_PUBLIC_URL to one that is open to the internet."
    ]


def public_address(channel: Channel, attachment: Attachment) -> str:
    """The address at which the channel's platform fetches a file.

    Raises:
        Rejected: there is none that is open to the internet.
    """
    if attachment.url and not attachment.sha256:
        return attachment.url
    for problem in public_address_problems(channel, (attachment,), title=channel.platform.capitalize()):
        raise Rejected(problem)
    if attachment.is_video:
        return f"{channel.public_url}{media_path(attachment)}"
    return f"{channel.public_url}/m/{attachment.sha256}/{channel.platform}.jpeg"
