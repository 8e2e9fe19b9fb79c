"""Insight: one file per question, its SQL beside it. Reads the store and nothing else."""
