"""Errors as problem documents, challenges and OAuth errors."""

import json
import logging

import httpx2
import pytest
from fastapi import FastAPI

from watchword.core.account_errors import AccountDisabled, InvalidInput, WeakPassword
from watchword.core.errors import (
    InsufficientScope,
    InsufficientUserAuthentication,
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidToken,
    MissingToken,
    Overloaded,
    PayloadTooLarge,
    TooManyRequests,
)
from watchword.fastapi.errors import Refusal, challenge, install_handlers, oauth_error, problem, quoted


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (MissingToken(), 401, 'Bearer realm="watchword"'),
        (
            InvalidToken(hint="expired"),
            401,
            'Bearer realm="watchword", error="invalid_token", '
            'error_description="The access token is invalid, expired or revoked."',
        ),
        (
            InsufficientScope(scopes=("a", "b"), missing=("b",)),
            403,
            'Bearer realm="watchword", error="insufficient_scope", '
            'error_description="The access token lacks a scope that is needed here.", scope="a b"',
        ),
        (
            InsufficientUserAuthentication(max_age=0, acr_values=("x", "y")),
            401,
            'Bearer realm="watchword", error="insufficient_user_authentication", '
            'error_description="A more recent or stronger authentication is needed.", max_age="0", acr_values="x y"',
        ),
        (
            InvalidRequest(),
            400,
            'Bearer realm="watchword", error="invalid_request", '
            'error_description="The request is missing a parameter, repeats one, or is malformed."',
        ),
        (PayloadTooLarge(), 413, None),
        (AccountDisabled(), 403, None),
    ],
)
def test_the_challenge_is_that_of_the_specification(error, status, header):
    refusal = Refusal.of(error)
    assert (refusal.status_code, (refusal.headers or {}).get("WWW-Authenticate")) == (status, header)


def test_an_error_of_a_subclass_has_the_challenge_of_its_parent():
    class UnknownKey(InvalidToken):
        pass

    assert 'error="invalid_token"' in (Refusal.of(UnknownKey()).headers or {})["WWW-Authenticate"]


def test_the_challenge_names_the_resource_metadata_where_there_is_some():
    refusal = Refusal.of(MissingToken(), resource_metadata="https://api.example/.well-known/x")
    expected = 'Bearer realm="watchword", resource_metadata="https://api.example/.well-known/x"'
    assert (refusal.headers or {})["WWW-Authenticate"] == expected


def test_no_value_can_break_out_of_a_header():
    assert quoted('a"b\\c\r\nSet-Cookie: x\u00e4\x7f') == '"a\\"b\\\\c??Set-Cookie: x??"'
    assert challenge("Bearer", {"scope": "", "error": 'x"'}) == 'Bearer realm="watchword", error="x\\""'


@pytest.mark.parametrize("error", [TooManyRequests(retry_after=7), Overloaded(retry_after=7)])
def test_errors_that_pass_say_when_to_come_back(error):
    for answer in (problem(error), oauth_error(error)):
        assert (answer.status_code, answer.headers["Retry-After"]) == (error.status, "7")
    assert (Refusal.of(error).headers or {})["Retry-After"] == "7"


def test_a_problem_document_has_the_members_of_rfc_9457():
    answer = problem(WeakPassword("Too short.", hint="secret reason"))
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(bytes(answer.body)) == {
        "type": "urn:watchword:error:weak_password",
        "title": "This password cannot be used.",
        "status": 422,
        "detail": "Too short.",
        "code": "weak_password",
    }


def test_a_problem_document_names_fields_and_scopes():
    fields = json.loads(bytes(problem(InvalidInput(errors=(("username", "Too long."),))).body))
    scopes = json.loads(bytes(problem(InsufficientScope(scopes=("a", "b"), missing=("b",))).body))
    assert fields["errors"] == [{"field": "username", "message": "Too long."}]
    assert (scopes["required_scopes"], scopes["missing_scopes"]) == (["a", "b"], ["b"])


@pytest.mark.parametrize(("used_basic", "header"), [(True, 'Basic realm="watchword"'), (False, None)])
def test_invalid_client_challenges_the_scheme_that_was_used(used_basic, header):
    answer = oauth_error(InvalidClient(), used_basic=used_basic)
    assert (answer.status_code, answer.headers.get("WWW-Authenticate")) == (401, header)


def test_an_oauth_error_says_nothing_of_the_hint_and_is_not_stored(caplog):
    caplog.set_level(logging.INFO)
    answer = oauth_error(InvalidGrant(hint="no such\nuser"))
    assert json.loads(bytes(answer.body)) == {
        "error": "invalid_grant",
        "error_description": "The credentials or the grant are invalid, expired or revoked.",
    }
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    assert [record.getMessage() for record in caplog.records] == ["refused: invalid_grant 'no such\\nuser'"]


def app_that_raises(error: Exception, *, handled: bool) -> FastAPI:
    app = FastAPI()

    @app.get("/")
    async def endpoint() -> None:
        raise error

    if handled:
        install_handlers(app)
    return app


async def get(app: FastAPI) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://t") as client:
        return await client.get("/")


@pytest.mark.parametrize("error", [Refusal.of(InvalidToken()), InvalidToken()])
async def test_installed_handlers_answer_problem_documents(error):
    answer = await get(app_that_raises(error, handled=True))
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert answer.json()["code"] == "invalid_token"


async def test_a_refusal_works_without_our_handlers():
    answer = await get(app_that_raises(Refusal.of(InvalidToken(hint="x")), handled=False))
    assert (answer.status_code, answer.json()) == (401, {"detail": InvalidToken.description})
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_handlers_of_the_application_itself_win():
    app = FastAPI()
    seen = []

    @app.exception_handler(Refusal)
    async def own(request, refusal):
        from starlette.responses import PlainTextResponse

        seen.append(refusal.error.code)
        return PlainTextResponse("own", status_code=refusal.status_code)

    @app.get("/")
    async def endpoint() -> None:
        raise Refusal.of(MissingToken())

    install_handlers(app)
    answer = await get(app)
    assert (answer.status_code, answer.text, seen) == (401, "own", ["missing_token"])


async def test_other_exceptions_stay_the_business_of_the_application():
    with pytest.raises(ZeroDivisionError):
        await get(app_that_raises(ZeroDivisionError(), handled=True))
