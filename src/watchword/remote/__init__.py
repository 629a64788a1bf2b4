"""Resource-server mode: tokens of another issuer."""
