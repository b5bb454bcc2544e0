"""Slack's Web API with one workspace and one channel, made from docs.slack.dev, and its incoming webhooks."""

import json
import re
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer, asked_of
from tests.publishers.fakes.forms import fields

CHANNEL = "C0123456789"
#: Arguments that a method takes, and those it must have (docs.slack.dev/reference/methods).
METHODS: dict[str, tuple[str, str]] = {
    "auth.test": ("", ""),
    "chat.postMessage": ("channel text blocks unfurl_links metadata thread_ts", "channel"),
    "chat.update": ("channel ts text blocks", "channel ts"),
    "chat.delete": ("channel ts", "channel ts"),
    "conversations.history": ("channel oldest latest inclusive limit cursor include_all_metadata", "channel"),
    "conversations.replies": ("channel ts oldest latest limit cursor include_all_metadata", "channel ts"),
    "conversations.info": ("channel include_num_members", "channel"),
    "reactions.get": ("channel timestamp full", "channel timestamp"),
    "files.getUploadURLExternal": ("filename length alt_txt", "filename length"),
    "files.completeUploadExternal": ("files channel_id initial_comment", "files"),
    "files.info": ("file", "file"),
}


class FakeSlack(FakeServer):
    """A bot in one channel. Files take ``slow_looks`` looks until a message may show them."""

    TOKEN = "xoxb-1234-5678-secretsecretsecret"
    HOOK = "https://hooks.slack.com/services/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"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.messages: list[dict[str, Any]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.received: list[dict[str, Any]] = []
        self.slow_looks = 0
        self.page = 200
        self.about: dict[str, Any] = {"id": CHANNEL, "name": "news", "is_member": True, "num_members": 42}
        #: By method: what it answers in place of its work.
        self.says: dict[str, dict[str, Any]] = {}

    @property
    def copies(self) -> int:
        return sum("thread_ts" not in one for one in self.messages) + len(self.received)

    @property
    def pieces(self) -> int:
        """All messages, those in threads too."""
        return len(self.messages) + len(self.received)

    def changes(self, request: httpx.Request) -> bool:
        return asked_of(request).path.endswith("/chat.postMessage") or "/services/" in asked_of(request).path

    def _answer(self, request: httpx.Request) -> httpx.Response:
        url = asked_of(request)
        if url.host == "hooks.slack.com":
            self.received.append(fields(request))
            return httpx.Response(200, text="ok")
        if url.host == "files.slack.com":
            self.files[url.path.rpartition("/")[2]]["body"] = fields(request)["file"]
            return httpx.Response(200, text="OK - 3")
        method = url.path.removeprefix("/api/")
        if request.headers.get("authorization") != f"Bearer {self.TOKEN}":
            return httpx.Response(200, json={"ok": False, "error": "invalid_auth"})
        said = fields(request) if request.method == "POST" else dict(url.params)
        known, needed = (set(one.split()) for one in METHODS[method])
        if set(said) - known or needed - set(said):
            return httpx.Response(200, json={"ok": False, "error": "invalid_arguments"})
        if said.get("channel", CHANNEL) != CHANNEL:
            return httpx.Response(200, json={"ok": False, "error": "channel_not_found"})
        answer = self.says.get(method) or getattr(self, "_" + method.replace(".", "_"))(said)
        return httpx.Response(200, json={"ok": True} | answer)

    def add(self, ts: str, **said: Any) -> dict[str, Any]:
        """A message as Slack stores it."""
        message = {"type": "message", "ts": ts, **said}
        self.messages.append(message)
        return message

    def _chat_postMessage(self, said: dict[str, Any]) -> dict[str, Any]:
        for block in said["blocks"]:
            file = self.files.get(block.get("slack_file", {}).get("id"))
            if block["type"] == "image" and (file is None or not file["mimetype"] or not block["alt_text"]):
                words = ["[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]"]
                return {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": words}}
        ts = f"{int(self.clock().timestamp())}.{len(self.messages):06d}"
        return {"channel": CHANNEL, "ts": ts, "message": self.add(ts, **said)}

    def _found(self, ts: str) -> dict[str, Any] | None:
        return next((one for one in self.messages if one["ts"] == ts), None)

    def _chat_update(self, said: dict[str, Any]) -> dict[str, Any]:
        found = self._found(said["ts"])
        if found is None:
            return {"ok": False, "error": "message_not_found"}
        found |= said
        return {"ts": said["ts"]}

    def _chat_delete(self, said: dict[str, Any]) -> dict[str, Any]:
        found = self._found(said["ts"])
        if found is None:
            return {"ok": False, "error": "message_not_found"}
        self.messages.remove(found)
        return {}

    def _conversations_history(self, said: dict[str, Any]) -> dict[str, Any]:
        first, last = float(said.get("oldest", 0)), float(said.get("latest", 2**40))
        found = [one for one in reversed(self.messages) if first <= float(one["ts"]) <= last]
        return self._listed([one for one in found if "thread_ts" not in one], said)

    def _conversations_replies(self, said: dict[str, Any]) -> dict[str, Any]:
        first = float(said.get("oldest", 0))
        root = self._found(said["ts"])
        if root is None:
            return {"ok": False, "error": "thread_not_found"}
        below = [one for one in self.messages if one.get("thread_ts") == said["ts"]]
        return self._listed([root, *(one for one in below if first <= float(one["ts"]))], said)

    def _listed(self, found: list[dict[str, Any]], said: dict[str, Any]) -> dict[str, Any]:
        if said.get("include_all_metadata") != "true":
            found = [{name: value for name, value in one.items() if name != "metadata"} for one in found]
        start = int(said.get("cursor", 0))
        end = start + min(int(said.get("limit", 100)), self.page)
        more = {"has_more": True, "response_metadata": {"next_cursor": str(end)}} if found[end:] else {}
        return {"messages": found[start:end], "has_more": False} | more

    def _conversations_info(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"channel": self.about}

    def _reactions_get(self, said: dict[str, Any]) -> dict[str, Any]:
        found = self._found(said["timestamp"])
        if found is None:
            return {"ok": False, "error": "message_not_found"}
        return {
            "type": "message",
            "message": {name: found[name] for name in ("ts", "reactions") if name in found},
        }

    def _auth_test(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"url": "https://drums.slack.com/", "team": "Drums", "user": "tabuh"}

    def _files_getUploadURLExternal(self, said: dict[str, Any]) -> dict[str, Any]:
        file = f"F{len(self.files):010d}"
        self.files[file] = {
            "alt": said.get("alt_txt"),
            "length": int(said["length"]),
            "mimetype": "",
            "looks": 0,
        }
        return {"upload_url": f"https://files.slack.com/upload/v1/{file}", "file_id": file}

    def _files_completeUploadExternal(self, said: dict[str, Any]) -> dict[str, Any]:
        assert "channel_id" not in said, "this would post by itself"
        for one in said["files"]:
            file = self.files[one["id"]]
            assert len(file["body"]) == file["length"]
            if not self.slow_looks:
                file["mimetype"] = "image/jpeg"
        return {"files": said["files"]}

    def _files_info(self, said: dict[str, Any]) -> dict[str, Any]:
        file = self.files[said["file"]]
        file["looks"] += 1
        if file["looks"] > self.slow_looks:
            file["mimetype"] = "image/jpeg"
        return {"file": {"id": said["file"], "mimetype": file["mimetype"]}}


def literal(blocks: list[dict[str, Any]]) -> str:
    """What readers see of rich text."""
    found = re.findall(r'"(?:text|url)": ("(?:[^"\\]|\\.)*")', json.dumps(blocks))
    return "".join(json.loads(one) for one in found)
