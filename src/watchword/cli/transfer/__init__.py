"""Files of accounts, in and out: reading them row by row, writing them for their owner alone."""
