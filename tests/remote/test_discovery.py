"""Finding an issuer's keys: where they are looked for, and whose metadata is believed."""

import json

import pytest
from tests.remote.issuers import JWKS, METADATA
from tests.remote.sites import Answer

from watchword.core.errors import ConfigError
from watchword.ports.outside import FetchFailed
from watchword.remote.addresses import AddressPolicy
from watchword.remote.discovery import check_issuer, get_jwks_uri, metadata_urls
from watchword.remote.fetcher import Fetcher
from watchword.remote.key_source import KeySource


@pytest.fixture
def fetcher():
    return Fetcher(AddressPolicy.LOOPBACK)


@pytest.mark.parametrize(
    "issuer", ["https://issuer.test", "https://issuer.test/", "https://issuer.test/realms/a", "http://127.0.0.1:9"]
)
def test_the_url_of_an_issuer_is_taken_as_it_is(issuer):
    assert check_issuer(issuer) == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "issuer.test",
        "ftp://issuer.test",
        "https://",
        "https://issuer.test?a=b",
        "https://issuer.test?",
        "https://issuer.test/#a",
        "https://issuer.test/{tenantid}/v2.0",
        "https://user:pass@issuer.test",
        "https://user@issuer.test",
        "http://169.254.169.254",
        "http://[fe80::1]",
        "https://0.0.0.0",
        "https://[not-an-address",
        None,
        5,
        b"https://issuer.test",
    ],
)
def test_what_cannot_be_an_issuer_is_a_configuration_error(issuer):
    with pytest.raises(ConfigError, match="issuer"):
        check_issuer(issuer)


@pytest.mark.parametrize(
    ("issuer", "urls"),
    [
        (
            "https://issuer.test/realms/a",
            (
                "https://issuer.test/realms/a/.well-known/openid-configuration",
                "https://issuer.test/.well-known/oauth-authorization-server/realms/a",
            ),
        ),
        (
            "https://issuer.test/",
            (
                "https://issuer.test/.well-known/openid-configuration",
                "https://issuer.test/.well-known/oauth-authorization-server",
            ),
        ),
    ],
)
def test_metadata_is_looked_for_as_openid_connect_and_rfc_8414_say(issuer, urls):
    assert metadata_urls(issuer) == urls


async def test_openid_connect_metadata_is_asked_first_and_suffices(issuer, fetcher):
    assert await get_jwks_uri(issuer.url, fetcher) == issuer.url + JWKS
    assert issuer.site.requests == [METADATA]


@pytest.mark.parametrize("first", [Answer(status=404), Answer(b"<html>app</html>"), Answer(b"[]"), Answer(b"\xff")])
async def test_oauth_metadata_is_found_where_there_is_no_openid_connect(site, fetcher, first):
    name = f"{site.origin}/tenant"
    site.answers["/tenant/.well-known/openid-configuration"] = first
    site.answers["/.well-known/oauth-authorization-server/tenant"] = Answer(
        json.dumps({"issuer": name, "jwks_uri": "https://keys.test/"}).encode()
    )
    assert await get_jwks_uri(name, fetcher) == "https://keys.test/"


@pytest.mark.parametrize(
    ("found", "advice"),
    [
        ("https://other.test", "names the issuer 'https://other.test'"),
        ("https://login.test/{tenantid}/v2.0", "configure the issuer of one tenant"),
        (None, "names the issuer None"),
        (["https://other.test"], "names the issuer"),
    ],
)
async def test_metadata_of_another_issuer_is_refused(issuer, fetcher, found, advice):
    issuer.publish(issuer=found)
    with pytest.raises(FetchFailed, match=advice):
        await get_jwks_uri(issuer.url, fetcher)
    assert issuer.site.requests == [METADATA]


async def test_an_issuer_that_differs_by_a_slash_is_refused_with_advice(issuer, fetcher):
    issuer.publish(issuer=issuer.url + "/")
    with pytest.raises(FetchFailed, match="by a slash"):
        await get_jwks_uri(issuer.url, fetcher)


async def test_an_issuer_without_metadata_or_without_jwks_uri_is_refused(issuer, fetcher):
    issuer.publish(jwks_uri=7)
    with pytest.raises(FetchFailed, match="no jwks_uri"):
        await get_jwks_uri(issuer.url, fetcher)
    issuer.site.answers.clear()
    with pytest.raises(FetchFailed, match="neither"):
        await get_jwks_uri(issuer.url, fetcher)


@pytest.mark.parametrize(
    "uri",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://10.0.0.1/jwks",
        "file:///etc/hostname",
        "//issuer.test/jwks",
        "",
    ],
)
async def test_a_jwks_uri_that_points_inside_is_refused(issuer, fetcher, uri):
    issuer.publish(jwks_uri=uri)
    with pytest.raises(FetchFailed):
        await KeySource(issuer.url, fetcher).load()
    assert issuer.fetches == 0


@pytest.mark.parametrize("host", ["[::ffff:127.0.0.1]", "2130706433", "127.0.0.1"])
async def test_a_jwks_uri_to_the_loopback_is_refused_when_the_loopback_is_not_allowed(issuer, host):
    """Discovery itself goes to the loopback, so the fetcher of the test allows it for the metadata alone."""
    issuer.publish(jwks_uri=f"http://{host}:{issuer.site.port}{JWKS}")

    class OneAllowed:
        async def get(self, url, *, accept="application/json"):
            policy = AddressPolicy.LOOPBACK if url.endswith(METADATA) else AddressPolicy.PUBLIC
            return await Fetcher(policy).get(url.replace("http:", "https:") if policy.name == "PUBLIC" else url)

    with pytest.raises(FetchFailed, match="refused"):
        await KeySource(issuer.url, OneAllowed()).load()
    assert issuer.fetches == 0
    assert len((await KeySource(issuer.url, Fetcher(AddressPolicy.LOOPBACK)).load()).keys) == 1


async def test_the_discovered_address_is_kept_until_it_fails(issuer, fetcher):
    source = KeySource(issuer.url, fetcher)
    await source.load()
    await source.load()
    assert issuer.site.count(METADATA) == 1
    issuer.break_down()
    with pytest.raises(FetchFailed, match="status 500"):
        await source.load()
    issuer.publish(jwks_uri=issuer.url + "/moved")
    issuer.site.answers["/moved"] = issuer.site.answers[JWKS]
    await source.load()
    assert issuer.site.count(METADATA) == 2
    assert issuer.site.count("/moved") == 1
