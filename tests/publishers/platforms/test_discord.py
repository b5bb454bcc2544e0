"""Discord's bot: markup, cards, nonces, a past that may not be read, Discord's own refusals."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.content import Card, Channel, Content, Poll
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, RateLimited, Rejected
from domain.metrics import Metric
from publishers.base import Measured, NoProgress
from publishers.discord_messages import escaped, read_back
from publishers.platforms.discord import Discord, DiscordCredentials
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, Case
from tests.publishers.fakes.discord import CHANNEL, GUILD, FakeDiscord, refusal
from tests.publishers.fakes.official import Official
from tests.world import NOON, FixedClock

LINK = "https://news.example/drums_at_dawn?a=*1*"
CARD = Card("Drums *now*", "At dawn", "https://news.example/drums.jpg")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def server(clock: FixedClock) -> FakeDiscord:
    return FakeDiscord(clock)


def discord(server: Any, files: Folder | None = None, **settings: Any) -> Discord:
    channel = Channel(1, "discord", "Drums", "drums", {"channel_id": CHANNEL, **settings})
    http = httpx.Client(transport=httpx.MockTransport(server))
    credentials = DiscordCredentials.model_validate({"token": FakeDiscord.TOKEN})
    return Discord(channel, http, credentials=credentials, clock=FixedClock(), files=files)


def send(publisher: Discord, content: Content, *, key: str = KEY) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.publish(payload, key=key, progress=NoProgress())


def find(publisher: Discord, content: Content) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.find_existing(payload, key=KEY, handle=None, since=NOON)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("*drums* _now_ ~~x~~ ||y|| `z`", r"\*drums\* \_now\_ \~\~x\~\~ \|\|y\|\| \`z\`"),
        ("# Title\n> said\n- one\n-# small", "\\# Title\n\\> said\n\\- one\n\\-# small"),
        ("#news 5-3 a>b", "#news 5-3 a>b"),
        (f"see {LINK} *now*", f"see {LINK} \\*now\\*"),
        (r"C:\drums", r"C:\\drums"),
        ("[text](https://a.example/b_c_d)", r"\[text\](https://a.example/b_c_d)"),
    ],
)
def test_markup_in_a_text_is_shown_and_not_obeyed(text: str, written: str) -> None:
    assert escaped(text) == written
    assert read_back(written) == text


@given(st.text())
def test_what_is_escaped_reads_as_it_was_written(text: str) -> None:
    assert read_back(escaped(text)) == text


def test_a_text_that_is_markup_already_goes_out_as_it_is(server: FakeDiscord) -> None:
    assert discord(server, markup=True).render(Content("**x**"), created_at=NOON)["content"] == "**x**"


@pytest.mark.parametrize(("sign", "fits"), [("x", 2000), ("🥁", 2000), ("👨‍👩‍👧‍👦", 285), ("*", 1000)])
def test_a_text_is_counted_in_code_points(server: FakeDiscord, sign: str, fits: int) -> None:
    publisher = discord(server)

    assert publisher.text_of(publisher.render(Content(sign * fits), created_at=NOON)) == sign * fits
    longer = publisher.render(Content(sign * (fits + 1)), created_at=NOON)["content"]
    assert longer.endswith("…")
    assert len(longer) <= 2000


def test_nobody_is_pinged_unless_the_channel_says_so(server: FakeDiscord) -> None:
    for pings, parsed in {
        "nobody": [],
        "named": ["users", "roles"],
        "everyone": ["users", "roles", "everyone"],
    }.items():
        send(discord(server, pings=pings), Content("@everyone hi"), key=pings * 4)
        assert server.bodies[-1]["allowed_mentions"] == {"parse": parsed}
    assert discord(server).settings.pings == "nobody"


def test_the_card_is_an_embed_unless_the_text_has_the_link(server: FakeDiscord) -> None:
    publisher = discord(server)

    with_card = publisher.render(Content("Drums", link=LINK, card=CARD), created_at=NOON)
    in_text = publisher.render(Content(f"Drums {LINK}", link=LINK, card=CARD), created_at=NOON)
    bare = publisher.render(Content("Drums", link=LINK), created_at=NOON)

    (embed,) = with_card["embeds"]
    assert embed == {
        "url": LINK,
        "title": r"Drums \*now\*",
        "description": "At dawn",
        "image": {"url": "https://news.example/drums.jpg"},
    }
    assert with_card["content"] == "Drums"
    assert in_text["content"] == f"Drums {LINK}"
    assert bare["content"] == f"Drums\n\n{LINK}"
    assert "embeds" not in in_text | bare


def test_a_second_call_with_the_same_nonce_makes_no_second_message(server: FakeDiscord) -> None:
    publisher = discord(server)

    first, second = send(publisher, Content("hi")), send(publisher, Content("hi"))

    assert first == second
    assert server.copies == 1
    assert server.bodies[0]["nonce"] == KEY[:25]


def test_the_address_of_a_post_names_the_server_once_that_is_learned(server: FakeDiscord) -> None:
    learned = discord(server).enrich()

    assert learned is not None
    publisher = discord(server, guild_id=learned.model_dump()["guild_id"])
    remote = send(publisher, Content("hi"))
    assert remote.url == f"https://discord.com/channels/{GUILD}/{CHANNEL}/{remote.id}"
    assert publisher.enrich() is None


def test_pictures_go_along_with_what_they_show(server: FakeDiscord) -> None:
    folder = Folder(picture(), picture(60, 41), b"moving" * 9)
    *pictures, last = folder.attachments("Pasar at dawn")
    media = (*pictures, replace(last, media_type="video/mp4"))
    publisher = discord(server, folder)

    remote = send(publisher, Content("Look", media=media))

    body = server.bodies[0]
    assert [one.get("description") for one in body["attachments"]] == ["Pasar at dawn", None, None]
    assert [one["filename"] for one in body["attachments"]] == [
        "picture0.jpeg",
        "picture1.jpeg",
        "video2.mp4",
    ]
    assert body["form"]["files[2]"] == b"moving" * 9
    assert find(publisher, Content("Look", media=media)).id == remote.id
    assert find(publisher, Content("Look")) is None


def test_many_heavy_pictures_fit_into_one_request(server: FakeDiscord) -> None:
    folder = Folder(*(picture(1500 + index, 1400, noisy=True, quality=100) for index in range(10)))
    media = tuple(replace(one, media_type="image/jpeg") for one in folder.attachments())

    send(discord(server, folder), Content("Look", media=media))

    sizes = [len(one) for name, one in server.bodies[0]["form"].items() if name.startswith("files")]
    assert len(sizes) == 10
    assert sum(sizes) <= 24 * 2**20


def test_videos_leave_room_for_pictures_and_too_many_are_told(server: FakeDiscord) -> None:
    folder = Folder(b"v" * 9_000_000, b"w" * 9_000_000, picture(2000, 1500, noisy=True, quality=100))
    first, second, still = folder.attachments()
    films = [replace(one, media_type="video/mp4") for one in (first, second)]
    publisher = discord(server, folder)

    send(publisher, Content("Look", media=(*films, still)))

    sizes = [len(one) for name, one in server.bodies[0]["form"].items() if name.startswith("files")]
    assert sum(sizes) <= 24 * 2**20
    heavy = [replace(films[0], size=10 * 2**20)] * 3
    told = "Discord takes 24 MB of files on one post. Leave some of them out."
    assert publisher.problems(Content("Look", media=tuple(heavy))) == [told]


def test_a_poll_asks_the_text(server: FakeDiscord) -> None:
    publisher = discord(server)
    content = Content("Which drum?", link=LINK, poll=Poll(("Kendang", "Bedug"), minutes=90, multiple=True))

    remote = send(publisher, content)

    poll = server.bodies[0]["poll"]
    assert poll["question"] == {"text": "Which drum?"}
    assert [one["poll_media"]["text"] for one in poll["answers"]] == ["Kendang", "Bedug"]
    assert (poll["duration"], poll["allow_multiselect"]) == (2, True)
    assert server.bodies[0]["content"] == LINK
    assert find(publisher, content).id == remote.id
    assert find(publisher, Content("", link=LINK)) is None
    with pytest.raises(Rejected, match="nobody change a poll"):
        publisher.edit(remote.id, publisher.render(content, created_at=NOON))


def test_only_our_own_message_is_found(server: FakeDiscord, clock: FixedClock) -> None:
    server.add(NOON, "80000000000000009", content="hi")
    assert find(discord(server), Content("hi")) is None
    server.add(NOON - timedelta(hours=1), content="hi")
    assert find(discord(server), Content("hi")) is None
    ours = server.add(NOON, content="hi")
    assert find(discord(server), Content("hi ")).id == ours["id"]


def test_the_channel_is_read_back_to_the_first_try(server: FakeDiscord) -> None:
    ours = server.add(NOON, content="ours")
    for number in range(250):
        server.add(NOON + timedelta(seconds=number), content=f"newer {number}")

    assert find(discord(server), Content("ours")).id == ours["id"]


def test_absence_is_not_claimed_of_a_past_that_may_not_be_read(server: FakeDiscord) -> None:
    server.shows_past = False
    assert find(discord(server), Content("hi")) is None
    server.add(NOON, content="hi")

    with pytest.raises(OutcomeUnknown, match="Read Message History"):
        find(discord(server), Content("hi"))


def test_absence_is_not_claimed_of_a_list_that_was_not_read_to_the_end(server: FakeDiscord) -> None:
    for number in range(1001):
        server.add(NOON + timedelta(seconds=number), content=f"newer {number}")

    with pytest.raises(OutcomeUnknown, match="too many newer messages"):
        find(discord(server), Content("ours"))


def test_reactions_and_the_thread_below_are_counted(server: FakeDiscord) -> None:
    publisher = discord(server)
    remote = send(publisher, Content("hi"))

    assert publisher.metrics(remote.id) == [Measured(Metric.REACTIONS, 0, "reactions.count")]
    server.messages[0] |= {"reactions": [{"count": 3}, {"count": 2}], "thread": {"message_count": 4}}
    assert publisher.metrics(remote.id) == [
        Measured(Metric.REACTIONS, 5, "reactions.count"),
        Measured(Metric.REPLIES, 4, "thread.message_count"),
    ]
    assert publisher.channel_metrics() == [Measured(Metric.FOLLOWERS, 42, "approximate_member_count")]


def test_a_post_is_changed_and_deleted(server: FakeDiscord) -> None:
    publisher = discord(server)
    remote = send(publisher, Content("hi", link=LINK, card=CARD))

    publisher.edit(remote.id, publisher.render(Content("ho @everyone"), created_at=NOON))
    changed = dict(server.messages[0])
    publisher.delete(remote.id)
    publisher.delete(remote.id)

    assert (changed["content"], changed["embeds"]) == ("ho @everyone", [])
    assert changed["allowed_mentions"] == {"parse": []}
    assert server.copies == 0
    with pytest.raises(PostGone):
        publisher.metrics(remote.id)


@pytest.mark.parametrize(
    ("body", "headers", "wait"),
    [
        ({"retry_after": 64.57, "global": False}, {"X-RateLimit-Scope": "shared"}, 64.57),
        ({"retry_after": 0.3, "global": True}, {"X-RateLimit-Scope": "global"}, 1.0),
        ({}, {"X-RateLimit-Reset-After": "2.5"}, 2.5),
        (None, {"Retry-After": "30"}, 30.0),
    ],
)
def test_the_wait_is_the_one_that_discord_says(
    server: FakeDiscord, body: dict[str, Any] | None, headers: dict[str, str], wait: float
) -> None:
    server.always = httpx.Response(429, json=body, headers=headers)

    with pytest.raises(RateLimited) as caught:
        send(discord(server), Content("hi"))

    assert caught.value.retry_after == timedelta(seconds=wait)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (refusal(401, 0, "401: Unauthorized"), NeedsReconnect, "Connect the channel again"),
        (refusal(403, 50001, "Missing Access"), NeedsReconnect, "right to view it"),
        (refusal(403, 50013, "Missing Permissions"), NeedsReconnect, "send messages"),
        (refusal(404, 10003, "Unknown Channel"), NeedsReconnect, "no such channel"),
        (refusal(403, 40333, "internal network error"), NeedsReconnect, "Check the rights"),
        (
            refusal(
                400,
                50035,
                "Invalid Form Body",
                errors={
                    "content": {"_errors": [{"code": "X", "message": "Must be 2000 or fewer in length."}]}
                },
            ),
            Rejected,
            "content Must be 2000 or fewer",
        ),
        (httpx.Response(200, json={"id": "x"}), OutcomeUnknown, "which one"),
    ],
)
def test_refusals_say_in_words_what_to_do(
    server: FakeDiscord, answer: httpx.Response, error: type[Exception], said: str
) -> None:
    server.always = answer

    with pytest.raises(error, match=said):
        send(discord(server), Content("hi"))


def test_a_forum_cannot_be_connected(server: FakeDiscord) -> None:
    assert discord(server).identify().name == "#news"
    server.channel_type = 15
    with pytest.raises(NeedsReconnect, match="is a forum"):
        discord(server).identify()


def test_a_channel_is_named_by_its_link_or_number() -> None:
    link = f"https://discord.com/channels/{GUILD}/{CHANNEL}"
    assert Discord.Settings.model_validate({"channel_id": link}).model_dump()["channel_id"] == CHANNEL
    with pytest.raises(ValidationError, match="no channel"):
        Discord.Settings.model_validate({"channel_id": "news"})


@pytest.mark.skipif(
    not Official("discord").is_here, reason="Discord's description lies in ../shared, which is absent"
)
def test_the_fake_refuses_what_discord_does_not_describe(server: FakeDiscord) -> None:
    client, url = server.client(), f"https://discord.com/api/v10/channels/{CHANNEL}/messages"
    headers = {"Authorization": f"Bot {FakeDiscord.TOKEN}"}

    wrong: list[dict[str, Any]] = [{"content": "x" * 4001}, {"content": 5}, {"embeds": [{}] * 11}]
    for body in (*wrong, {"nonce": "x" * 26}):
        assert client.post(url, json=body, headers=headers).status_code == 400
    assert server.copies == 0


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "discord",
        FakeDiscord(clock),
        {"channel_id": CHANNEL, "guild_id": GUILD},
        {"token": FakeDiscord.TOKEN},
        [FakeDiscord.TOKEN],
        clock,
        length=lambda payload: len(payload["content"]),
    )
