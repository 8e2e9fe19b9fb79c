"""A site's plan on a server elsewhere, through its API with a key: where `trackway plan --url` pulls and pushes."""

from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import msgspec
import typer

from trackway.commands.ask import ServerSays
from trackway.control.plans import PlanChange
from trackway.plan import Plan, plan_text

TIMEOUT_S = 60


class PlanServer:
    """One site of a server elsewhere. Every method asks the server, and raises ServerSays where it refuses."""

    def __init__(self, url: str, key: str | None, site: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise typer.BadParameter(f"--url takes the server's address, such as https://events.example, not {url!r}")
        if not key:
            raise typer.BadParameter("--url needs an API key: give --key, or --key - and the key on standard input")
        self._plan = f"{url.rstrip('/')}/api/v1/sites/{quote(site, safe='')}/plan"
        self._headers = {"authorization": f"Bearer {key}"}

    def pull(self, as_json: bool) -> str:
        """The plan as text."""
        return str(self._ask("GET", {"as": "json" if as_json else "yaml"}).json()["text"])

    def push(self, plan: Plan, prune: bool) -> PlanChange:
        """Have the site become what a plan says, all of it or nothing; what that changed."""
        body = {"text": plan_text(plan), "prune": prune}
        return msgspec.json.decode(self._ask("PUT", body=body).content, type=PlanChange)

    def _ask(self, method: str, query: dict[str, str] | None = None, body: Any = None) -> httpx.Response:
        try:
            answer = httpx.request(
                method, self._plan, json=body, params=query, headers=self._headers, timeout=TIMEOUT_S
            )
        except httpx.HTTPError as error:
            raise ServerSays(f"The server at {self._plan} does not answer ({error}).") from error
        if answer.is_success:
            return answer
        try:
            message = str(answer.json()["error"]["message"])
        except (ValueError, LookupError, TypeError):
            message = (
                f"{self._plan} answers {answer.status_code}, and not as a Trackway server does; is the address right?"
            )
        raise ServerSays(message)
