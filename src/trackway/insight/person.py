"""Whose event is it? The one expression, over columns of `events`, that every question counts customers by."""

CUSTOMER = "uuid"
"""ClickHouse SQL. Questions put it in wherever they tell customers apart."""
