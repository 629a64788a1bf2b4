"""Authentication and authorization for FastAPI."""
