import pytest
from tests.flows.provider.provider import Provider

from watchword.stores.open import open_stores


@pytest.fixture(params=["memory", "sqlite"])
async def providers(request, tmp_path):
    """Makes providers over one kind of store: `await providers(around=..., tokens=..., ...)`."""
    made = []

    async def make(**options):
        if "stores" not in options:
            url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/{len(made)}.db"
            options["stores"] = open_stores(url)
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
