"""A month of which every number is known: posts, clicks, visits, orders, ads, answers and mentions.

Everything is written as the program writes it: looks are appended with what was counted at links, page views
are told by browsers, tables are imported.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import col, select

from analytics.imports.reading import Choices
from domain.ids import new_id
from domain.imports import ImportKind
from domain.metrics import Audience, Metric
from scheduler.conversions import Told, tell
from scheduler.imports import Wanted, import_table
from store import measuring, traffic
from store.changes import AUTOMATION
from store.engine import writing
from store.links import NewClick, record_clicks
from store.measuring import Taken
from store.tables import Brand, Click, Link, Post, Survey
from tests.sites import HOST, Browser, shop
from tests.web.setting import Installation

M = Metric
START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: What the platform told of each post at one day of age.
TOLD = (
    {M.IMPRESSIONS: 2000, M.REACH: 1000, M.REACTIONS: 60, M.REPLIES: 20, M.SHARES: 10, M.CLICKS_ALL: 40},
    {M.IMPRESSIONS: 500, M.REACH: 400, M.REACTIONS: 9, M.REPLIES: 4, M.SHARES: 2, M.CLICKS_ALL: 12},
)
#: Whose clicks: a letter is the hash of a person and day, "-" none, "*" a program.
CLICKED = ("AAB-***", "CCD")


class Month:
    """November 2026 of one workspace, asked about on 24 November."""

    def __init__(self, engine: Engine, *, url: str = "https://links.example.org") -> None:
        self.place = Installation(engine, public_url=url)
        self.place.now = START
        self.channel = self.place.page("firm", platform="linkedin", name="Firm", zone="UTC")
        for day, followers in ((0, 1000), (7, 600), (19, 1250)):
            self._followers(START + day * DAY, followers)
        self.posts = [self._post(number, START + day * DAY) for number, day in enumerate((4, 9))]
        self._visits()
        self._brought()
        self._asked()
        self.place.now = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)

    def _followers(self, at: datetime, number: int) -> None:
        with writing(self.place.engine) as session:
            taken = [Taken(M.FOLLOWERS, number, "firstDegreeSize")]
            measuring.append_of_channel(session, self.channel.id, read_at=at, taken=taken)
            session.commit()

    def _post(self, number: int, at: datetime) -> Post:
        self.place.now = at
        post = self.place.post(self.channel, f"Post {number}", campaign="B")
        code = self.place.add_link(f"https://{HOST}/", post)
        with writing(self.place.engine) as session:
            link = session.exec(select(Link).where(col(Link.code) == code)).one()
            record_clicks(session, list(_clicks(link, CLICKED[number], at + HOUR)))
            taken = [Taken(metric, value, str(metric)) for metric, value in TOLD[number].items()]
            counted = traffic.counted(session, [post.id], before=at + DAY)[post.id]
            taken += [Taken(metric, value, "tabuh") for metric, value in counted.items()]
            measuring.append(session, post.id, checkpoint=DAY, read_at=at + DAY, taken=taken)
            session.commit()
        return post

    def _visits(self) -> None:
        """Four visits: by C's click with an order of 250,000 of which 50,000 are given back; 15 seconds on
        one page; two pages; 3 seconds on one page."""
        place = self.place
        site = shop(place)
        place.now = START + 9 * DAY + 2 * HOUR
        with writing(place.engine) as session:
            of_c = select(Click).where(col(Click.day_hash) == "C" * 32).order_by(col(Click.at))
            click_key = str(session.exec(of_c).all()[0].key)
        one, two, three, four = (Browser(place, site, visitor=letter * 10) for letter in "wxyz")
        one.tell("v1", click=click_key, seconds=5)
        bought = ["order", {"value": 250_000, "currency": "IDR", "id": "A-1"}, "k" * 12]
        one.tell("v1", event=bought)
        place.later(minutes=1)
        back = Told(key="back-1", value="50000", currency="IDR", refund_of="A-1")
        tell(place.web.context, place.workspace.id, site.id, back, actor=AUTOMATION)
        two.tell("v2", referrer="search.example", seconds=15)
        three.tell("v3", path="/a")
        three.tell("v4", path="/b")
        four.tell("v5", seconds=3)

    def _brought(self) -> None:
        with writing(self.place.engine) as session:
            for name in ("Tabuh", "Gong"):
                session.add(
                    Brand(
                        workspace_id=self.place.workspace.id, name=name, is_own=name == "Tabuh",
                        created_at=START,
                    )
                )  # fmt: skip
            session.commit()
        self.bring(
            "ads",
            "day,platform,campaign,spend,currency,impressions,link clicks\n"
            "2026-11-02,meta,A,60000,IDR,5000,30\n2026-11-03,linkedin,B,40000,IDR,3000,10\n",
        )
        self.bring(
            "orders",
            "order id,date,customer,total,refunded,currency\n1,2026-06-01,a,300000,0,IDR\n"
            "2,2026-07-01,b,120000,0,IDR\n3,2026-11-02,a,100000,20000,IDR\n",
        )
        scores = [5] * 4 + [4] * 3 + [3] * 2 + [1]
        self.bring(
            "answers", "date,score\n" + "".join(f"2026-11-04,{one}\n" for one in scores), survey="csat"
        )
        scores = [10, 10, 10, 9, 9, 8, 7, 6, 6, 0]
        self.bring("answers", "date,score\n" + "".join(f"2026-11-04,{one}\n" for one in scores), survey="nps")
        self.bring(
            "testimonials",
            "date,text,positive\n2026-11-05,Very good,yes\n2026-11-06,Good,yes\n2026-11-06,Bad,no\n",
        )
        self.bring(
            "mentions",
            "date,brand,mentions,source\n2026-11-05,Tabuh,12,news\n2026-11-05,Gong,36,news\n",
        )
        self.bring("sharers", "date,followers\n2026-11-05,1000\n2026-11-06,9000\n", platform="linkedin")

    def bring(self, kind: str, text: str, **fixed: str) -> None:
        """Import a table."""
        wanted = Wanted(kind=ImportKind(kind), raw=text.encode(), choices=Choices(fixed=fixed))
        import_table(self.place.web.context, self.place.workspace.id, wanted, actor=AUTOMATION)

    def _asked(self) -> None:
        """A page that four people open and one answers."""
        self.place.now = START + 10 * DAY
        with writing(self.place.engine) as session:
            session.add(
                Survey(
                    workspace_id=self.place.workspace.id, name="Ask", code="askask", kind="csat",
                    created_at=self.place.now,
                )
            )  # fmt: skip
            session.commit()
        client = self.place.public()
        for _ in range(4):
            assert client.get("/s/askask").status_code == 200
        assert client.post("/s/askask", data={"score": "5"}).status_code == 200


def _clicks(link: Link, whose: str, at: datetime) -> Iterator[NewClick]:
    for number, letter in enumerate(whose):
        human = letter != "*"
        yield NewClick(
            id=new_id(), link_id=link.id, post_id=link.post_id, at=at + timedelta(minutes=number),
            audience=Audience.HUMAN if human else Audience.BOT,
            key=f"{link.id}{number}".rjust(20, "q")[-20:] if human else None,
            day_hash=letter * 32 if letter.isalpha() else None,
        )  # fmt: skip
