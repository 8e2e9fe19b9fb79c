"""Log lines: for people on a terminal, or JSON for machines. Set up once, by a command."""

import logging
import sys

import structlog

from trackway.config import Config
from trackway.errors import ConfigInvalid

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def set_up_logs(config: Config) -> None:
    """Send log lines to stderr in the form the settings ask for. Raises ConfigInvalid."""
    level = LEVELS.get(config.text("log_level"))
    if level is None or config.text("log_format") not in ("text", "json"):
        raise ConfigInvalid("log_level must be one of debug, info, warning, error; log_format text or json.")
    shown = (
        structlog.processors.JSONRenderer()
        if config.text("log_format") == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, format="%(message)s")
