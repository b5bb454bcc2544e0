"""A queue in which every state occurs: what the pages of posts and channels are looked at with."""

from datetime import timedelta
from typing import Any

from domain.content import Card, Content, content_json
from domain.ids import new_id
from domain.schedule import wall_time, zone
from store.changes import Actor, record
from store.engine import writing
from store.tables import Attempt, ChannelRow, Post, PostingTimeRow
from tests.web.setting import Installation

LONG = (
    "Pasar Santa buka sampai malam: tujuh kedai yang layak didatangi, dan satu yang harus dipesan dulu lewat "
    "telepon karena hanya ada delapan kursi."
)


class Queue:
    """Three channels of one workspace, and posts on them."""

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.page = place.page("sari", name="Kabar Sari", tested_at=place.now - timedelta(hours=2))
        self.webhook = self._webhook()
        self.paused = place.page(
            "lama", name="Halaman lama", state="paused", state_reason="moving house", zone="Europe/Berlin"
        )
        with writing(place.engine) as session:
            for day in range(7):
                for wall in ("09:00", "12:30", "19:00"):
                    session.add(PostingTimeRow(channel_id=self.page.id, weekday=day, wall=wall))
            session.commit()

    def _webhook(self) -> ChannelRow:
        row = self.place.page(
            "kait",
            name="Kait",
            platform="webhook",
            zone="Asia/Makassar",
            settings={"url": "https://hook.example/post"},
            state="needs_reconnect",
            state_reason="hook.example refuses our credentials (401). Connect the channel again.",
        )
        secret = {"secret": "whsec_" + "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"}
        with writing(self.place.engine) as session:
            row.credentials = self.place.web.context.seal.close(row.id, secret)
            session.add(row)
            session.commit()
        return row

    def add(
        self, state: str, text: str = "Kopi Gayo datang lagi", *, hours: float | None = None, **more: Any
    ) -> Post:
        """A post in a state, ``hours`` from now."""
        channel = more.pop("channel", self.page)
        at = None if hours is None else self.place.now + timedelta(hours=hours)
        wall = wall_time(at, zone(channel.zone)).isoformat(timespec="seconds") if at else None
        card = Card("Kopi Gayo", "Dari kebun ke cangkir.")
        post = Post(
            workspace_id=self.place.workspace.id,
            channel_id=channel.id,
            story_id=more.pop("story_id", new_id()),
            state=state,
            content=content_json(Content(text, link="https://example.org/kopi", card=card)),
            planned_at=at,
            planned_wall=wall,
            planned_zone=channel.zone if at else None,
            next_at=more.pop("next_at", at if state == "queued" else None),
            delivery_key=f"{new_id():032x}",
            created_at=self.place.now - timedelta(days=1),
            **more,
        )
        with writing(self.place.engine) as session:
            session.add(post)
            session.commit()
        return post

    def tried(self, post: Post, outcome: str | None, detail: str | None, *, hours: float = -1) -> None:
        """One publish call of the post."""
        at = self.place.now + timedelta(hours=hours)
        with writing(self.place.engine) as session:
            session.add(
                Attempt(
                    post_id=post.id,
                    claim=1,
                    started_at=at,
                    finished_at=at + timedelta(seconds=1) if outcome else None,
                    outcome=outcome,
                    detail=detail,
                    payload_hash="ab" * 32,
                )
            )
            session.commit()

    def changed(self, post: Post, what: str, *, hours: float = -2) -> None:
        """Somebody did something to the post."""
        with writing(self.place.engine) as session:
            record(
                session,
                Actor("person", self.place.owner.id),
                what,
                subject="post",
                subject_id=post.id,
                workspace_id=post.workspace_id,
                now=self.place.now + timedelta(hours=hours),
                before={"state": "draft"},
                after={"state": post.state},
            )
            session.commit()


def fill(place: Installation) -> dict[str, Post]:
    """Posts in every state, by a name for each."""
    queue = Queue(place)
    refused = "hook.example refuses this post (422: the text is empty)."
    asked = (
        "hook.example did not answer: timed out. This platform cannot be asked whether the post arrived: "
        "look there, then mark it published or queue it again."
    )
    found = {
        "next": queue.add("queued", LONG, hours=0.5, placed_by="person"),
        "slot": queue.add("queued", "Rilis: laporan KPI dalam dua bahasa", hours=10.5),
        "waiting": queue.add("queued", "Open hours this weekend", hours=20, channel=queue.paused),
        "approval": queue.add("awaiting_approval", "Why we measure a post eleven times", hours=30),
        "draft": queue.add("draft", "A short history of the bedug"),
        "publishing": queue.add("publishing", "What a hundred feeds taught us", hours=-0.01),
        "uncertain": queue.add("uncertain", "Lima hal", hours=-1, channel=queue.webhook, reason=asked),
        "failed": queue.add("failed", "Kosong", hours=-3, channel=queue.webhook, reason=refused),
        "skipped": queue.add("skipped", "Batal", hours=-5, reason="Skipped by hand."),
        "published": queue.add(
            "published",
            "Sudah terbit",
            hours=-6,
            published_at=place.now - timedelta(hours=6),
            remote_id="r1",
            remote_url="http://localhost:8000/p/sari/r1",
            late_reason="No worker was free or running at its hour.",
            payload={"text": "Sudah terbit", "link": "https://example.org/kopi"},
        ),
    }
    queue.tried(found["uncertain"], "unknown", "hook.example did not answer: timed out.")
    queue.tried(found["failed"], "rejected", refused, hours=-3)
    queue.changed(found["next"], "moved")
    return found
