"""Numbered SQL files; `books/migrate.py` runs them."""
