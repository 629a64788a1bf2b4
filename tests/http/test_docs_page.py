"""The documentation pages need nothing from elsewhere (S13)."""

import re
from dataclasses import replace
from importlib import util

import httpx2
import pytest
from fastapi import FastAPI
from tests.http.site import CONFIG

from watchword import Auth
from watchword.config import LimitConfig, PasswordConfig
from watchword.fastapi import docs_page
from watchword.fastapi.docs_page import serve_docs_offline
from watchword.stores.open import open_stores


async def get(app: FastAPI, path: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
        return await client.get(path)


def addresses_in(html: str) -> list[str]:
    return re.findall(r'(?:src|href|spec-url)="([^"]*)"', html)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_every_address_in_the_page_is_local_and_answers(path):
    app = FastAPI(title="<Shop> & co")
    assert serve_docs_offline(app, "/auth") is True
    page = await get(app, path)
    addresses = addresses_in(page.text)
    assert page.status_code == 200
    assert len(addresses) >= 3
    assert [address for address in addresses if not address.startswith("/")] == []
    assert [(await get(app, address)).status_code for address in addresses] == [200] * len(addresses)
    assert "<title>&lt;Shop&gt; &amp; co" in page.text
    assert "://" not in page.text


async def test_assets_are_cached_for_long_and_never_sniffed():
    app = FastAPI()
    serve_docs_offline(app, "/auth")
    for address in addresses_in((await get(app, "/docs")).text):
        answer = await get(app, address)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert re.search(r"\?v=[0-9a-f]{16}$", address)


async def test_no_script_is_inline_and_the_policy_forbids_it():
    app = FastAPI(servers=[{"url": "https://api.example.test/v1"}, {"url": "/here"}])
    serve_docs_offline(app, "/auth")
    page = await get(app, "/docs")
    policy = page.headers["content-security-policy"].split("; ")
    assert "script-src 'self'" in policy
    assert "connect-src 'self' https://api.example.test" in policy
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", page.text) == []


async def test_settings_of_the_application_stay_and_cannot_end_the_script():
    app = FastAPI(
        swagger_ui_init_oauth={"clientId": "</script><b>"}, swagger_ui_parameters={"defaultModelsExpandDepth": -1}
    )
    serve_docs_offline(app, "/auth")
    text = (await get(app, "/docs")).text
    assert '"clientId": "\\u003c/script\\u003e\\u003cb\\u003e"' in text
    assert '"defaultModelsExpandDepth": -1' in text
    assert '"validatorUrl": null' in text
    assert "persistAuthorization" not in text


async def test_a_mounted_application_finds_its_assets_under_its_root_path():
    inner, outer = FastAPI(), FastAPI()
    serve_docs_offline(inner, "/auth")
    outer.mount("/shop", inner)
    addresses = addresses_in((await get(outer, "/shop/docs")).text)
    assert [(await get(outer, address)).status_code for address in addresses] == [200] * len(addresses)


@pytest.mark.parametrize(("environment", "status"), [("development", 200), ("production", 401)])
async def test_default_deny_leaves_the_page_open_in_development_alone(environment, status):
    safe = {"issuer": "https://shop.example", "database_url": "sqlite:///unused.db", "passwords": PasswordConfig()}
    config = replace(CONFIG, environment=environment, limits=LimitConfig(), **safe)
    app, auth = FastAPI(), Auth(config, stores=open_stores("memory://"))
    auth.install(app, default="deny")
    assert [(await get(app, path)).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [status] * 3
    assert (await get(app, "/auth/static/docs/swagger-ui.css")).status_code == 200
    await auth.close()


@pytest.mark.parametrize("name", ["nothing.js", "..%2fcore.py", "%2e%2e/core.py", "core.py", "%00"])
async def test_only_the_named_assets_are_served(name):
    app = FastAPI()
    serve_docs_offline(app, "/auth")
    assert (await get(app, f"/auth/static/docs/{name}")).status_code == 404


@pytest.mark.parametrize("app", [FastAPI(openapi_url=None), FastAPI(docs_url=None, redoc_url=None)])
def test_an_application_without_documentation_stays_without(app):
    before = list(app.routes)
    assert serve_docs_offline(app, "/auth") is False
    assert list(app.routes) == before


def test_without_the_package_nothing_changes(monkeypatch):
    def find_nothing(name: str):
        return None if name == "fastapi_offline" else util.find_spec(name)

    monkeypatch.setattr(docs_page, "find_spec", find_nothing)
    app = FastAPI()
    before = list(app.routes)
    assert serve_docs_offline(app, "/auth") is False
    assert list(app.routes) == before


async def test_a_docs_route_of_the_application_itself_is_left_alone():
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.get("/docs")
    async def own() -> dict[str, str]:
        return {"docs": "own"}

    assert serve_docs_offline(app, "/auth") is False
    assert (await get(app, "/docs")).json() == {"docs": "own"}
