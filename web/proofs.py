"""How it was shown that an adapter does what its platform expects, for whoever connects a channel."""

from domain.content import DeliveryClass, Proof
from publishers.base import Publisher
from web.i18n import Voice
from web.i18n import marked as N_

_WORDS = {
    Proof.REAL_SERVER: N_("This connection was proved on a real server."),
    Proof.OFFICIAL_CONTRACT: N_(
        "This connection was proved against the platform's own description of its API."
    ),
    Proof.FAKE: N_(
        "This connection was proved against our own imitation of the platform only, made from its "
        "documentation. Look at the first posts there."
    ),
}


def proof_words(kind: type[Publisher], voice: Voice) -> str:
    """A sentence; empty where Tabuh itself is the platform."""
    able = kind.capabilities
    return "" if able.delivery is DeliveryClass.LOCAL else voice.gettext(_WORDS[able.proof])
