"""Collect: the bytes of a request → events with verdicts → one synced record → 200. The hot path."""
