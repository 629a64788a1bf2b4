"""OAuth rules."""
