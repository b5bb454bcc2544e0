"""Alembic migrations: one purpose each, expand or contract, one head at any time."""
