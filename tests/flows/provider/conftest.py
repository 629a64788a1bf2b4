from collections.abc import Callable

import pytest
from tests.flows.provider.provider import Provider

from watchword.stores.open import open_stores
from watchword.stores.sql.tables import metadata

QUICK = ("memory", "sqlite")
ON_POSTGRESQL = {
    *("test_happy_path", "test_codes", "test_tokens_of_clients", "test_device", "test_consent", "test_logout"),
    *("test_registration", "test_client_assertions", "test_interaction", "test_withdrawn_consents"),
}
"""The modules whose tests run on PostgreSQL too."""


def pytest_generate_tests(metafunc):
    if "store_url" in metafunc.fixturenames:
        also = metafunc.module.__name__.rpartition(".")[2] in ON_POSTGRESQL
        metafunc.parametrize("store_url", [*QUICK, *["postgresql"] * also], indirect=True)


@pytest.fixture(scope="session")
def emptied_postgres(postgres_server, postgres_template) -> Callable[[int], str]:
    """A function that gives the URL of an empty database by its number. To empty one is faster than to make one."""
    made = set()

    def get(number):
        name = f"provider_{number}"
        if name in made:
            postgres_server.run(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY", name)
        else:
            postgres_server.run(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
        made.add(name)
        return postgres_server.url(name)

    return get


@pytest.fixture
def store_url(request, tmp_path):
    """A function that gives the URL of an empty database by its number, of one kind."""
    if request.param == "postgresql":
        return request.getfixturevalue("emptied_postgres")
    pattern = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/{{}}.db"
    return pattern.format


@pytest.fixture
async def providers(store_url):
    """Makes providers over one kind of store: `await providers(around=..., tokens=..., ...)`."""
    made = []

    async def make(**options):
        if "stores" not in options:
            options["stores"] = open_stores(store_url(len(made)))
            await options["stores"].migrate()
        provider = Provider(**options)
        made.append(provider)
        await provider.ctx.start(follow=False)
        return provider

    yield make
    for provider in made:
        await provider.ctx.close()
        await provider.plain.close()


@pytest.fixture
async def provider(providers):
    """A provider with one account, ada."""
    made = await providers()
    await made.sign_up(email="ada@example.org", profile={"name": "Ada Example"})
    return made


@pytest.fixture
async def app(provider):
    """A confidential client."""
    return await provider.app()


@pytest.fixture
def browser(provider):
    """A browser in which nobody is logged in."""
    return provider.browser()
