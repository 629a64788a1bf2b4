"""The one way out: what it fetches and what it refuses."""

import asyncio
import builtins
import gzip
import socket

import pytest
from tests.remote.sites import Answer

from watchword.core.errors import ConfigError
from watchword.ports.outside import FetchFailed
from watchword.remote.addresses import AddressPolicy
from watchword.remote.fetcher import Fetcher, resolve


def fixed(*addresses):
    async def resolver(host, port):
        return addresses

    return resolver


def development_fetcher(**arguments):
    return Fetcher(AddressPolicy.LOOPBACK, **arguments)


async def refusal(fetcher, url):
    with pytest.raises(FetchFailed) as refused:
        await fetcher.get(url)
    return str(refused.value)


async def test_a_document_is_fetched_with_its_status_headers_and_body(site):
    site.answers["/doc"] = Answer(b'{"a": 1}', headers={"Cache-Control": "max-age=60"})
    fetched = await development_fetcher().get(f"{site.origin}/doc")
    assert fetched.status == 200
    assert fetched.body == b'{"a": 1}'
    assert fetched.headers["cache-control"] == "max-age=60"


async def test_a_form_is_posted_by_the_same_rules(site):
    site.answers["/logout"] = Answer(b"", status=204)
    fetched = await development_fetcher().post(f"{site.origin}/logout", form={"logout_token": "a&b=c d"})
    assert fetched.status == 204
    assert site.bodies == [b"logout_token=a%26b%3Dc+d"]
    assert site.headers[0]["content-type"] == "application/x-www-form-urlencoded"
    with pytest.raises(FetchFailed):
        await Fetcher(AddressPolicy.PUBLIC).post(f"{site.origin}/logout", form={"logout_token": "x"})
    assert len(site.bodies) == 1


async def test_a_name_is_resolved_once_and_keeps_its_name_in_the_host_header(site):
    site.answers["/doc"] = Answer()
    asked = []

    async def resolver(host, port):
        asked.append((host, port))
        return ("127.0.0.1",)

    await development_fetcher(resolver=resolver).get(f"http://issuer.test:{site.port}/doc")
    assert asked == [("issuer.test", site.port)]
    assert site.headers[0]["host"] == f"issuer.test:{site.port}"


async def test_a_name_that_changes_its_address_after_the_check_gains_nothing(site):
    site.answers["/doc"] = Answer()
    answers = iter([("127.0.0.1",), ("10.0.0.1",)])

    async def resolver(host, port):
        return next(answers)

    fetcher = development_fetcher(resolver=resolver)
    url = f"http://issuer.test:{site.port}/doc"
    assert (await fetcher.get(url)).status == 200
    assert "10.0.0.1" in await refusal(fetcher, url)


async def test_the_next_address_is_tried_when_the_first_does_not_answer(site):
    site.answers["/doc"] = Answer()
    fetcher = development_fetcher(resolver=fixed("::1", "127.0.0.1"))
    assert (await fetcher.get(f"http://localhost:{site.port}/doc")).status == 200


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "[::ffff:169.254.169.254]", "[::]", "0.0.0.0", "10.1.2.3", "[fd00::1]", "[64:ff9b::7f00:1]"],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_special_address_is_refused_in_development(host, scheme):
    assert "is refused" in await refusal(development_fetcher(), f"{scheme}://{host}/latest/meta-data")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "017700000001", "127.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"],
)
async def test_every_spelling_of_the_loopback_is_refused_in_production(host):
    assert "is refused (loopback)" in await refusal(Fetcher(), f"https://{host}/")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]"])
async def test_every_spelling_of_the_loopback_is_fetched_in_development(site, host):
    site.answers["/doc"] = Answer()
    assert (await development_fetcher().get(f"http://{host}:{site.port}/doc")).status == 200


async def test_one_private_address_among_public_ones_spoils_a_name():
    fetcher = Fetcher(resolver=fixed("8.8.8.8", "10.0.0.1"))
    assert "has the address 10.0.0.1" in await refusal(fetcher, "https://issuer.test/")


async def test_private_addresses_are_allowed_only_when_they_are_asked_for(site):
    site.answers["/doc"] = Answer()
    resolver = fixed("127.0.0.1", "10.0.0.1")
    url = f"http://issuer.test:{site.port}/doc"
    assert (await Fetcher(AddressPolicy.PRIVATE, resolver=resolver).get(url)).status == 200
    assert "has the address 10.0.0.1" in await refusal(development_fetcher(resolver=resolver), url)


async def test_plain_http_is_refused_in_production_before_anything_is_resolved():
    async def resolver(host, port):
        raise AssertionError(host)

    assert "plain http is refused" in await refusal(Fetcher(resolver=resolver), "http://issuer.test/")


