"""Account rules."""
