"""Keys and relays of Nostr, as people copy and type them."""

import pytest
from pydantic import ValidationError

from publishers.nostr_keys import encode, named, nevent, npub, secret_key
from publishers.platforms.nostr import NostrCredentials, NostrSettings
from publishers.schnorr import public_key
from tests.publishers.fakes.nostr import NSEC, RELAY, SECRET

AUTHOR = public_key(bytes.fromhex(SECRET))


@pytest.mark.parametrize("text", [NSEC, f" {NSEC}\n", SECRET, SECRET.upper(), NSEC.upper()])
def test_a_secret_key_is_read_as_people_copy_it(text: str) -> None:
    assert secret_key(text).hex() == SECRET


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (npub(AUTHOR), "public key"),
        (NSEC[:-1] + "q", "Copy it whole"),
        (NSEC[:-1], "Copy it whole"),
        ("nsec1" + "Q" + NSEC[6:], "Copy it whole"),
        ("00" * 32, "Copy it whole"),
        ("", "Copy it whole"),
        ("nsec1", "Copy it whole"),
        (SECRET[:-1], "Copy it whole"),
        ("drums", "Copy it whole"),
        (encode("nsec", b"\1" * 31), "Copy it whole"),
    ],
)
def test_what_is_no_secret_key_is_refused_and_never_repeated(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        NostrCredentials.model_validate({"secret_key": text})

    assert len(text) < 10 or text not in caught.value.errors(include_input=False)[0]["msg"]


def test_keys_and_notes_are_written_as_published() -> None:
    """The examples of NIP-19."""
    key = "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e"
    profile = (
        "nprofile1qqsrhuxx8l9ex335q7he0f09aej04zpazpl0ne2cgukyawd24mayt8gpp4mhxue69uhhytnc9e3k7mgpz4mhxue69uhkg6nz"
        "v9ejuumpv34kytnrdaksjlyr9p"
    )

    assert npub(bytes.fromhex(key)) == "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"
    assert named("npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg") == key
    assert named(profile) == "3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d"
    assert named(profile[:-1] + "q") is None
    assert nevent("ab" * 32, relays=[RELAY], author=AUTHOR).startswith("nevent1")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("relay.example", "wss://relay.example"),
        ("wss://Relay.Example/ , wss://b.example/path", "wss://relay.example wss://b.example/path"),
        ("wss://a.example\nwss://a.example/", "wss://a.example"),
        ("ws://127.0.0.1:7000", "ws://127.0.0.1:7000"),
    ],
)
def test_relays_are_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert NostrSettings(relays=typed).relays == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ws://relay.example", "wss://"),
        ("https://relay.example", "no address of a relay"),
        ("wss://user:pw@relay.example", "no address of a relay"),
        ("wss://", "no address of a relay"),
        (" ", "1 to 6"),
        (" ".join(f"wss://r{n}.example" for n in range(7)), "1 to 6"),
    ],
)
def test_what_is_no_relay_is_refused_in_words(typed: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        NostrSettings(relays=typed)
