"""The command line: `trackway …`, also `python -m trackway`. Joins the commands and turns errors into one clear line.

Exit codes: 0 done, 1 failed with one line on stderr, 2 wrong usage.
"""

import sys
from collections.abc import Sequence

from trackway.commands import place
from trackway.commands.app import command_line
from trackway.commands.plain import plain
from trackway.errors import RequestRefused, TrackwayError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        place.data, rest = place.take_data(given)
        command_line(rest[0] if rest else "")(rest, prog_name="trackway")
    except place.DataMissing as error:
        fail(str(error), 2)
    except RequestRefused as error:
        fail(error.message, 1)
    except TrackwayError as error:
        fail(str(error), 1)
    except KeyboardInterrupt:
        sys.exit(130)


def fail(message: str, code: int) -> None:
    """Say what is wrong on stderr and exit."""
    sys.stderr.write(f"trackway: {plain(message)}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
