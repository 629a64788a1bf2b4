"""Protocol answers are put together by hand: they must be what Starlette would have made."""

from starlette.responses import JSONResponse

from watchword.fastapi.answers import ProtocolAnswer
from watchword.fastapi.errors import NO_STORE, SAFE_HEADERS

MEMBERS = {"access_token": "ey", "expires_in": 600, "scope": "", "name": "Zoë", "none": None, "list": [1, 2.5]}


def test_a_protocol_answer_is_starlettes_json_with_the_headers_of_the_protocol():
    made, expected = ProtocolAnswer(MEMBERS), JSONResponse(MEMBERS, headers={**NO_STORE, "Pragma": "no-cache"})
    expected.headers.update(SAFE_HEADERS)
    assert (made.status_code, made.body, made.background) == (expected.status_code, expected.body, expected.background)
    assert sorted(made.raw_headers) == sorted(expected.raw_headers)


def test_its_headers_can_be_read_and_changed():
    made = ProtocolAnswer({})
    made.headers["X-More"] = "yes"
    assert made.headers["x-more"] == "yes"
    assert "x-more" not in ProtocolAnswer({}).headers
