"""What keeps a demonstration to itself."""

from dataclasses import dataclass, fields
from typing import Self

from net.closed import make_closed_client
from scheduler.context import Context


@dataclass(frozen=True)
class Simulated(Context):
    """A context from which nothing leaves: whatever asks the network is told that nobody can be reached."""

    @classmethod
    def of(cls, context: Context) -> Self:
        """The same, closed. The other context's client is closed for good."""
        context.http.close()
        known = {each.name: getattr(context, each.name) for each in fields(Context)}
        return cls(**{**known, "http": make_closed_client(), "mail": None})

    @property
    def shortens_links(self) -> bool:
        """The simulated year had a public address, so its links were short and their clicks count."""
        return True
