"""The errors of Trackway, and the one table from code to HTTP status.

TrackwayError
├── RequestRefused          a whole request cannot be taken; has a code of the contract
├── StorageUnavailable      what was sent cannot be kept now; the client must send it again
├── ConfigInvalid           a setting is wrong; the process does not start
├── DataFolderBusy          another server works on this data folder
└── NotFound, Invalid       the read and manage API's errors

Errors are raised deep and turned into an answer in one place (`web/answers.py`, `collect/app.py`, `__main__.py`).
"""

STATUS_BY_CODE = {
    "malformed_json": 400,
    "malformed_body": 400,
    "malformed_encoding": 400,
    "invalid_parameter": 400,
    "query_invalid": 400,
    "unknown_key": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "not_logged_in": 401,
    "login_failed": 401,
    "code_required": 401,
    "origin_not_allowed": 403,
    "scope_missing": 403,
    "address_not_allowed": 403,
    "csrf_missing": 403,
    "password_login_off": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "body_too_large": 413,
    "too_many_events": 413,
    "rate_limited": 429,
    "internal_error": 500,
    "sql_unavailable": 501,
    "storage_unavailable": 503,
    "query_stopped": 503,
}


class TrackwayError(Exception):
    """Something a person can act on; the message says how."""


class ConfigInvalid(TrackwayError):
    """A setting is wrong."""


class DataFolderBusy(TrackwayError):
    """Another server works on this data folder."""


class RequestRefused(TrackwayError):
    """A request as a whole cannot be taken.

    `code` is a key of STATUS_BY_CODE, `field` names the part at fault, `retry_after_s` is for 429 and 503.
    """

    def __init__(self, code: str, message: str, field: str | None = None, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.retry_after_s = retry_after_s

    @property
    def status(self) -> int:
        """The HTTP status of the code."""
        return STATUS_BY_CODE[self.code]

    def body(self) -> dict[str, dict[str, str | None]]:
        """The one shape of an error on the wire."""
        return {"error": {"code": self.code, "message": self.message, "field": self.field}}


class StorageUnavailable(RequestRefused):
    """What was sent cannot be kept now (disk full, spool unwritable, backlog over its limit)."""

    def __init__(self, message: str, retry_after_s: int = 5) -> None:
        super().__init__("storage_unavailable", message, retry_after_s=retry_after_s)
