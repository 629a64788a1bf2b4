"""HTTP to use cases and back: guards, routes, errors, OpenAPI."""