async def test_plain_http_to_a_public_address_is_refused_in_development():
    fetcher = development_fetcher(resolver=fixed("8.8.8.8"))
    assert "plain http to a public address" in await refusal(fetcher, "http://issuer.test/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "issuer.test",
        "file:///etc/hostname",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "http://",
        "http:///path",
        "http://user:pass@127.0.0.1/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:x/",
        "http://127.0.0.1/\x00",
        "http://127.0.0.1/\r\nX-Evil: 1",
        "http://" + "a" * 70 + ".test/",
        "http://[::1/",
        "http://\udcff/",
    ],
)
async def test_a_url_that_is_not_plainly_one_is_refused(url):
    assert await refusal(development_fetcher(resolver=fixed()), url)


async def test_a_redirect_is_an_answer_and_is_not_followed(site, other_site):
    site.answers["/doc"] = Answer(status=302, headers={"Location": f"{other_site.origin}/secret"})
    other_site.answers["/secret"] = Answer()
    assert (await development_fetcher().get(f"{site.origin}/doc")).status == 302
    assert other_site.requests == []


@pytest.mark.parametrize("answer", [Answer(mute=True), Answer(headers={"Content-Length": "900000"}, drip=True)])
async def test_a_site_that_never_finishes_is_given_up(site, answer):
    site.answers["/doc"] = answer
    assert "no answer within 0.2 s" in await refusal(development_fetcher(timeout=0.2), f"{site.origin}/doc")


async def test_a_resolver_that_never_answers_is_given_up():
    async def resolver(host, port):
        await asyncio.Event().wait()

    fetcher = Fetcher(timeout=0.05, resolver=resolver)
    assert "no answer within 0.05 s" in await refusal(fetcher, "https://issuer.test/")


async def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_read(site):
    site.answers["/full"] = Answer(b"x" * 1000)
    site.answers["/over"] = Answer(b"x" * 1001)
    fetcher = development_fetcher(max_bytes=1000)
    assert len((await fetcher.get(f"{site.origin}/full")).body) == 1000
    assert "larger than 1000 bytes" in await refusal(fetcher, f"{site.origin}/over")


async def test_a_compressed_body_is_refused_unread(site):
    bomb = gzip.compress(b"0" * 10_000_000)
    site.answers["/bomb"] = Answer(bomb, headers={"Content-Encoding": "gzip"})
    assert "compressed" in await refusal(development_fetcher(), f"{site.origin}/bomb")
    assert site.headers[0]["accept-encoding"] == "identity"


async def test_a_body_that_breaks_off_is_refused(site):
    site.answers["/doc"] = Answer(b"{}", headers={"Content-Length": "100"})
    assert await refusal(development_fetcher(), f"{site.origin}/doc")


async def test_an_unknown_name_is_a_failed_fetch():
    async def resolver(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    assert "gaierror" in await refusal(Fetcher(resolver=resolver), "https://issuer.test/")
    assert "has no address" in await refusal(Fetcher(resolver=fixed()), "https://issuer.test/")
    assert "cannot connect" in await refusal(development_fetcher(), f"http://127.0.0.1:{_closed_port()}/")


async def test_nothing_of_the_environment_goes_along(site, other_site, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login fake password fake-password")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, other_site.origin)
    site.answers["/doc"] = Answer(headers={"Set-Cookie": "a=b"})
    fetcher = development_fetcher()
    for _ in range(2):
        await fetcher.get(f"{site.origin}/doc")
    assert other_site.requests == []
    assert sorted(site.headers[1]) == ["accept", "accept-encoding", "connection", "host", "user-agent"]


async def test_a_refusal_does_not_repeat_credentials_or_the_query():
    text = await refusal(development_fetcher(), "http://user:fake-password@127.0.0.1:0/?token=fake-token")
    assert "fake" not in text


def test_a_fetcher_serves_one_event_loop_after_another(site):
    site.answers["/doc"] = Answer()
    fetcher = development_fetcher()
    for _ in range(3):
        assert asyncio.run(fetcher.get(f"{site.origin}/doc")).status == 200


async def test_the_system_resolver_names_each_address_once():
    assert await resolve("127.0.0.1", 80) == ("127.0.0.1",)


def test_a_missing_http_client_is_a_configuration_error_that_names_the_extra(monkeypatch):
    real_import = builtins.__import__

    def refuse(name, *rest):
        if name == "httpx2":
            raise ImportError(name)
        return real_import(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ConfigError, match=r"watchword\[remote\]"):
        Fetcher()


def _closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
