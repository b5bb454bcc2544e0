"""One worker of `test_renewing_at_once`, in a process of its own: renews, and says who it then is.

Arguments: the database's address, the key, the server's address, the channel's number. It waits for a line on
standard input, so that all begin at once.
"""

import sys
from datetime import UTC, datetime

from domain.errors import NotSent
from net.client import make_client
from scheduler.context import Context
from scheduler.renewing import renewed
from store.engine import open_engine, reading
from store.seal import Seal
from store.tables import ChannelRow
from tests.servers.flow_platform import platform_of
from tests.servers.oauth import OAuthServer

database, key, url, channel = sys.argv[1:]
kind = platform_of(OAuthServer(url=url))
context = Context(
    engine=open_engine(database),
    http=make_client(allowed_networks=("127.0.0.0/8",)),
    seal=Seal([key]),
    clock=lambda: datetime.now(UTC),
    public_url="http://127.0.0.1:8420",
    adapter=lambda _: kind,
)
with reading(context.engine) as session:
    row = session.get_one(ChannelRow, int(channel))
publisher = context.publisher(row)
print("ready", flush=True)
sys.stdin.readline()
try:
    identity = renewed(context, publisher).identify()
    print(identity.name if identity else "nobody", flush=True)
except NotSent as error:
    print(f"waits: {error}", flush=True)
