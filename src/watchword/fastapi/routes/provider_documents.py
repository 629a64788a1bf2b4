"""What the endpoints of the provider say about themselves in OpenAPI."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from watchword.fastapi.routes.documented import Responses, form_body, oauth_errors

_TEXT: Final = {"type": "string"}


class DeviceAnswer(BaseModel):
    """The answer to a device (RFC 8628 section 3.2)."""

    device_code: str = Field(description="What the device asks the token endpoint with")
    user_code: str = Field(description="What the person enters, as XXXX-XXXX")
    verification_uri: str = Field(description="Where they enter it")
    verification_uri_complete: str = Field(description="The same with the code filled in")
    expires_in: int = Field(description="Seconds for which both codes work")
    interval: int = Field(description="Seconds to wait between two questions")


class UserInfoAnswer(BaseModel):
    """Claims about a person (OpenID Connect Core section 5.3.2); which ones, the scopes say."""

    model_config = ConfigDict(extra="allow")

    sub: str = Field(description="The subject, as in the ID token")


class ClientDocument(BaseModel):
    """Metadata of a client (RFC 7591 section 2, OpenID Connect Dynamic Client Registration section 2)."""

    model_config = ConfigDict(extra="allow")

    redirect_uris: list[str] = Field(default_factory=list, description="Exact redirect URIs")
    client_name: str = Field("", description="What people call it")
    grant_types: list[str] = Field(default_factory=list, description="The grants it will use")
    response_types: list[str] = Field(default_factory=list, description="The response types it will use")
    token_endpoint_auth_method: str = Field("client_secret_basic", description="How it proves who it is")
    scope: str = Field("", description="Names of scopes, separated by spaces")


class RegisteredClient(ClientDocument):
    """A client as it is registered (RFC 7591 section 3.2.1)."""

    client_id: str = Field(description="Its id")
    client_secret: str | None = Field(None, description="Its secret, shown this once")
    client_id_issued_at: int | None = Field(None, description="When it was registered, in seconds since 1970")
    client_secret_expires_at: int | None = Field(None, description="0: never")
    registration_access_token: str | None = Field(None, description="What manages this registration (RFC 7592)")
    registration_client_uri: str | None = Field(None, description="Where")


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """Return the `openapi_extra` of an operation that takes a JSON document."""
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


DEVICE_FORM: Final = form_body(["client_id"], scope=_TEXT, resource={"type": "array", "items": _TEXT})
DEVICE_RESPONSES: Final[Responses] = {
    200: {"description": "Codes (RFC 8628 section 3.2)", "model": DeviceAnswer},
    **oauth_errors(400, 401, 413, 429, 503),
}
USERINFO_RESPONSES: Final[Responses] = {
    200: {
        "description": "The claims, as JSON, or as a signed JWT where the client registered for it",
        "model": UserInfoAnswer,
        "content": {"application/jwt": {"schema": _TEXT}},
    },
    **oauth_errors(400, 401, 403, 413, 503),
}
REGISTER_BODY: Final = json_body(ClientDocument)
REGISTER_RESPONSES: Final[Responses] = {
    201: {"description": "Registered (RFC 7591 section 3.2.1)", "model": RegisteredClient},
    **oauth_errors(400, 401, 413, 429, 503),
}
REGISTRATION_RESPONSES: Final[Responses] = {
    200: {"description": "The registration (RFC 7592 section 3)", "model": RegisteredClient},
    **oauth_errors(400, 401, 413, 429, 503),
}
