"""The fetcher checks who answers: certificates of the right and of the wrong name and authority."""

import ipaddress
import ssl
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.remote.sites import Answer, Site

from watchword.ports.outside import FetchFailed
from watchword.remote.addresses import AddressPolicy
from watchword.remote.fetcher import Fetcher


class Authority:
    """A certificate authority of this test alone."""

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        may_sign = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        )
        authority = [(x509.BasicConstraints(ca=True, path_length=0), True), (may_sign, True)]
        self._certificate = self._sign(self._name, self._key, authority)

    def _sign(self, name, key, extensions):
        key_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        usage = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            x509.CertificateBuilder(issuer_name=self._name, subject_name=name, public_key=key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        )
        for extension, critical in [(key_id, False), (usage, False), *extensions]:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self._key, hashes.SHA256())

    def server_context(self, directory, *names):
        """Return the TLS context of a server whose certificate bears these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName(list(names))
        certificate = self._sign(x509.Name([]), key, [(alternatives, True)])
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = directory / "server.pem"
        path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def client_context(self):
        """Return a TLS context that trusts this authority alone."""
        context = ssl.create_default_context()
        context.load_verify_locations(cadata=self._certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"))
        return context


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
def tls_site(authority, tmp_path):
    names = [x509.DNSName("issuer.test"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    site = Site(authority.server_context(tmp_path, *names))
    site.answers["/doc"] = Answer()
    yield site
    site.close()


async def to_loopback(host, port):
    return ("127.0.0.1",)


@pytest.mark.parametrize("host", ["issuer.test", "127.0.0.1"])
async def test_a_certificate_of_the_right_name_is_accepted(tls_site, authority, host):
    fetcher = Fetcher(AddressPolicy.LOOPBACK, resolver=to_loopback, ssl_context=authority.client_context())
    assert (await fetcher.get(f"https://{host}:{tls_site.port}/doc")).status == 200
    assert tls_site.headers[0]["host"] == f"{host}:{tls_site.port}"


async def test_a_certificate_of_another_name_is_refused_although_it_bears_the_address(tls_site, authority):
    fetcher = Fetcher(AddressPolicy.LOOPBACK, resolver=to_loopback, ssl_context=authority.client_context())
    with pytest.raises(FetchFailed, match="certificate"):
        await fetcher.get(f"https://other.test:{tls_site.port}/doc")
    assert tls_site.requests == []


async def test_a_certificate_of_an_unknown_authority_is_refused(tls_site):
    fetcher = Fetcher(AddressPolicy.LOOPBACK, resolver=to_loopback)
    with pytest.raises(FetchFailed, match="certificate"):
        await fetcher.get(f"https://issuer.test:{tls_site.port}/doc")
    assert tls_site.requests == []
