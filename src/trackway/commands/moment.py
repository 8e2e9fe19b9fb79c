"""A moment as a person writes it on the command line."""

import re
from datetime import UTC, datetime

import typer

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MS_MAX = 2**53
NUMBER = re.compile(r"-?[0-9]{1,20}")


def moment(text: str | None, option: str) -> int | None:
    """A moment in epoch ms. Raises typer.BadParameter."""
    if text is None or NUMBER.fullmatch(text):
        return within(int(text), option) if text else None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is no moment; write 2026-11-23T10:00:00Z or epoch ms", param_hint=option
        ) from error
    if found.tzinfo is None and DAY.fullmatch(text):
        found = found.replace(tzinfo=UTC)
    if found.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no zone; write 2026-11-23T10:00:00Z", param_hint=option)
    return within(int(found.timestamp() * 1000), option)


def within(ms: int, option: str) -> int:
    """A moment that can be asked for. Raises typer.BadParameter."""
    if abs(ms) > MS_MAX:
        raise typer.BadParameter(f"{ms} is too far away; write epoch milliseconds", param_hint=option)
    return ms
