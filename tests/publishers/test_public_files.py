"""Where platforms fetch the files of a post: in public, fitted, or not at all."""

from dataclasses import replace

import pytest

from domain.content import Channel
from domain.errors import Rejected
from domain.media import Attachment
from publishers.public_files import public_address, public_address_problems

CHANNEL = Channel(1, "instagram", "Drums", "drums", public_url="https://tabuh.example")
PICTURE = Attachment("ab" * 32, media_type="image/png")


def test_a_picture_is_fitted_for_its_platform_and_a_video_as_it_is() -> None:
    film = replace(PICTURE, media_type="video/quicktime")

    assert public_address(CHANNEL, PICTURE) == f"https://tabuh.example/m/{'ab' * 32}/instagram.jpeg"
    assert public_address(CHANNEL, film) == f"https://tabuh.example/m/{'ab' * 32}.mov"
    assert public_address(CHANNEL, Attachment(url="https://a.site/x.jpg")) == "https://a.site/x.jpg"


@pytest.mark.parametrize(
    "address", ["", "http://localhost:8000", "http://192.168.1.9", "https://tabuh.lan", "http://[::1]"]
)
def test_an_address_that_no_platform_can_open_is_told(address: str) -> None:
    channel = replace(CHANNEL, public_url=address)

    (problem,) = public_address_problems(channel, (PICTURE,), title="Instagram")
    assert "TABUH_PUBLIC_URL" in problem
    assert public_address_problems(channel, (), title="Instagram") == []
    with pytest.raises(Rejected, match="TABUH_PUBLIC_URL"):
        public_address(channel, PICTURE)
