"""A client that reaches nobody, for installations whose figures are made up."""

import httpx

#: What every request is told.
CLOSED = "this is a demonstration, and nothing leaves it"


class _Closed(httpx.BaseTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(CLOSED, request=request)


def make_closed_client() -> httpx.Client:
    """A client on which each request fails as if nobody could be reached; no name is looked up."""
    return httpx.Client(transport=_Closed(), trust_env=False)
