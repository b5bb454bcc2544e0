"""Chat platforms in the whole loop: connected, published to, and asked again after an answer was lost."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.post import PostState
from scheduler.channels import connect
from scheduler.worker import PublishingWorker
from store.changes import AUTOMATION
from store.tables import Post
from tests.publishers.case import Case
from tests.publishers.fake_servers import LOST_ANSWER
from tests.publishers.fakes import discord, slack
from tests.publishers.platforms import (
    test_discord,
    test_discord_webhook,
    test_slack,
    test_slack_webhook,
    test_telegram,
)
from tests.world import World, new_world

CASES = {
    "discord": test_discord.case,
    "discord_webhook": test_discord_webhook.case,
    "slack": test_slack.case,
    "slack_webhook": test_slack_webhook.case,
    "telegram": test_telegram.case,
}
#: What a person tells when connecting; the rest is learned.
TYPED: dict[str, dict[str, Any]] = {
    "discord": {"channel_id": discord.CHANNEL},
    "discord_webhook": {},
    "slack": {"channel_id": slack.CHANNEL, "unfurl": "false"},
    "slack_webhook": {},
    "telegram": {"chat": "drums", "silent": "true"},
}
SETTLED = {"discord", "slack"}


def connected(engine: Engine, platform: str) -> tuple[World, Case]:
    """A world whose channel was connected as a person does it."""
    case = CASES[platform]()
    world = new_world(engine, clock=case.clock)
    context = replace(world.context, http=case.server.client())
    row = connect(
        context,
        world.workspace.id,
        platform=platform,
        name="Drums",
        zone_name="UTC",
        settings=TYPED[platform],
        credentials=case.credentials,
        actor=AUTOMATION,
    )
    return replace(world, context=context, channel=row), case


def worked(world: World, post: Post) -> Post:
    PublishingWorker(world.context, width=1).run_until_idle()
    return world.reread(post)


@pytest.mark.parametrize("platform", sorted(CASES))
def test_a_connected_channel_publishes_once_and_its_secrets_are_sealed(engine: Engine, platform: str) -> None:
    world, case = connected(engine, platform)

    post = worked(world, world.queue("Drums at dawn"))

    assert post.state == PostState.PUBLISHED, post.reason
    assert case.copies == 1
    assert (post.remote_url is not None) is (platform != "slack_webhook")
    kept = repr(world.channel.settings).encode() + (world.channel.credentials or b"")
    assert not [one for one in case.secrets if one.encode() in kept]


@pytest.mark.parametrize("platform", sorted(CASES))
def test_after_a_lost_answer_a_post_is_found_or_a_person_is_asked(engine: Engine, platform: str) -> None:
    world, case = connected(engine, platform)
    post = world.queue("Drums at dawn")
    case.server.faults.append(LOST_ANSWER)
    assert worked(world, post).state == PostState.UNCERTAIN

    case.clock.forward(hours=1)
    post = worked(world, post)

    assert case.copies == 1
    assert post.state == (PostState.PUBLISHED if platform in SETTLED else PostState.UNCERTAIN)
    if platform not in SETTLED:
        assert post.reason
