"""`tabuh secret`: the key that seals credentials."""

import typer

from cli.printing import Json, show

app = typer.Typer(no_args_is_help=True, help="The secret key that seals credentials.")


@app.callback()
def secret() -> None:
    """Keep `new` a verb of its own, though it is the only one."""


@app.command()
def new(as_json: Json = False) -> None:
    """Make a secret key and print it; nothing is stored. Set it as TABUH_SECRET_KEY on every machine."""
    from store.seal import key_fingerprint, new_key

    key = new_key()
    show({"key": key, "fingerprint": key_fingerprint(key)}, key, as_json=as_json)
