"""Adapters of the ports: the same file names in each database."""
