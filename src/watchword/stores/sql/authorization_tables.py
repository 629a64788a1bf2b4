"""The tables of clients and of what people authorize; `tables` has them too."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, UniqueConstraint, false

from watchword.core.models.authorizations import DeviceStatus
from watchword.stores.sql.columns import Digests, Document, Names, NameSet, Registered, Span, Time, Word
from watchword.stores.sql.table_names import metadata, word_of

clients = Table(
    "watchword_clients",
    metadata,
    Column("id", Word, primary_key=True),
    Column("name", Word, nullable=False),
    Column("secret_hashes", Digests, nullable=False),
    Column("grants", NameSet, nullable=False),
    Column("scopes", NameSet),
    Column("first_party", Boolean, nullable=False),
    Column("may_introspect", Boolean, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("disabled_at", Time),
    # The version before makes clients without these.
    Column("metadata", Registered, nullable=False, server_default="{}"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("dynamic", Boolean, nullable=False, server_default=false()),
    Column("registration_hash", LargeBinary),
    Column("secret_salts", Digests, nullable=False, server_default="[]"),
)

authorization_codes = Table(
    "watchword_authorization_codes",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("client_id", Word, nullable=False),
    Column("user_id", Word, nullable=False),
    Column("session_id", Word, nullable=False),
    Column("redirect_uri", Word, nullable=False),
    Column("scopes", NameSet, nullable=False),
    Column("auth_time", Time, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("browser_id", Word),
    Column("redirect_uri_given", Boolean, nullable=False),
    Column("resource", Names, nullable=False),
    Column("code_challenge", Word),
    Column("nonce", Word),
    Column("acr", Word),
    Column("amr", Names, nullable=False),
    Column("claims", Document, nullable=False),
    Column("cnf", Word),
    Column("redeemed_at", Time),
    Column("reused_at", Time),
    Index(None, "expires_at"),
)

device_grants = Table(
    "watchword_device_grants",
    metadata,
    Column("device_hash", LargeBinary, primary_key=True),
    Column("user_code_hash", LargeBinary, nullable=False),
    Column("client_id", Word, nullable=False),
    Column("scopes", NameSet, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("interval", Span, nullable=False),
    Column("resource", Names, nullable=False),
    Column("polled_at", Time),
    Column("status", word_of(DeviceStatus), nullable=False),
    Column("user_id", Word),
    Column("session_id", Word),
    Column("browser_id", Word),
    Column("auth_time", Time),
    Column("amr", Names, nullable=False),
    Column("acr", Word),
    UniqueConstraint("user_code_hash"),
    Index(None, "expires_at"),
)

consents = Table(
    "watchword_consents",
    metadata,
    Column("user_id", Word, primary_key=True),
    Column("client_id", Word, primary_key=True),
    Column("scopes", NameSet, nullable=False),
    Column("resources", NameSet, nullable=False),
    Column("claims", NameSet, nullable=False),
    Column("granted_at", Time, nullable=False),
)

resources = Table(
    "watchword_resources",
    metadata,
    Column("uri", Word, primary_key=True),
    Column("name", Word, nullable=False),
    Column("scopes", NameSet),
    Column("access_ttl", Span),
)

used_once = Table(
    "watchword_used_once",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("expires_at", Time, nullable=False),
    Index(None, "expires_at"),
)
