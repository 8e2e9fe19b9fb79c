"""People of a running server: made by invitation, logged in as their browser would be."""

import uuid
from collections.abc import Mapping
from typing import Any

import httpx

from tests.running import PASSWORD, Running
from trackway.control.audit import COMMAND_LINE
from trackway.control.database import open_database
from trackway.control.directory import now_ms
from trackway.control.invitations import invite_to_log_in


def invite(running: Running, role: str = "member", **body: Any) -> dict[str, Any]:
    """An invitation, made by the folder's owner."""
    with running.client() as owner:
        return owner.post("/api/v1/invitations", json={"role": role, **body}).raise_for_status().json()


def token_of(link: str) -> str:
    """What a link carries behind its number sign."""
    return link.partition("#")[2]


def add_user(running: Running, role: str = "member", sites: Mapping[str, str] | None = None, name: str = "") -> str:
    """The name of a new user, whose password is PASSWORD."""
    name = name or f"{role}-{uuid.uuid4().hex[:8]}@people.example"
    with running.client() as owner:
        wanted = {"role": "viewer" if role == "member" and not sites else role, "sites": dict(sites or {})}
        made = owner.post("/api/v1/invitations", json=wanted).raise_for_status().json()
        body = {"token": token_of(made["link"]), "name": name, "password": PASSWORD}
        owner.post("/api/v1/invitations/accept", json=body).raise_for_status()
        if wanted["role"] != role:
            owner.patch(f"/api/v1/users/{name}", json={"role": role}).raise_for_status()
    return name


def browser_of(running: Running, name: str, password: str = PASSWORD, code: str = "") -> httpx.Client:
    """A client with the login's cookie and CSRF token; the caller closes it."""
    client = httpx.Client(base_url=f"{running.url}/api/v1", timeout=30, verify=False)
    answer = client.post("/login", json={"name": name, "password": password, "code": code})
    if answer.is_error:
        client.close()
    client.headers["x-csrf-token"] = answer.raise_for_status().json()["csrf"]
    return client


def login_link(running: Running, name: str = "admin") -> str:
    """The token of a link that logs somebody in, as the command line makes it."""
    engine = open_database(running.data)
    token = invite_to_log_in(engine, COMMAND_LINE, name, now_ms()).token
    engine.dispose()
    return token
