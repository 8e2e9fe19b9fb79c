"""Errors → answers, in one place: the one shape of the contract, whatever went wrong."""

from typing import Any

import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import (
    HTTPException,
    NotAuthorizedException,
    SerializationException,
    ValidationException,
)
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from trackway.errors import RequestRefused

CODE_BY_STATUS = {
    400: "invalid_parameter",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
}

# Query parameters whose names mean something else in Python or in the handler, by the handlers' arguments.
ARGUMENTS = {"since": "from", "until": "to", "words": "q", "file_format": "format", "written": "as"}
SENTENCES = {
    404: "There is no such path; GET /api/v1/openapi.json lists those there are.",
    405: "This path is not asked in this way; the header Allow says how.",
}
"""What a person can do about an answer that the framework has only a word for."""

log = structlog.get_logger()


def answer_refused(_: Request[Any, Any, Any], refused: RequestRefused) -> Response[Any]:
    """One of our own refusals."""
    headers = {} if refused.retry_after_s is None else {"retry-after": str(refused.retry_after_s)}
    return Response(refused.body(), status_code=refused.status, headers=headers, media_type=MediaType.JSON)


def answer_http(_: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework found wrong with a request: a path, a method, a parameter, a body."""
    if isinstance(error, NotAuthorizedException):
        return answer_refused(_, RequestRefused("not_logged_in", "Log in first."))
    code = CODE_BY_STATUS.get(error.status_code, "internal_error")
    message, field = SENTENCES.get(error.status_code, error.detail), None
    if isinstance(error.__cause__, SerializationException):
        message = f"The body is not valid JSON: {error.detail}."
    if isinstance(error, ValidationException) and isinstance(error.extra, list) and error.extra:
        first: Any = error.extra[0]  # pyright: ignore[reportUnknownVariableType]
        message, field = str(first.get("message", error.detail)), ARGUMENTS.get(first.get("key"), first.get("key"))
    return Response(
        {"error": {"code": code, "message": message, "field": field}},
        status_code=error.status_code,
        headers=error.headers,
        media_type=MediaType.JSON,
    )


def answer_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Our own fault: told to the operator's log, not to the asker."""
    log.exception("a request failed", path=request.url.path, exc_info=error)
    body = {
        "error": {
            "code": "internal_error",
            "message": "Something went wrong here; the server's log says what.",
            "field": None,
        }
    }
    return Response(body, status_code=HTTP_500_INTERNAL_SERVER_ERROR, media_type=MediaType.JSON)
