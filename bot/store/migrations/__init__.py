"""Alembic's folder: one file a revision, each up and down, on both dialects."""
