"""No request makes a 5xx, a hang or a traceback (T18, B12, B20, B24)."""

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from tests.http.site import PASSWORD, running

from watchword.core.errors import StoreUnavailable

FORM = "application/x-www-form-urlencoded"
GOOD = b"username=alice&password=obviously+fake+lantern+orchard"
MIB = 1024 * 1024
JSON_ROUTES = [("POST", "/auth/signup"), ("PATCH", "/auth/me"), ("POST", "/auth/me/password"), ("POST", "/auth/logout")]
ADMIN_PATHS = [
    ("GET", "/users/{}"),
    ("DELETE", "/users/{}"),
    ("PUT", "/users/{}/roles/admin"),
    ("PUT", "/users/x/roles/{}"),
    ("PUT", "/roles/{}"),
    ("DELETE", "/roles/{}"),
]
ONE_STORE = pytest.mark.parametrize("stores", ["memory"], indirect=True)


@ONE_STORE
@pytest.mark.parametrize(
    "content",
    [
        b"username=alice&username=bob&password=x&token=y",
        b"username=alice&password=x&password=y&token=y",
        b"username=alice&password=a%00b&token=%00",
        b"username=\x00&password=x&token=\x00",
        b"username=%ff&password=x&token=%ff",
        b"username=\xff\xfe&password=x&token=\xc3",
        b"username=%ed%a0%80&password=x&token=%ed%bf%bf",
        b"username=%&password=x&token=%",
        b"=x",
        b"&".join(b"a%d=b" % number for number in range(1000)),
        b"username=alice&password=" + b"x" * 20_000 + b"&token=" + b"x" * 20_000,
        b"\x00" * 100,
    ],
)
async def test_a_form_that_is_not_well_formed_is_an_invalid_request(site, content):
    for path in ("/auth/token", "/auth/revoke"):
        answer = await site.client.post(path, content=content, headers={"Content-Type": FORM})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
        assert answer.headers["cache-control"] == "no-store"


@ONE_STORE
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": ""},
        {"Content-Type": "application/json"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": f"{FORM}; charset=utf-16"},
        {"Content-Type": f"{FORM}; charset=latin-1"},
        {"Content-Type": "\x01\x02/;;;="},
    ],
)
async def test_another_content_type_is_an_invalid_request(site, headers):
    await site.sign_up()
    for path in ("/auth/token", "/auth/revoke"):
        answer = await site.client.post(path, content=GOOD, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    accepted = await site.client.post("/auth/token", content=GOOD, headers={"Content-Type": f"{FORM};charset=UTF-8"})
    assert accepted.status_code == 200


@pytest.mark.parametrize("path", ["/auth/token", "/auth/revoke"])
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_form_over_the_limit_is_413(site, path, streamed):
    async def chunks():
        for _ in range(MIB // 1024):
            yield b"x" * 1024

    content = chunks() if streamed else b"username=a&token=y&password=" + b"x" * MIB
    answer = await site.client.post(path, content=content, headers={"Content-Type": FORM})
    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")


@ONE_STORE
@pytest.mark.parametrize(("method", "path"), JSON_ROUTES)
@pytest.mark.parametrize("streamed", [False, True])
async def test_json_over_the_limit_is_413(site, method, path, streamed):
    async def chunks():
        yield b'{"password": "'
        for _ in range(MIB // 1024):
            yield b"x" * 1024

    headers = {**(await site.new_person()), "Content-Type": "application/json"}
    content = chunks() if streamed else b'{"username": "a", "password": "' + b"x" * MIB + b'"}'
    answer = await site.client.request(method, path, content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "payload_too_large"
    assert answer.headers["cache-control"] == "no-store"


@ONE_STORE
@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"null",
        b"[]",
        b"1",
        b'"text"',
        b"{'a': 1}",
        b"[" * 60_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b'{"\xff": 1}',
        b'{"username": "\xff"}',
        b'{"email": "\\ud800@example.test", "username": "\\udfff", "password": "\\ud800"}',
        b'{"email": "a\\u0000@example.test", "username": "\\u0000"}',
        b'{"email": null, "email": null}',
        b'{"email": NaN}',
        b'{"email": 1e999}',
        b'{"email": ' + b"9" * 5000 + b"}",
        b'{"\\ud800": 1}',
        b'{"everywhere": "true", "email": {"$ne": 1}, "username": {}}',
        b'{"__proto__": {}, "constructor": {}}',
    ],
)
async def test_json_that_does_not_fit_is_422(site, content):
    headers = {**(await site.new_person()), "Content-Type": "application/json"}
    for method, path in JSON_ROUTES:
        answer = await site.client.request(method, path, content=content, headers=headers)
        null_is_no_body = content == b"null" and path == "/auth/logout"
        assert answer.status_code == (204 if null_is_no_body else 422), (path, answer.text)
        assert null_is_no_body or answer.headers["content-type"] == "application/problem+json"


@ONE_STORE
@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "a/b/c;=", "json"]
)
async def test_json_of_another_content_type_is_422(site, content_type):
    content = b'{"username": "alice", "password": "obviously fake lantern orchard"}'
    answer = await site.client.post("/auth/signup", content=content, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    accepted = await site.client.post("/auth/signup", content=content, headers={"Content-Type": "application/json"})
    assert accepted.status_code == 201


@pytest.mark.parametrize(
    "path",
    [
        "/auth/me/sessions/%00",
        "/auth/me/sessions/%ff%fe",
        "/auth/me/sessions/" + "x" * 5000,
        "/auth/me/sessions/%F0%9F%98%80",
        "/auth/me/sessions/a%0d%0ab",
    ],
)
async def test_a_strange_path_is_refused(site, path):
    headers = await site.new_person()
    answer = await site.client.delete(path, headers=headers)
    assert answer.status_code in (404, 422), answer.text


@pytest.mark.parametrize("name", ["%00", "a%00b", "%ff", "x" * 5000, "%ED%A0%80", "%27%20or%201=1--"])
async def test_a_strange_name_in_an_admin_path_is_refused(site, name):
    headers = await site.new_admin()
    for method, path in ADMIN_PATHS:
        answer = await site.client.request(method, f"/auth/admin/api{path.format(name)}", json={}, headers=headers)
        assert answer.status_code in (404, 422), (path, answer.text)


@ONE_STORE
@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer ", "Bearer\ta", "bearer x", "Token x", "Bearer a b", "Bearer " + "x" * 70_000, "Bearer é", ","],
)
async def test_a_strange_authorization_header_is_refused(site, value):
    await site.sign_up()
    headers = {"Authorization": value.encode()}
    assert (await site.client.get("/auth/me", headers=headers)).status_code in (400, 401)
    assert (await site.client.post("/auth/logout", headers=headers)).status_code in (400, 401)


