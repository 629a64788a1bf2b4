"""The one way out: fetches documents of other servers without being steered into one's own network.

    fetcher = Fetcher(AddressPolicy.PUBLIC)
    answer = await fetcher.get("https://issuer.example/.well-known/openid-configuration")

A name is resolved once, every address it has is judged, and the connection goes to one of those very addresses, so a
name that changes its mind (DNS rebinding) gains nothing. TLS and the Host header keep the name.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from watchword.core.errors import ConfigError
from watchword.ports.outside import Fetched, FetchFailed
from watchword.remote.addresses import Address, AddressKind, AddressPolicy, kind_of, parse_address

if TYPE_CHECKING:
    import httpx2

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Takes a host name and a port, returns addresses as text, raises OSError."""

_MOST_ADDRESSES = 4
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65535
_HEADERS = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "watchword"}


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, each once, in the system's order. The event loop is not blocked.

    Raises:
        OSError: the name has no address.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


class Fetcher:
    """Implements `HttpFetcher` and `HttpPoster`. Holds no connection, so it serves any event loop and needs no closing.

    Args:
        policy: which addresses may be contacted.
        timeout: seconds for the whole of it: resolving, connecting, TLS, headers and body.
        max_bytes: the largest body that is read.
        resolver: finds the addresses of a name; for tests.
        ssl_context: whom to trust; by default the system's certificate authorities.

    Raises:
        ConfigError: the package for outgoing requests is not installed.
    """

    def __init__(
        self,
        policy: AddressPolicy = AddressPolicy.PUBLIC,
        *,
        timeout: float = 5.0,
        max_bytes: int = 256 * 1024,
        resolver: Resolver = resolve,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._resolve = resolver
        self._ssl_context = ssl_context
        self._http = _load_http_client()

    async def get(self, url: str, *, accept: str = "application/json") -> Fetched:
        """GET a URL and return the answer, whatever its status. Redirects are answers; they are not followed.

        Raises:
            FetchFailed: the URL or an address of its host is not allowed, or no complete answer of a bearable size
                came in time.
        """
        return await self._send("GET", url, {"Accept": accept}, None)

    async def post(self, url: str, *, form: Mapping[str, str]) -> Fetched:
        """POST a form to a URL, by the same rules. Raises `FetchFailed` as `get` does."""
        headers = {"Accept": "*/*", "Content-Type": "application/x-www-form-urlencoded"}
        return await self._send("POST", url, headers, urlencode(form).encode("ascii"))

    async def _send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Fetched:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._try_each(method, self._check_url(url), headers, content)
        except TimeoutError:
            raise FetchFailed(f"{_shown(url)}: no answer within {self._timeout:g} s") from None
        except (self._http.HTTPError, self._http.InvalidURL, OSError, RuntimeError, ValueError) as error:
            raise FetchFailed(f"{_shown(url)}: {type(error).__name__}: {error}") from error

    async def _try_each(
        self, method: str, url: "httpx2.URL", headers: Mapping[str, str], content: bytes | None
    ) -> Fetched:
        """Send the request to the first of the host's addresses that can be connected to."""
        addresses = (await self._check_addresses(url))[:_MOST_ADDRESSES]
        failure: Exception | None = None
        for address in addresses:
            try:
                return await self._send_to(address, method, url, {**_HEADERS, **headers}, content, len(addresses))
            except (self._http.ConnectError, self._http.ConnectTimeout) as error:
                failure = error
        raise FetchFailed(f"{url.host}: cannot connect: {failure}") from failure

    async def _send_to(
        self,
        address: Address,
        method: str,
        url: "httpx2.URL",
        headers: Mapping[str, str],
        content: bytes | None,
        places: int,
    ) -> Fetched:
        """Send the request to `address`, one of so many places, while TLS and the Host header name the host.

        A client per request: documents are fetched minutes apart, and nothing (cookies, connections, an event loop)
        is carried from one to the next. Proxies and credentials of the environment are not used.
        """
        timeout = self._http.Timeout(self._timeout, connect=self._timeout / places)
        context = await self._context_for(url)
        async with self._http.AsyncClient(verify=context, trust_env=False, timeout=timeout) as client:
            named = {**headers, "Host": client.build_request("GET", url).headers["Host"]}
            extensions = {"sni_hostname": url.raw_host.decode("ascii")}
            pinned = url.copy_with(host=str(address))
            sent = client.stream(method, pinned, headers=named, content=content, extensions=extensions)
            async with sent as response:
                body = await self._read(response)
                return Fetched(response.status_code, dict(response.headers), body)

    async def _read(self, response: "httpx2.Response") -> bytes:
        """Read the body as it comes, up to the limit. A compressed one is refused: we did not ask for it."""
        encoding = response.headers.get("content-encoding", "identity")
        if encoding.strip().lower() != "identity":
            raise FetchFailed("the answer is compressed, although that was not asked for")
        body = bytearray()
        async for part in response.aiter_raw():
            body += part
            if len(body) > self._max_bytes:
                raise FetchFailed(f"the answer is larger than {self._max_bytes} bytes")
        return bytes(body)

    def _check_url(self, text: str) -> "httpx2.URL":
        url: httpx2.URL = self._http.URL(text)
        if url.scheme not in _DEFAULT_PORTS or not url.host:
            raise FetchFailed(f"{_shown(text)}: not an https URL")
        if url.scheme == "http" and not self._policy.allows_plain_http:
            raise FetchFailed(f"{_shown(text)}: plain http is refused")
        if url.userinfo or not 0 < _port_of(url) <= _LAST_PORT:
            raise FetchFailed("the URL holds credentials or an impossible port")
        return url

    async def _check_addresses(self, url: "httpx2.URL") -> tuple[Address, ...]:
        """Resolve once; one address that is not allowed spoils the name."""
        host = url.raw_host.decode("ascii")
        addresses = tuple(parse_address(text) for text in await self._resolve(host, _port_of(url)))
        if not addresses:
            raise FetchFailed(f"{host} has no address")
        for address in addresses:
            kind = kind_of(address)
            if not self._policy.allows(kind):
                raise FetchFailed(f"{host} has the address {address}, which is refused ({kind.name.lower()})")
            if url.scheme == "http" and kind is AddressKind.PUBLIC:
                raise FetchFailed(f"{host}: plain http to a public address is refused")
        return addresses

    async def _context_for(self, url: "httpx2.URL") -> ssl.SSLContext:
        """Return the TLS context. Reading the system's certificates takes milliseconds, so a thread does it, once."""
        if url.scheme == "http":
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # unused; trusts nobody
        if self._ssl_context is not None:
            return self._ssl_context
        context: ssl.SSLContext = await asyncio.to_thread(self._http.create_ssl_context)
        self._ssl_context = context
        return context


def _load_http_client() -> ModuleType:
    try:
        import httpx2
    except ImportError:
        raise ConfigError("Tokens of other issuers need the HTTP client: pip install 'watchword[remote]'.") from None
    return httpx2


def _port_of(url: "httpx2.URL") -> int:
    return _DEFAULT_PORTS[url.scheme] if url.port is None else url.port


def _shown(url: str) -> str:
    """Return the URL for the log: no credentials, query or fragment, nothing but printable ASCII."""
    scheme, _, rest = url.partition("://")
    return ascii(f"{scheme}://{rest.split('?', 1)[0].split('#', 1)[0].rpartition('@')[2]}"[:200])
