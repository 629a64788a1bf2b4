"""Pages of one server: templates with everything escaped, in the language of the browser, with strict headers."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from watchword.config import AuthConfig
from watchword.fastapi.cookies import Cookies
from watchword.fastapi.pages.assets import Asset, load_assets
from watchword.fastapi.pages.messages import Languages, Texts
from watchword.fastapi.pages.policy import page_headers


class Pages:
    """Everything that the pages of one server are made of.

    Args:
        config: names the looks, the prefix and whether the address is https.

    Raises:
        OSError: a directory or file of one's own cannot be read.
    """

    def __init__(self, config: AuthConfig) -> None:
        folder = Path(config.pages.templates) if config.pages.templates else None
        own = [FileSystemLoader(folder)] if folder else []
        self.config = config
        self.cookies = Cookies(secure=config.issuer.lower().startswith("https:"))
        self.languages = Languages(folder / "messages" if folder else None, default=config.pages.language)
        self.assets = load_assets(config.pages)
        self.served: Mapping[str, Asset] = {asset.name: asset for asset in self.assets.values()}
        self._environment = Environment(
            loader=ChoiceLoader([*own, PackageLoader("watchword.fastapi.pages")]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def texts(self, request: Request, wanted: Sequence[str] = ()) -> Texts:
        """Return the texts for this browser; `wanted` are the `ui_locales` of the request."""
        return self.languages.choose(wanted, request.headers.get("accept-language", ""))

    def path(self, request: Request, name: str) -> str:
        """Return the path of one of our routes as this browser must ask for it."""
        root: str = request.scope.get("root_path", "")
        return f"{root.rstrip('/')}{self.config.prefix}/{name}"

    def show(
        self,
        request: Request,
        template: str,
        texts: Texts,
        values: Mapping[str, object],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """Return a page made of a template. Values are escaped wherever they stand."""
        looks = self.config.pages
        html = self._environment.get_template(template).render(
            t=texts,
            lang=texts.language,
            product=looks.product,
            logo=looks.logo,
            path=lambda name: self.path(request, name),
            asset=lambda name: self.path(request, f"static/{self.assets[name].name}"),
            **values,
        )
        return HTMLResponse(html, status_code=status, headers=dict(headers or page_headers()))
