"""A site's plan on a server elsewhere, through its API with a key: where `trackway plan --url` pulls and pushes."""

from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import msgspec
import typer

from trackway.actions import BUILT_IN
from trackway.commands.ask import ServerSays
from trackway.definition import Definition
from trackway.rules import Rules, check_rules

TIMEOUT_S = 60
PAGE = 200
FIELDS = frozenset(Definition.__struct_fields__)


class PlanServer:
    """One site of a server elsewhere. Every method asks the server, and raises ServerSays where it refuses."""

    def __init__(self, url: str, key: str | None, site: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise typer.BadParameter(f"--url takes the server's address, such as https://events.example, not {url!r}")
        if not key:
            raise typer.BadParameter("--url needs an API key: give --key, or --key - and the key on standard input")
        self._site = f"{url.rstrip('/')}/api/v1/sites/{quote(site, safe='')}"
        self._headers = {"authorization": f"Bearer {key}"}

    def definitions(self) -> list[Definition]:
        """What is declared, by action."""
        found: list[Definition] = []
        cursor: str | None = None
        while True:
            query = {"declared": "true", "limit": str(PAGE)} | ({"cursor": cursor} if cursor else {})
            page = self._ask("GET", "/definitions", query=query)
            declared = [one for one in page["items"] if one["declared"]]
            found += [read_declared(one) for one in declared]
            cursor = page["next"]
            if cursor is None:
                return found

    def rules(self) -> Rules:
        """The site's rules."""
        told = self._ask("GET", "/rules")
        return check_rules(told["mode"], told["allow"], told["deny"])

    def declared_only(self) -> bool:
        """Whether it takes declared actions only."""
        return bool(self._ask("GET", "")["settings"]["declared_only"])

    def declare(self, one: Definition) -> None:
        """Declare one action."""
        body = {name: value for name, value in msgspec.to_builtins(one).items() if name != "action"}
        self._ask("PUT", f"/definitions/{quote(one.action, safe='')}", body)

    def undeclare(self, action: str) -> None:
        """Take a definition away."""
        self._ask("DELETE", f"/definitions/{quote(action, safe='')}")

    def put_rules(self, rules: Rules) -> None:
        """Give the site these rules."""
        self._ask("PUT", "/rules", msgspec.to_builtins(rules))

    def put_declared_only(self, only: bool) -> None:
        """Have it take declared actions only, or all."""
        self._ask("PATCH", "", {"settings": {"declared_only": only}})

    def _ask(self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None) -> Any:
        try:
            answer = httpx.request(
                method, self._site + path, json=body, params=query, headers=self._headers, timeout=TIMEOUT_S
            )
        except httpx.HTTPError as error:
            raise ServerSays(f"The server at {self._site} does not answer ({error}).") from error
        if answer.is_success:
            return answer.json() if answer.content else None
        try:
            message = str(answer.json()["error"]["message"])
        except (ValueError, LookupError, TypeError):
            message = (
                f"{self._site} answers {answer.status_code}, and not as a Trackway server does; is the address right?"
            )
        raise ServerSays(message)


def read_declared(told: dict[str, Any]) -> Definition:
    """A definition of the catalogue as it was declared: the label that a built-in action has by itself is left out."""
    one = Definition(**{name: told[name] for name in FIELDS})
    known = BUILT_IN.get(one.action)
    return msgspec.structs.replace(one, label="") if known is not None and known.label == one.label else one
