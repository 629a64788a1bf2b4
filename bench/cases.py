"""Every row: what is measured against what, and what it must reach. How it is measured is elsewhere."""

from bench.case import (
    WATCHWORD,
    WATCHWORD_AGAIN,
    WATCHWORD_MANY,
    WATCHWORD_RS256,
    Case,
    Side,
    against_node_case,
    import_case,
    probe_case,
    share_case,
    tutorial_case,
)
from bench.fleet import Program

ROUTES = (
    share_case("requires", "`requires(scopes=...)`, ES256, 10,000 tokens : bare", WATCHWORD, "protected", 0.90, 0.96),
    share_case("item", "the same on a route that takes a path and a query parameter : bare", WATCHWORD, "item"),
    share_case("principal", "`CurrentPrincipal` : bare", WATCHWORD, "principal", 0.85, 0.92),
    share_case("user", "`CurrentUser`, SQLite : bare", WATCHWORD, "user", 0.75, 0.88),
    tutorial_case("HS256"),
    tutorial_case("RS256"),
    tutorial_case("ES256"),
    share_case("tutorial_jose", "docs tutorial, python-jose HS256", Program("tutorial_jose"), "protected"),
    share_case("authx", "AuthX, HS256", Program("authx_peer"), "protected"),
    share_case("fastapi_users", "fastapi-users, JWT, user from SQLite", Program("fastapi_users_peer"), "protected"),
    share_case("crudauth", "crudauth, bearer, user from SQLite", Program("crudauth_peer"), "protected"),
    share_case("kernia", "Kernia, session cookie, in memory", Program("kernia_peer"), "protected"),
    share_case("starlette", "bare Starlette", Program("bare_starlette"), "unprotected"),
)
PROTOCOL = (
    against_node_case(
        "token_es256", "client credentials, ES256 : node-oidc-provider", WATCHWORD, "token", "token_es256", 1.3, 1.8
    ),
    against_node_case(
        "token_rs256",
        "client credentials, RS256 : node-oidc-provider",
        WATCHWORD_RS256,
        "token",
        "token_rs256",
        1.3,
        1.8,
    ),
    against_node_case("me", "`GET /auth/me` : userinfo of node-oidc-provider", WATCHWORD, "me", "userinfo", 1.0, 1.3),
    against_node_case(
        "introspect", "introspection : node-oidc-provider", WATCHWORD, "introspect", "introspect", 0.9, 1.2
    ),
    against_node_case(
        "better_auth",
        "better-auth `get-session` : userinfo of node-oidc-provider",
        Program("better-auth"),
        "session",
        "userinfo",
    ),
)
WORK = (
    Case(
        name="first_sight",
        title="first sight of a token, ES256 : raw signature check (time)",
        subject=Side(alone="first_sight"),
        kind="in_turns",
        target=1.6,
        beyond=1.2,
        lower_is_better=True,
    ),
    Case(
        name="refresh",
        title="refresh, durable SQLite : the store alone, one committed update after the other",
        subject=Side(program=WATCHWORD, load="refresh"),
        base=Side(alone="rotations"),
        target=0.8,
        beyond=0.9,
    ),
    Case(
        name="refresh_together",
        title="refresh, durable SQLite : the store alone, 32 updates at once that share commits",
        subject=Side(program=WATCHWORD_AGAIN, load="refresh"),
        base=Side(alone="rotations_together"),
    ),
    Case(
        name="login",
        title="password login : argon2-cffi alone",
        subject=Side(program=WATCHWORD, load="login"),
        base=Side(alone="hashes"),
        longer=5,
        target=0.95,
        beyond=0.98,
    ),
    probe_case("probe", "Watchword", WATCHWORD, 5, 2),
    probe_case("probe_fastapi_users", "fastapi-users", Program("fastapi_users_peer")),
    probe_case("probe_tutorial", "docs tutorial, `async def`", Program("tutorial_pyjwt")),
    probe_case("probe_tutorial_def", "docs tutorial, `def`", Program("tutorial_pyjwt", (("BENCH_LOGIN", "def"),))),
)
SIZE = (
    Case(
        name="idle_memory",
        title="memory of an idle server",
        subject=Side(program=WATCHWORD),
        kind="idle_memory",
        unit="MB",
        target=90,
        beyond=70,
        lower_is_better=True,
        once=True,
    ),
    Case(
        name="cached_memory",
        title="more for 100,000 live cached tokens",
        subject=Side(program=WATCHWORD_MANY, load="protected"),
        kind="cached_memory",
        unit="MB",
        target=100,
        beyond=60,
        lower_is_better=True,
        once=True,
    ),
    Case(
        name="flood_memory",
        title="256 logins at once under 1 GiB: peak memory",
        subject=Side(program=WATCHWORD, load="login"),
        kind="flood_memory",
        unit="MB",
        target=1073,
        lower_is_better=True,
        once=True,
    ),
    Case(
        name="flood_refusal",
        title="256 logins at once: the slowest refusal",
        subject=Side(program=WATCHWORD, load="login"),
        kind="flood_refusal",
        unit="ms",
        target=1000,
        lower_is_better=True,
        once=True,
    ),
    import_case("import", "import watchword", 150, 60),
    import_case("import_names", "from watchword import Auth, CurrentUser, requires"),
)
CASES = (*ROUTES, *PROTOCOL, *WORK, *SIZE)
