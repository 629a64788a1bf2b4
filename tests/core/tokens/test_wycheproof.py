"""The published JWS and JWK vectors of C2SP/wycheproof, through our parsing, our key loading and our verification.

`tests/vectors/wycheproof/README.md` names the vectors left out and why. A vector that is refused must be refused by
`InvalidToken` or `InvalidKeySet`, by nothing else.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from watchword.core.errors import InvalidToken
from watchword.core.tokens.compact import parse_compact
from watchword.core.tokens.jwk import InvalidKeySet, find_key, load_jwk, load_jwks
from watchword.core.tokens.signature import check_signature

VECTORS = Path(__file__).parents[2] / "vectors" / "wycheproof"
DISPUTED = {346, 350, 367, 370, 372, 373}
JWS, JWK, CRYPTO = "json_web_signature_test", "json_web_key_test", "json_web_crypto_test"


def vectors(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each vector with its group; of the crypto file only those about JWS."""
    for group in json.loads((VECTORS / f"{name}.json").read_text())["testGroups"]:
        for test in group["tests"]:
            if "jws" in test:
                yield group, test


def is_accepted(group: dict[str, Any], jws: str | dict[str, Any]) -> bool:
    """Verify as the library does: load the keys, parse the token, find its key, check the signature.

    A JWS in JSON serialization reaches us as text too: it is refused for its form. No vector marks one as valid.
    """
    document = group.get("public") or group["private"]
    token = jws if isinstance(jws, str) else json.dumps(jws)
    try:
        keys = load_jwks(document) if "keys" in document else (load_jwk(document),)
        compact = parse_compact(token)
        key = find_key(keys, compact.kid, compact.algorithm)
        return key is not None and check_signature(compact, key) == compact.payload
    except (InvalidToken, InvalidKeySet):
        return False


def cases(name: str) -> list[Any]:
    """Every undisputed vector as a parameter set."""
    return [
        pytest.param(group, test["jws"], test["result"] == "valid", id=f"{test['tcId']}-{test['comment']}")
        for group, test in vectors(name)
        if name != JWS or test["tcId"] not in DISPUTED
    ]


@pytest.mark.parametrize(("group", "jws", "expected"), cases(JWS))
def test_an_undisputed_jws_vector_comes_out_as_marked(group, jws, expected):
    assert expected == is_accepted(group, jws)


@pytest.mark.parametrize(("group", "jws", "expected"), cases(JWK))
def test_a_jwk_vector_comes_out_as_marked_and_ambiguous_ones_are_refused(group, jws, expected):
    assert expected == is_accepted(group, jws)


@pytest.mark.parametrize(("group", "jws", "expected"), cases(CRYPTO))
def test_a_jws_vector_of_the_crypto_file_comes_out_as_marked(group, jws, expected):
    assert expected == is_accepted(group, jws)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (JWS, {"valid": 42, "invalid": 353}),
        (JWK, {"valid": 5, "invalid": 21}),
        (CRYPTO, {"valid": 4, "invalid": 45}),
    ],
)
def test_no_vector_is_lost(name, expected):
    counts = Counter("valid" if case.values[2] else "invalid" for case in cases(name))

    assert expected == counts


def test_the_two_ambiguous_key_vectors_are_marked_invalid_and_refused():
    ambiguous = [(group, test) for group, test in vectors(JWK) if "Ambiguous" in test["flags"]]

    assert [test["tcId"] for _, test in ambiguous] == [1, 4]
    assert [is_accepted(group, test["jws"]) for group, test in ambiguous] == [False, False]


def test_no_vector_of_json_serialization_is_marked_valid():
    everything = [test for name in (JWS, JWK, CRYPTO) for _, test in vectors(name)]
    serialized = [test for test in everything if not isinstance(test["jws"], str) or test["jws"].startswith("{")]

    assert [test["result"] for test in serialized] == ["invalid"] * len(serialized)
    assert serialized


def test_the_disputed_vectors_are_decided_by_our_strict_reading():
    """346 and 350: the header names another algorithm than the key. 372 and 373: a `?` in base64url. Refused.

    367 and 370 are byte for byte the valid 357, so they are accepted.
    """
    decided = {test["tcId"]: is_accepted(group, test["jws"]) for group, test in vectors(JWS)}

    assert {number: decided[number] for number in DISPUTED} == {
        346: False,
        350: False,
        367: True,
        370: True,
        372: False,
        373: False,
    }
