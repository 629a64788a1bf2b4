"""Hypothesis for these tests: no deadline per example, since the machine that runs them may be busy."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
