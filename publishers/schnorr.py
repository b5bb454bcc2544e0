"""Signatures of BIP-340 over the curve secp256k1, as Nostr uses them.

Source: github.com/bitcoin/bips, bip-0340.mediawiki; its test vectors hold (tests/publishers/test_schnorr.py).
Whole numbers of Python take a time that depends on their value. That matters where others can have many
signatures made and time each: a scheduler signs its own posts, now and then.
"""

import hashlib

#: The field, the order of the group, and its generator (SEC 2, section 2.4.1).
_P = 2**256 - 2**32 - 977
_N = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_G = (
    0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798,
    0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8,
)

#: A point of the curve; None is the one at infinity.
_Point = tuple[int, int] | None


def public_key(secret: bytes) -> bytes:
    """The public key, 32 bytes, that belongs to a secret one.

    Raises:
        ValueError: it is no secret key.
    """
    return _bytes(_even(secret)[1][0])


def sign(message: bytes, secret: bytes, random: bytes) -> bytes:
    """The signature, 64 bytes.

    Args:
        secret: 32 bytes.
        random: 32 fresh random bytes, which make the nonce harder to guess.

    Raises:
        ValueError: ``secret`` is no secret key.
    """
    d, point = _even(secret)
    public = _bytes(point[0])
    masked = _bytes(d ^ _number(_tagged("aux", random)))
    k = _number(_tagged("nonce", masked + public + message)) % _N
    r = _times(_G, k)
    assert r is not None
    if r[1] % 2:
        k = _N - k
    e = _number(_tagged("challenge", _bytes(r[0]) + public + message)) % _N
    return _bytes(r[0]) + _bytes((k + e * d) % _N)


def verify(message: bytes, public: bytes, signature: bytes) -> bool:
    """Whether the signature of a message belongs to a public key of 32 bytes."""
    if len(public) != 32 or len(signature) != 64:
        return False
    point, r, s = _lifted(_number(public)), _number(signature[:32]), _number(signature[32:])
    if point is None or r >= _P or s >= _N:
        return False
    e = _number(_tagged("challenge", signature[:32] + public + message)) % _N
    found = _plus(_times(_G, s), _times(point, _N - e))
    return found is not None and found[1] % 2 == 0 and found[0] == r


def _even(secret: bytes) -> tuple[int, tuple[int, int]]:
    """The secret number whose point has an even second coordinate, and that point."""
    number = _number(secret)
    if len(secret) != 32 or not 0 < number < _N:
        raise ValueError("this is no secret key")
    point = _times(_G, number)
    assert point is not None
    return (number, point) if point[1] % 2 == 0 else (_N - number, point)


def _lifted(x: int) -> _Point:
    """The point with this first coordinate and an even second one; None when there is none."""
    square = (pow(x, 3, _P) + 7) % _P
    y = pow(square, (_P + 1) // 4, _P)
    if x >= _P or y * y % _P != square:
        return None
    return x, y if y % 2 == 0 else _P - y


def _plus(one: _Point, other: _Point) -> _Point:
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if one[1] != other[1]:
            return None
        slope = 3 * one[0] * one[0] * pow(2 * one[1], -1, _P) % _P
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, _P) % _P
    x = (slope * slope - one[0] - other[0]) % _P
    return x, (slope * (one[0] - x) - one[1]) % _P


def _times(point: _Point, factor: int) -> _Point:
    total: _Point = None
    while factor:
        if factor & 1:
            total = _plus(total, point)
        point = _plus(point, point)
        factor >>= 1
    return total


def _tagged(name: str, message: bytes) -> bytes:
    tag = hashlib.sha256(f"BIP0340/{name}".encode()).digest()
    return hashlib.sha256(tag + tag + message).digest()


def _number(digits: bytes) -> int:
    return int.from_bytes(digits, "big")


def _bytes(number: int) -> bytes:
    return number.to_bytes(32, "big")
