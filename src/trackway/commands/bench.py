"""placeholder"""


def bench() -> None:
    """Load test."""
