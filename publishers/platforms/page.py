"""The page channel: a public page with feeds that Tabuh serves itself. No call leaves the machine."""

from datetime import datetime

from domain.content import Capabilities, Content, DeliveryClass, Payload, RemotePost
from domain.media import PictureRules
from domain.metrics import Metric
from publishers.base import Progress, Publisher


class Page(Publisher):
    """A post is on the page as soon as its row says published."""

    platform = "page"
    title = "Page"
    capabilities = Capabilities(
        delivery=DeliveryClass.LOCAL,
        can_delete=True,
        can_edit=True,
        post_metrics=frozenset({Metric.IMPRESSIONS, Metric.VIEWS, Metric.VISITS, Metric.CLICKS}),
        pictures=PictureRules(most=20, max_bytes=20 * 2**20),
    )

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        card = content.card
        media = {"media": [one.as_json() for one in content.media]} if content.media else {}
        return {
            **media,
            "text": content.text,
            "link": content.link,
            "title": card.title if card else "",
            "description": card.description if card else "",
            "image_url": card.image_url if card else None,
            "image_alt": card.image_alt if card else "",
            "language": content.language,
            "created_at": created_at.isoformat(),
        }

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        url = f"{self.channel.public_url}/p/{self.channel.slug}/{key}"
        return RemotePost(id=key, url=url, published_at=self.clock())
