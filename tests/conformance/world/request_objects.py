"""Request objects of applications (OpenID Connect Core section 6)."""

import json
from base64 import urlsafe_b64encode

from joserfc.jwt import encode as encode_jwt


def unsigned(parameters):
    """Return a request object without a signature."""
    return f"{_part({'alg': 'none'})}.{_part(parameters)}."


def signed(parameters, key, *, audience):
    """Return a request object that is signed with a key of the application."""
    claims = {**parameters, "iss": parameters["client_id"], "aud": audience}
    return encode_jwt({"alg": "RS256", "kid": key.kid}, claims, key, algorithms=["RS256"])


def _part(document):
    return urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
