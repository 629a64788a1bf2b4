"""The standalone server as an ASGI application."""

from fastapi import FastAPI

from watchword.fastapi.auth import Auth
from watchword.server.body_limit import BodyLimit
from watchword.server.health import add_health
from watchword.server.security_headers import SecurityHeaders
from watchword.settings import Settings
from watchword.version import __version__


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the server's application; without settings, with those of this process.

    Raises:
        ConfigError: a setting is refused.
    """
    settings = settings or Settings.load()
    config = settings.to_config()
    app = FastAPI(
        title="Watchword",
        version=__version__,
        debug=settings.debug,
        openapi_url="/openapi.json" if settings.show_docs else None,
        redoc_url=None,
        redirect_slashes=False,  # such a redirect would take scheme and host from the request
    )
    auth = Auth(config)
    auth.install(app, provider=True)
    add_health(app, auth)
    app.add_middleware(BodyLimit, limit=config.body_limit)
    app.add_middleware(SecurityHeaders, https=config.issuer.startswith("https:"))
    return app
