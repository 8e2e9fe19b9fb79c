"""Watching: what a site's alerts look at is asked of the store, judged, kept as incidents, and told by messages."""
