"""One router with every route of ours: the protocol, accounts, administration, the well-known documents."""

from fastapi import APIRouter
from pydantic import BaseModel

from watchword.config import AuthConfig


def build_router(config: AuthConfig, profile_model: type[BaseModel] | None) -> APIRouter:  # noqa: ARG001
    """Return the routes under `config.prefix`, and the well-known documents at the root.

    Args:
        config: names the prefix, the issuer and the limits.
        profile_model: the application's own profile fields, shown in the schema; None to accept none.
    """
    return APIRouter()
