"""Formats of password hashes that other software wrote, by family. Each reader gives a check of one stored hash."""
