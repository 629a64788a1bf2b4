"""The modules of the OpenID Foundation's plans for a provider, as they were named to us, and the test of each.

A name is that of the module; in a plan of its own the suite puts `oidcc-` before it. Where one test stands for several
modules, the part in brackets is the id of its parameter.
"""

NAMED = {
    "Config": "discovery-endpoint-verification",
    "Basic": """
        server response-type-missing idtoken-signature idtoken-unsigned userinfo-get userinfo-post-header
        userinfo-post-body ensure-request-without-nonce-succeeds-for-code-flow scope-profile scope-email scope-address
        scope-phone scope-all alternate-happy-flow display-page display-popup prompt-login prompt-none-not-logged-in
        prompt-none-logged-in max-age-1 max-age-10000 ensure-request-with-unknown-parameter-succeeds id-token-hint
        login-hint ui-locales claims-locales ensure-request-with-acr-values-succeeds codereuse codereuse-30seconds
        ensure-registered-redirect-uri ensure-post-request-succeeds server-client-secret-post
        request-uri-unsigned-supported-correctly-or-rejected-as-unsupported
        unsigned-request-object-supported-correctly-or-rejected-as-unsupported claims-essential
        ensure-request-object-with-redirect-uri refresh-token ensure-request-with-valid-pkce-succeeds
    """,
    "Dynamic": """
        idtoken-rs256 idtoken-unsigned userinfo-rs256 ensure-redirect-uri-in-authorization-request
        redirect-uri-query-ok redirect-uri-query-mismatch redirect-uri-query-added redirect-uri-regfrag
        registration-logo-uri registration-policy-uri registration-tos-uri registration-jwks-uri registration-sector-uri
        registration-sector-bad server-rotate-keys refresh-token-rp-key-rotation request-uri-unsigned
        request-uri-signed-rs256 ensure-request-object-with-redirect-uri refresh-token
        ensure-client-assertion-with-iss-aud-succeeds server discovery-endpoint-verification
    """,
    "Third-party-initiated login": "3rd-party-init-login 3rd-party-init-login-nohttps",
    "RP-initiated logout": """
        rp-initiated-logout-discovery-endpoint-verification rp-initiated-logout
        rp-initiated-logout-bad-post-logout-redirect-uri rp-initiated-logout-no-post-logout-redirect-uri
        rp-initiated-logout-query-added-to-post-logout-redirect-uri rp-initiated-logout-no-id-token-hint
        rp-initiated-logout-modified-id-token-hint rp-initiated-logout-bad-id-token-hint rp-initiated-logout-no-params
        rp-initiated-logout-no-state rp-initiated-logout-only-state
    """,
    "Back-channel logout": """
        backchannel-rp-initiated-logout-discovery-endpoint-verification backchannel-rp-initiated-logout
    """,
    "Front-channel logout": """
        frontchannel-rp-initiated-logout-discovery-endpoint-verification frontchannel-rp-initiated-logout
    """,
    "Session management": """
        session-management-discovery-endpoint-verification session-management-rp-initiated-logout
    """,
}
SIZES = {
    "Config": 1,
    "Basic": 38,
    "Dynamic": 23,
    "Third-party-initiated login": 2,
    "RP-initiated logout": 11,
    "Back-channel logout": 2,
    "Front-channel logout": 2,
    "Session management": 2,
}
"""How many modules each plan was said to have."""
FILES = {
    "Config": "test_config.py",
    "Basic": "test_basic.py",
    "Dynamic": "test_dynamic.py",
    "Third-party-initiated login": "test_third_party_login.py",
    "RP-initiated logout": "test_rp_initiated_logout.py",
    "Back-channel logout": "test_back_channel_logout.py",
    "Front-channel logout": "test_front_channel_logout.py",
    "Session management": "test_session_management.py",
}
TOGETHER = {
    "scope-": "test_oidcc_scope",
    "display-": "test_oidcc_display",
    "codereuse": "test_oidcc_codereuse",
}
"""Modules that differ in a parameter have one test, whose parameter has the id of the module."""


def plans():
    """Return the names of the modules of each plan."""
    return {plan: names.split() for plan, names in NAMED.items()}


def name_of(plan, module):
    """Return the test of a module as pytest names it, without the response mode: `file::test[id]`."""
    shared = next((test for start, test in TOGETHER.items() if plan == "Basic" and module.startswith(start)), None)
    if shared:
        return f"{FILES[plan]}::{shared}[{module}]"
    return f"{FILES[plan]}::test_oidcc_{module.replace('-', '_')}"
