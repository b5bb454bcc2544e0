"""Answers to htmx: a part of a page, and what a screen reader is told of it."""

import json

from fastapi import Request, Response


def is_htmx(request: Request) -> bool:
    """Whether the answer is put into the page that is open."""
    return request.headers.get("hx-request") == "true"


def announced(answer: Response, sentence: str) -> Response:
    """The answer, with a sentence for the live region of the page."""
    answer.headers["HX-Trigger"] = json.dumps({"announce": sentence})  # ASCII, as headers must be
    return answer
