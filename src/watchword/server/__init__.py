"""The standalone server."""
