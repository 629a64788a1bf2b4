"""Frozen records: identity, grants, sessions. Change makes a new one."""
