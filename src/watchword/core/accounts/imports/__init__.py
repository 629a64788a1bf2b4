"""Reading accounts that other software exported: one module per format, and the table of them in `formats`."""