async def test_two_authorization_headers_are_refused(site):
    good = await site.new_person()
    twice = [("Authorization", good["Authorization"])] * 2
    assert (await site.client.get("/auth/me", headers=twice)).status_code in (400, 401)
    form = {"username": "alice", "password": PASSWORD}
    answer = await site.client.post("/auth/token", data=form, headers=[("Authorization", "Basic Og==")] * 2)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_password_of_the_greatest_acceptable_size_is_merely_wrong(site):
    await site.sign_up()
    answer = await site.token(password="é" * 5000)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("length", ["-1", "abc", "9" * 400, "1e9"])
@pytest.mark.parametrize("path", ["/auth/token", "/auth/signup"])
async def test_a_lying_content_length_is_refused(site, path, length):
    kind = FORM if path == "/auth/token" else "application/json"
    headers = {"Content-Type": kind, "Content-Length": length}
    answer = await site.client.post(path, content=b"{}", headers=headers)
    assert answer.status_code in (400, 413)


async def test_handlers_of_the_application_do_not_change_our_answers(stores):
    async with running(stores) as site:

        @site.app.exception_handler(RequestValidationError)
        @site.app.exception_handler(HTTPException)
        async def own(request, error):
            return PlainTextResponse("own", status_code=418)

        refused = await site.client.post("/auth/signup", json={})
        anonymous = await site.client.get("/auth/me")
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
        assert (anonymous.status_code, anonymous.json()["code"]) == (401, "missing_token")


async def test_a_database_that_does_not_answer_is_503_and_says_when_to_come_back(site, monkeypatch):
    headers = await site.new_person()

    async def fail(*args, **kwargs):
        raise StoreUnavailable(retry_after=3, hint="no database")

    monkeypatch.setattr(site.stores.users, "find", fail, raising=False)
    monkeypatch.setattr(site.stores.users, "find_by_login", fail, raising=False)
    form = {"username": "alice", "password": PASSWORD}
    token = await site.client.post("/auth/token", data=form)
    assert (token.status_code, token.json()["error"]) == (503, "temporarily_unavailable")
    me = await site.client.get("/auth/me", headers=headers)
    assert (me.status_code, me.json()["code"]) == (503, "temporarily_unavailable")
    assert [answer.headers["retry-after"] for answer in (token, me)] == ["3", "3"]
    monkeypatch.undo()
    assert (await site.client.post("/auth/token", data=form)).status_code == 200
