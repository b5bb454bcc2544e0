"""BIP-340 signatures: the official vectors hold, and what is signed can be verified.

Vectors 0 to 14: github.com/bitcoin/bips, bip-0340/test-vectors.csv.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publishers.schnorr import public_key, sign, verify

_B = "DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659"
_M = "243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89"
_R, _S = (
    "6CFF5C3BA86C69EA4B7376F31A9BCB4F74C1976089B2D9963DA2E5543E177769",
    "69E89B4C5564D00349106B8497785DD7D1D713A8AE82B32FA79D5F7FC407D39B",
)
_ZERO, _FULL = "00" * 32, "FF" * 32

#: Secret key, public key, random bytes, message, signature.
SIGNED = [
    (
        "00" * 31 + "03",
        "F9308A019258C31049344F85F89D5229B531C845836F99B08601F113BCE036F9",
        _ZERO,
        _ZERO,
        "E907831F80848D1069A5371B402410364BDF1C5F8307B0084C55F1CE2DCA8215"
        "25F66A4A85EA8B71E482A74F382D2CE5EBEEE8FDB2172F477DF4900D310536C0",
    ),
    (
        "B7E151628AED2A6ABF7158809CF4F3C762E7160F38B4DA56A784D9045190CFEF",
        _B,
        "00" * 31 + "01",
        _M,
        "6896BD60EEAE296DB48A229FF71DFE071BDE413E6D43F917DC8DCF8C78DE3341"
        "8906D11AC976ABCCB20B091292BFF4EA897EFCB639EA871CFA95F6DE339E4B0A",
    ),
    (
        "C90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B14E5C9",
        "DD308AFEC5777E13121FA72B9CC1B7CC0139715309B086C960E18FD969774EB8",
        "C87AA53824B4D7AE2EB035A2B5BBBCCC080E76CDC6D1692C4B0B62D798E6D906",
        "7E2D58D8B3BCDF1ABADEC7829054F90DDA9805AAB56C77333024B9D0A508B75C",
        "5831AAEED7B44BB74E5EAB94BA9D4294C49BCF2A60728D8B4C200F50DD313C1B"
        "AB745879A5AD954A72C45A91C3A51D3C7ADEA98D82F8481E0E1E03674A6F3FB7",
    ),
    (
        "0B432B2677937381AEF05BB02A66ECD012773062CF3FA2549E44F58ED2401710",
        "25D1DFF95105F5253C4022F628A996AD3A0D95FBF21D468A1B33F8C160D8F517",
        _FULL,
        _FULL,
        "7EB0509757E246F19449885651611CB965ECC1A187DD51B64FDA1EDC9637D5EC"
        "97582B9CB13DB3933705B32BA982AF5AF25FD78881EBB32771FC5922EFC66EA3",
    ),
]

#: Public key, signature of the message above, and what is wrong with it.
FALSE = [
    ("EEFDEA4CDB677750A420FEE807EACF21EB9898AE79B9768766E4FAA04A2D4A34", _R + _S, "key not on the curve"),
    (
        _B,
        "FFF97BD5755EEEA420453A14355235D382F6472F8568A18B2F057A1460297556"
        "3CC27944640AC607CD107AE10923D9EF7A73C643E166BE5EBEAFA34B1AC553E2",
        "R has an odd y",
    ),
    (
        _B,
        "1FA62E331EDBC21C394792D2AB1100A7B432B013DF3F6FF4F99FCB33E0E1515F"
        "28890B3EDB6E7189B630448B515CE4F8622A954CFE545735AAEA5134FCCDB2BD",
        "negated message",
    ),
    (_B, _R + "961764B3AA9B2FFCB6EF947B6887A226E8D7C93E00C5ED0C1834FF0D0C2E6DA6", "negated s"),
    (_B, _ZERO + "123DDA8328AF9C23A94C1FEECFD123BA4FB73476F0D594DCB65C6425BD186051", "infinite, x as 0"),
    (
        _B,
        "00" * 31 + "01" + "7615FBAF5AE28864013C099742DEADB4DBA87F11AC6754F93780D5A1837CF197",
        "infinite, x as 1",
    ),
    (_B, "4A298DACAE57395A15D0795DDBFD1DCB564DA82B0F269BC70A74F8220429BA1D" + _S, "r is no x of the curve"),
    (_B, "FF" * 27 + "FEFFFFFC2F" + _S, "r is the field size"),
    (_B, _R + "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", "s is the order"),
    ("FF" * 27 + "FEFFFFFC30", _R + _S, "key exceeds the field"),
]


@pytest.mark.parametrize(("secret", "public", "random", "message", "signature"), SIGNED)
def test_the_official_vectors_are_signed_as_published(
    secret: str, public: str, random: str, message: str, signature: str
) -> None:
    key = bytes.fromhex(secret)

    assert public_key(key) == bytes.fromhex(public)
    assert sign(bytes.fromhex(message), key, bytes.fromhex(random)) == bytes.fromhex(signature)
    assert verify(bytes.fromhex(message), bytes.fromhex(public), bytes.fromhex(signature))


def test_a_published_signature_of_an_unknown_secret_is_verified() -> None:
    message = "4DF3C3F68FCC83B27E9D42C90431A72499F17875C81A599B566C9889B9696703"
    public = "D69C3509BB99E412E68B0FE8544E72837DFA30746D8BE2AA65975F29D22DC7B9"
    signature = (
        "00000000000000000000003B78CE563F89A0ED9414F5AA28AD0D96D6795F9C63"
        "76AFB1548AF603B3EB45C9F8207DEE1060CB71C04E80F593060B07D28308D7F4"
    )

    assert verify(bytes.fromhex(message), bytes.fromhex(public), bytes.fromhex(signature))


@pytest.mark.parametrize(("public", "signature", "wrong"), FALSE)
def test_the_official_forgeries_are_refused(public: str, signature: str, wrong: str) -> None:
    assert not verify(bytes.fromhex(_M), bytes.fromhex(public), bytes.fromhex(signature)), wrong


keys = st.binary(min_size=32, max_size=32).filter(lambda key: 0 < int.from_bytes(key, "big") < 2**255)


@settings(max_examples=15, deadline=None)
@given(keys, st.binary(max_size=64), st.binary(min_size=32, max_size=32), st.integers(0, 511))
def test_what_is_signed_is_verified_and_no_changed_bit_is(
    key: bytes, message: bytes, random: bytes, bit: int
) -> None:
    signature = sign(message, key, random)
    bent = bytearray(signature)
    bent[bit // 8] ^= 1 << bit % 8

    assert verify(message, public_key(key), signature)
    assert not verify(message, public_key(key), bytes(bent))


@pytest.mark.parametrize("secret", [b"", bytes(32), b"\xff" * 32, b"\1" * 31, b"\1" * 33])
def test_what_is_no_secret_key_is_refused(secret: bytes) -> None:
    with pytest.raises(ValueError, match="no secret key"):
        sign(b"m", secret, bytes(32))
