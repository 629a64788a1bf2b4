"""Settings from `WATCHWORD_*`, `.env` and `watchword.toml`: the only place that reads the environment."""

from watchword.settings.fields import Settings

__all__ = ["Settings"]
