"""Titles, threads, polls and first comments by command."""

from pathlib import Path

import pytest

from tests.cli.driving import done, refused, run
from tests.films import film

pytestmark = pytest.mark.usefixtures("on_both")


def test_a_page_has_no_threads_and_says_so() -> None:
    assert refused("post", "add", "One", "--part", "Two", "--draft") == (
        "2 Page has no threads. Leave the further parts out."
    )
    assert refused("post", "add", "One", "--poll", "a", "--poll", "b", "--draft") == (
        "2 Page has no polls. Leave the poll out."
    )
    assert refused("post", "add", "One", "--first-comment", "x", "--draft") == (
        "2 Page offers no first comment. Leave it out."
    )
    assert done("post", "list") == []


def test_a_title_is_kept_changed_and_taken_away() -> None:
    [post] = done("post", "add", "One", "--title", " The  first ", "--draft")

    assert (post["title"], post["thread"], post["poll"]) == ("The first", [], None)
    assert "The first" in run("post", "show", post["id"]).out
    kept = done("post", "edit", post["id"], "Two")
    assert (kept["text"], kept["title"]) == ("Two", "The first")
    assert done("post", "edit", post["id"], "Two", "--title", "")["title"] is None


def test_a_thread_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "thread.txt"
    file.write_text("Two\n---\nThree")

    assert refused("post", "add", "One", "--thread", str(file), "--draft").startswith("2 Page has no threads")
    assert refused("post", "add", "One", "--thread", str(tmp_path / "none"), "--draft").endswith(
        "cannot be read: No such file or directory."
    )
    alone = refused("post", "add", "One", "--poll-minutes", "5", "--draft")
    assert alone == "2 A poll needs answers. Give each of them with --poll."


def test_a_post_that_is_not_out_cannot_be_deleted_there_and_nobody_is_asked_twice() -> None:
    [post] = done("post", "add", "One", "--draft")

    assert refused("post", "delete-remote", post["id"], "--yes") == (
        "2 Only a published post is on its platform; this one is draft."
    )
    assert refused("post", "delete-remote", post["id"]) == (
        "2 This deletes the post for its readers too. Say --yes to do it."
    )


def test_a_video_is_kept_by_command_and_a_page_refuses_it_in_words(tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    file.write_bytes(film(film_bytes=100))

    assert refused("post", "add", "One", "--video", str(file), "--draft") == (
        "2 Page takes no videos. Leave it out."
    )
    file.write_bytes(b"no video at all, only text")
    no_video = refused("post", "add", "One", "--video", str(file), "--draft")
    assert no_video.startswith("2 This file is no video")
