"""One file per group of endpoints; each translates and decides nothing."""
