"""The demo: a small real shop, and simulated visitors who use it.

Nothing here is needed to track anything; no other part of Trackway may import it except the `demo` command.
"""
