"""Stores over SQLAlchemy Core: conditional updates make each verb atomic."""
