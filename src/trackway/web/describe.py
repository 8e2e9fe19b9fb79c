"""The collect routes in OpenAPI terms: they are no part of the framework's routes, and so are described by hand."""

from collections.abc import Mapping
from typing import Any

from trackway.errors import STATUS_BY_CODE
from trackway.event import REASONS

EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["action"],
    "properties": {
        "id": {
            "type": "string",
            "format": "uuid",
            "description": "Sent again, it is stored, counted and shown once.",
        },
        "action": {"type": "string", "pattern": r"^[a-zA-Z0-9\.\-_]+$", "minLength": 1, "maxLength": 32},
        "label": {"type": ["string", "null"], "maxLength": 256},
        "time": {
            "description": "Epoch milliseconds, or ISO 8601 with a zone.",
            "type": ["integer", "string", "null"],
        },
        "uuid": {
            "type": "string",
            "format": "uuid",
            "description": "The customer. The envelope's holds when absent.",
        },
        "params": {"type": ["object", "null"], "additionalProperties": True},
        "seq": {"type": ["integer", "null"], "minimum": 0},
        "session": {"type": ["string", "null"], "format": "uuid"},
    },
}
ENVELOPE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["events"],
    "properties": {
        "key": {"type": "string", "description": "The site's tracker key; or as ?k=."},
        "sent": {"type": "integer", "description": "The client's clock when it sent this, epoch ms."},
        "uuid": {"type": "string", "format": "uuid"},
        "context": {"type": "object", "additionalProperties": True},
        "source": {"enum": ["web", "mobile"]},
        "dropped": {"type": "integer", "minimum": 0, "description": "Events given up since the last report."},
        "events": {"type": "array", "items": EVENT_SCHEMA},
    },
}
ANSWER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["accepted", "rejected", "now"],
    "properties": {
        "accepted": {"type": "integer"},
        "rejected": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "id", "code", "message", "field"],
                "properties": {
                    "index": {"type": "integer"},
                    "id": {"type": ["string", "null"]},
                    "code": {"enum": list(REASONS)},
                    "message": {"type": "string"},
                    "field": {"type": ["string", "null"]},
                },
            },
        },
        "now": {"type": "integer"},
    },
}
ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "field"],
            "properties": {
                "code": {"enum": sorted(STATUS_BY_CODE)},
                "message": {"type": "string"},
                "field": {"type": ["string", "null"]},
            },
        }
    },
}
OPEN_PATHS = frozenset(
    {
        "/api/v1/login",
        "/api/v1/login/ways",
        "/api/v1/login/oidc",
        "/api/v1/login/oidc/callback",
        "/api/v1/invitations/look",
        "/api/v1/invitations/accept",
        "/health/live",
        "/health/ready",
        "/metrics",
    }
)
EXAMPLE: dict[str, Any] = {
    "key": "the site's tracker key",
    "uuid": "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081",
    "events": [
        {
            "id": "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7090",
            "action": "product.view",
            "label": "Viewed Hand grinder",
            "params": {"sku": "hand-grinder", "price": 95},
        }
    ],
}
COLLECT_STATUSES = {
    "400": "The body cannot be read.",
    "401": "The key is not known.",
    "403": "The origin or the key's scope does not allow it.",
    "405": "Send with POST.",
    "413": "The body or the number of events is over the limit.",
    "429": "Too many requests; Retry-After says when.",
    "503": "It could not be kept; Retry-After says when to send it again.",
}


def with_collect_routes(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A description with `POST /e` and `POST /api/v1/events` added, and the shape of every error."""
    paths = {path: dict(item) for path, item in schema["paths"].items()}
    for path, item in paths.items():
        for operation in item.values():
            if isinstance(operation, dict):
                if path in OPEN_PATHS:
                    operation["security"] = []
                operation["responses"] = dict(operation["responses"]) | {  # pyright: ignore
                    "400": error("A parameter or the body is not what it must be."),
                    "4XX": error("Refused."),
                }
    paths["/e"] = {"post": collect_operation("public", "Collect from browsers and apps (1 MiB, 1,000 events)", ["*/*"])}
    paths["/api/v1/events"] = {
        "post": collect_operation(
            "server",
            "Collect from servers (10 MiB, 10,000 events)",
            ["application/json", "application/x-ndjson"],
        )
    }
    return {**schema, "paths": dict(sorted(paths.items()))}


def collect_operation(name: str, summary: str, media_types: list[str]) -> dict[str, Any]:
    """One of the two collect routes."""
    body: dict[str, Any] = {"oneOf": [ENVELOPE_SCHEMA, {"type": "array", "items": EVENT_SCHEMA}, EVENT_SCHEMA]}
    parameters = [{"name": "k", "in": "query", "schema": {"type": "string"}, "description": "The tracker key."}]
    return {
        "operationId": f"collect_{name}",
        "tags": ["collect"],
        "summary": summary,
        "description": "200 means on disk: it is answered after every accepted event has been synced. One bad event "
        "never takes the others down. Content-Encoding: gzip is understood; limits hold on the unpacked size.",
        "security": [] if name == "public" else [{"key": []}],
        "parameters": parameters if name == "public" else [],
        "requestBody": {
            "required": True,
            "content": {media_type: {"schema": body, "example": EXAMPLE} for media_type in media_types},
        },
        "responses": {"200": answer("Kept.", ANSWER_SCHEMA)}
        | {status: error(text) for status, text in COLLECT_STATUSES.items()},
    }


def error(text: str) -> dict[str, Any]:
    """An answer in the one shape of an error."""
    return answer(text, ERROR_SCHEMA)


def answer(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    """An answer of JSON."""
    return {"description": text, "content": {"application/json": {"schema": schema}}}
