"""The benchmark: what it costs to protect a FastAPI application, measured against the programs people use for it."""
