"""The response types of the Hybrid and the Implicit plan, and the modules that the suite runs for each.

For `code token` the suite asks that a request without a nonce succeeds, which is the other half of one test here.
"""

HYBRID = ("code id_token", "code token", "code id_token token")
IMPLICIT = ("id_token", "id_token token")
TYPES = (*HYBRID, *IMPLICIT)
COMMON = """
    server response-type-missing idtoken-signature userinfo-get userinfo-post-header userinfo-post-body
    ensure-request-without-nonce-fails scope-profile scope-email scope-address scope-phone scope-all
    ensure-other-scope-order-succeeds display-page display-popup prompt-login prompt-none-not-logged-in
    prompt-none-logged-in max-age-1 max-age-10000 ensure-request-with-unknown-parameter-succeeds id-token-hint
    login-hint ui-locales claims-locales ensure-request-with-acr-values-succeeds ensure-registered-redirect-uri
    request-uri-unsigned-supported-correctly-or-rejected-as-unsupported
    unsigned-request-object-supported-correctly-or-rejected-as-unsupported claims-essential
    ensure-request-object-with-redirect-uri
"""
WITH_CODE = (
    "codereuse codereuse-30seconds server-client-secret-post refresh-token ensure-request-with-valid-pkce-succeeds"
)
"""Modules of the Hybrid plan alone, beside those in common."""


def expected():
    """Every module with every response type that it is for, as `(module, response type)`."""
    return {
        *((module, name) for module in COMMON.split() for name in TYPES),
        *((module, name) for module in WITH_CODE.split() for name in HYBRID),
    }
