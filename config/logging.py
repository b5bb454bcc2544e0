"""Logs: one line per event on standard error, as text or JSON, without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

#: Parts of a key's name whose value is never written.
_SECRET = re.compile(r"token|secret|password|passwd|authorization|credential|cookie|api_?key", re.IGNORECASE)
#: Say more than anybody wants at info, or write whole addresses, which may hold tokens.
_QUIET = ("httpx", "httpcore", "alembic", "asyncio", "uvicorn.access", "multipart")


def configure(*, level: Literal["debug", "info", "warning", "error"], style: Literal["text", "json"]) -> None:
    """Send our events and those of libraries to standard error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_secrets,
        # Both ways of writing a traceback that show local variables would show secrets.
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(style)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(number)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # warns of each look that comes while one runs
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING if number > logging.DEBUG else logging.DEBUG)


def without_secrets(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank the values whose key names a secret, at any depth."""
    return {key: _blanked(key, value) for key, value in event.items()}


def _blanked(key: Any, value: Any) -> Any:
    if isinstance(key, str) and _SECRET.search(key):
        return "***"
    if isinstance(value, dict):
        return {inner: _blanked(inner, held) for inner, held in value.items()}
    if isinstance(value, list | tuple):
        return [_blanked("", held) for held in value]
    return value


def _renderer(style: Literal["text", "json"]) -> structlog.typing.Processor:
    if style == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
