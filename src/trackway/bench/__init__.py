"""Bench: Trackway's own load test. It measures a real server in another process, over HTTP, on this machine.

Figures of one run are compared with each other, above all with a bare "hello" of the same HTTP server; absolute
figures say as much about the machine as about Trackway.
"""
