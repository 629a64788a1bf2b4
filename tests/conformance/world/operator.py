"""The operator of the server under test: makes accounts and registers clients by hand, in its database."""

import asyncio
import threading
from contextlib import closing, contextmanager
from dataclasses import replace

from tests.conformance.world.browser import Person
from tests.conformance.world.server import SECRET

from watchword.config import AuthConfig, PasswordConfig, ProviderConfig
from watchword.core.ids import new_id
from watchword.core.models.authorizations import Resource
from watchword.core.models.grants import Client
from watchword.core.oauth.client_rules import check_registration
from watchword.core.oauth.operator_clients import OPERATORS_POLICY
from watchword.core.tokens.opaque import hash_secret, new_secret
from watchword.flows.admin import add_user
from watchword.flows.clients import add_client
from watchword.flows.context import open_context
from watchword.flows.key_rotation import rotate
from watchword.flows.resource_book import put_resource
from watchword.flows.signup import SignUp
from watchword.stores.open import open_stores

POLICY = replace(OPERATORS_POLICY, require_pkce=False)
"""Clients of a certification send no PKCE."""
PASSWORD = "obviously-fake-password"
EVERYTHING = {
    "name": "Ada Example",
    "given_name": "Ada",
    "family_name": "Example",
    "middle_name": "Mary",
    "nickname": "ada",
    "profile": "https://people.example/ada",
    "picture": "https://people.example/ada.png",
    "website": "https://ada.example",
    "gender": "female",
    "birthdate": "1985-12-10",
    "zoneinfo": "Europe/London",
    "locale": "en-GB",
    "phone_number": "+44 20 7946 0000",
    "address": {
        "formatted": "12 Example Street\nLondon\nSW1 0AA",
        "street_address": "12 Example Street",
        "locality": "London",
        "postal_code": "SW1 0AA",
        "country": "United Kingdom",
    },
}
"""A profile with every standard claim that an account does not have by itself."""


class Operator:
    """What an operator can do; everything is done when a call returns."""

    def __init__(self, server, loop):
        self._server = server
        self._loop = loop
        self._stores = open_stores(server.database_url)
        config = AuthConfig(
            issuer=server.issuer,
            secrets=(SECRET.encode(),),
            passwords=PasswordConfig(memory_kib=64, time_cost=1),
            provider=ProviderConfig(enabled=True, id_token_algorithms=("RS256", "ES256", "EdDSA")),
        )
        self._ctx = open_context(config, self._stores)
        loop.run(self._ctx.start(follow=False))

    def close(self):
        self._loop.run(self._close())

    async def _close(self):
        await self._ctx.close()
        await self._stores.close()

    def add_person(self, username):
        """An account that has everything a claim can say."""
        email = f"{username}@people.example"
        wanted = SignUp(username=username, password=PASSWORD, email=email, profile=EVERYTHING)
        self._loop.run(add_user(self._ctx, wanted, ()))
        return Person(username, PASSWORD)

    def add_client(self, document, *, origins=()):
        """Register a client; return its id and its secret, which is empty for a public one.

        Its pages at these origins may call the token endpoint from a browser.
        """
        registration = check_registration(document, policy=POLICY)
        public = registration.metadata.auth_method == "none"
        secret, now = "" if public else new_secret("wwcs"), self._ctx.clock.now()
        client = Client(
            id=new_id(now),
            name=registration.name,
            secret_hashes=(hash_secret(secret),) if secret else (),
            grants=registration.grants,
            scopes=registration.scopes,
            metadata=replace(registration.metadata, origins=tuple(origins)),
            created_at=now,
        )
        self._loop.run(self._ctx.stores.clients.add(client))
        return client.id, secret

    def add_service(self, name):
        """Register a client that speaks for itself; return its id and its secret."""
        client, secret = self._loop.run(add_client(self._ctx, name))
        return client.id, secret

    def add_resource(self, uri):
        """Register a resource that tokens can be made for. The server looks for new ones each second of its clock."""
        self._loop.run(put_resource(self._ctx, Resource(uri=uri)))
        self._server.tick(2)

    def rotate_key(self, algorithm, *, at_once=False):
        """Announce the next key of an algorithm; it signs once everybody can know it, or at once."""
        self._loop.run(rotate(self._ctx, algorithm=algorithm, immediately=at_once))


class Loop:
    """An event loop in a thread of its own: the test may be in one already, as those with Chromium are."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=30)

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def operating(server):
    """An operator, as long as the block lasts."""
    with closing(Loop()) as loop, closing(Operator(server, loop)) as operator:
        yield operator
