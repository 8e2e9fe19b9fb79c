"""`trackway quarantine …`: refused events, listed and replayed. Asks the running server; without one, the folder.

A replay asked for without a server is carried out when the next one starts.
"""

from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
import typer

from trackway.books import Ledger, Limits, QuarantineFilter
from trackway.commands import place
from trackway.commands.ask import ask
from trackway.commands.plain import plain
from trackway.commands.site import Json, as_text
from trackway.control.directory import now_ms
from trackway.control.sites import find_site
from trackway.event import UUID_TEXT
from trackway.folder import BOOKS_NAME, Address, is_held, read_address

quarantine = typer.Typer(no_args_is_help=True, help="Refused events: list, replay.")
SiteOption = Annotated[str, typer.Option(help="The site.")]
CodeOption = Annotated[str | None, typer.Option(help="Only this reason.")]
ActionOption = Annotated[str | None, typer.Option(help="Exactly this action.")]
UuidOption = Annotated[str | None, typer.Option(help="Exactly this uuid.")]
WordsOption = Annotated[str | None, typer.Option("--words", help="Part of the event, its message or origin.")]
LimitOption = Annotated[int, typer.Option(help="Most events listed.", min=1, max=1_000)]
IdsArgument = Annotated[list[str] | None, typer.Argument(help="Ids of events; none: all that the options want.")]


@quarantine.command("list")
def list_kept(
    site: SiteOption,
    code: CodeOption = None,
    action: ActionOption = None,
    uuid: UuidOption = None,
    words: WordsOption = None,
    limit: LimitOption = 50,
    as_json: Json = False,
) -> None:
    """List refused events, newest first."""
    find_site(place.engine(), site)
    wanted = QuarantineFilter(site, code=code, action=action, uuid=lower(uuid), words=words, limit=limit)
    address = server()
    if address:
        query = {"code": code, "action": action, "uuid": uuid, "q": words, "limit": limit}
        given = urlencode({name: value for name, value in query.items() if value is not None})
        items: list[Any] = ask(address, f"/api/v1/sites/{site}/quarantine?{given}")["items"]
    else:
        books = open_books()
        items = msgspec.json.decode(msgspec.json.encode(books.quarantine(wanted)))
        books.close()
    if as_json:
        print(as_text({"items": items}))
        return
    for item in items:
        state = "replayed" if item["replayed"] else "waiting" if item["waiting"] else item["code"]
        print(f"{item['position']}\t{plain(str(item['id']))}\t{state}\t{item['action']!a}\t{plain(item['message'])}")


@quarantine.command()
def replay(
    site: SiteOption,
    ids: IdsArgument = None,
    code: CodeOption = None,
    action: ActionOption = None,
    uuid: UuidOption = None,
    words: WordsOption = None,
    as_json: Json = False,
) -> None:
    """Judge refused events again, by today's settings of the site."""
    find_site(place.engine(), site)
    address = server()
    if address:
        given = {"code": code, "action": action, "uuid": uuid, "q": words}
        body = {"ids": ids} if ids else {"filter": {name: value for name, value in given.items() if value is not None}}
        done = ask(address, f"/api/v1/sites/{site}/quarantine/replay", body)
    else:
        wanted = QuarantineFilter(
            site, code=code, action=action, uuid=lower(uuid), words=words, ids=tuple(ids) if ids else None
        )
        books = open_books()
        number = books.start_replay(wanted, now_ms())
        done = books.replays(site, number, 1)[0]
        books.close()
    if as_json:
        print(as_text(done))
        return
    print(
        f"replay {done['id']}: {done['matched']} events; {done['stored']} stored, {done['duplicates']} stored already, "
        f"{done['rejected']} refused again, {done['waiting']} waiting"
        + ("" if address or not done["waiting"] else " for the server to start")
    )


def server() -> Address | None:
    """The running server of this command's folder."""
    return read_address(place.data) if is_held(place.data) else None


def open_books() -> Ledger:
    """The books of a folder whose server does not run."""
    return Ledger(place.data / BOOKS_NAME, Limits())


def lower(uuid: str | None) -> str | None:
    """A uuid as it is kept. Raises typer.BadParameter for a text that is none."""
    if uuid is not None and not UUID_TEXT.match(uuid):
        raise typer.BadParameter(f"{uuid!r} is no UUID")
    return uuid.lower() if uuid else None
