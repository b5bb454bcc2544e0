"""Keys and addresses of Nostr as people write them.

Sources: NIP-19 (bech32 entities), NIP-21 (``nostr:`` addresses); BIP-173 (bech32).
"""

from collections.abc import Iterable, Sequence

import regex

_SIGNS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_HEX_KEY = regex.compile(r"[0-9a-fA-F]{64}")
#: Longest entity that is read, in characters.
_LONGEST = 1000


def secret_key(text: str) -> bytes:
    """The 32 bytes of a secret key, written as ``nsec1…`` or as 64 hex digits.

    Raises:
        ValueError: it is something else; the text says what to write.
    """
    text = text.strip()
    if text.lower().startswith("npub1"):
        raise ValueError("This is the public key. Give the secret one, which starts with nsec1.")
    key = bytes.fromhex(text) if _HEX_KEY.fullmatch(text) else _entity(text, "nsec")
    if key is None or len(key) != 32 or not any(key):
        raise ValueError("This is no secret key. Copy it whole; it starts with nsec1.")
    return key


def npub(public: bytes) -> str:
    """A public key as people see it."""
    return encode("npub", public)


def nevent(event_id: str, *, relays: Iterable[str], author: bytes) -> str:
    """An event with where it lies and who wrote it."""
    parts = [(0, bytes.fromhex(event_id)), *((1, relay.encode()) for relay in relays), (2, author)]
    return encode("nevent", b"".join(bytes((kind, len(value))) + value for kind, value in parts))


def named(text: str) -> str | None:
    """The public key, hex, that an ``npub1…`` or ``nprofile1…`` stands for; None: it is broken."""
    if text.startswith("npub1"):
        key = _entity(text, "npub")
        return key.hex() if key is not None and len(key) == 32 else None
    body = _entity(text, "nprofile")
    while body and len(body) >= 2:
        kind, size = body[0], body[1]
        if kind == 0 and size == 32 and len(body) >= 34:
            return body[2:34].hex()
        body = body[2 + size :]
    return None


def encode(prefix: str, body: bytes) -> str:
    """Bytes as bech32."""
    values = _regrouped(body, 8, 5, pad=True)
    assert values is not None
    tail = _checksum(prefix, [*values, *[0] * 6]) ^ 1
    signs = [*values, *((tail >> 5 * (5 - place)) & 31 for place in range(6))]
    return f"{prefix}1" + "".join(_SIGNS[sign] for sign in signs)


def _entity(text: str, prefix: str) -> bytes | None:
    """The bytes of a bech32 text with this prefix; None: it is something else, or damaged."""
    lowered = text.lower()
    if len(text) > _LONGEST or text not in (lowered, text.upper()) or not lowered.startswith(f"{prefix}1"):
        return None
    values = [_SIGNS.find(sign) for sign in lowered[len(prefix) + 1 :]]
    if len(values) < 6 or min(values) < 0 or _checksum(prefix, values) != 1:
        return None
    return _regrouped(values[:-6], 5, 8, pad=False)


def _checksum(prefix: str, values: Sequence[int]) -> int:
    check = 1
    spread = [*(ord(sign) >> 5 for sign in prefix), 0, *(ord(sign) & 31 for sign in prefix)]
    for value in (*spread, *values):
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, part in enumerate(_GENERATOR):
            check ^= part if top >> place & 1 else 0
    return check


def _regrouped(values: Iterable[int], size: int, target: int, *, pad: bool) -> bytes | None:
    """The same bits in groups of another size; None when what is left over is no padding."""
    held = bits = 0
    found = bytearray()
    for value in values:
        held, bits = held << size | value, bits + size
        while bits >= target:
            bits -= target
            found.append(held >> bits & (1 << target) - 1)
        held &= (1 << bits) - 1
    if pad:
        return bytes(found) + (bytes((held << target - bits,)) if bits else b"")
    return bytes(found) if bits < size and not held else None
