"""Notices through Apprise, an optional package that knows a hundred services by an address of each.

It opens connections of its own, past the guard that holds for everything else: so only those who administer
a workspace may name an address, and a simulated workspace sends nothing.
"""

from importlib.util import find_spec
from typing import Final

from domain.errors import UsageError
from domain.telling import NotTold
from scheduler.context import Context

NOT_INSTALLED: Final = "Apprise is not installed. Install it with: pip install 'tabuh[apprise]'"


def is_installed() -> bool:
    """Whether the package is there."""
    return find_spec("apprise") is not None


def check(url: str) -> None:
    """Raise `UsageError` unless Apprise is there and knows this address."""
    if not is_installed():
        raise UsageError(NOT_INSTALLED)
    import apprise

    if not apprise.Apprise().add(url):
        raise UsageError("Apprise does not know this address. Write one such as tgram://TOKEN/CHAT.")


def send(context: Context, url: str, *, subject: str, text: str) -> None:
    """Hand it to the service. Raises `NotTold`."""
    del context
    if not is_installed():
        raise NotTold(NOT_INSTALLED)
    import apprise

    service = apprise.Apprise()
    if not service.add(url):
        raise NotTold("Apprise does not know this address any more. Add it again.", is_final=True)
    if not service.notify(title=subject, body=text):
        raise NotTold("The service did not take it; the log of Apprise says why.")
