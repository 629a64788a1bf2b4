"""Stores in memory, for tests: a lock makes each verb atomic."""
