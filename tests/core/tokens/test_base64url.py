"""Canonical base64url (RFC 7515 section 2)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.core.tokens import base64url


@given(st.binary())
def test_decode_undoes_encode(data):
    assert data == base64url.decode(base64url.encode(data))


@given(st.binary())
def test_encode_agrees_with_the_standard_library(data):
    assert base64.urlsafe_b64encode(data).rstrip(b"=").decode() == base64url.encode(data)


@given(st.text(alphabet="AQgw-_+/= \n\x00?*", max_size=12))
def test_each_value_has_one_text(text):
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert text == base64url.encode(data)


@pytest.mark.parametrize("text", ["", "AA", "AAA", "AAAA", "-_-_", "_w"])
def test_a_canonical_text_is_decoded(text):
    assert text == base64url.encode(base64url.decode(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("A", id="J56-impossible-length"),
        pytest.param("AA==", id="J56-padding"),
        pytest.param("+/+/", id="J56-standard-alphabet"),
        pytest.param("AB", id="J56-unused-bits"),
        pytest.param("AAB", id="J56-unused-bits-of-two"),
        pytest.param("AA AA", id="J58-space"),
        pytest.param("AAAA\n", id="J58-newline"),
        pytest.param("\tAAAA", id="J58-tab"),
        pytest.param("AA\x00AA", id="J58-nul"),
        pytest.param("AA?AA", id="J58-question-mark"),
        pytest.param("AA*AA", id="J58-asterisk"),
        pytest.param("AÀAA", id="J58-not-ascii"),
        pytest.param("\ud800", id="J58-lone-surrogate"),
        pytest.param("A=AA", id="J58-padding-inside"),
    ],
)
def test_any_other_text_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  binascii.Error, UnicodeEncodeError and our own are all ValueErrors
        base64url.decode(text)
