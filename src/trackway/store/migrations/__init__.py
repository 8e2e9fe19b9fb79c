"""Numbered SQL files; `store/migrate.py` runs them."""
