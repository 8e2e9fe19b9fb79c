"""`trackway site …`: works on the data folder; a running server has the change within two seconds."""

from typing import Annotated, Any

import msgspec
import typer

from trackway.commands import place
from trackway.control.audit import COMMAND_LINE
from trackway.control.directory import now_ms
from trackway.control.sites import (
    OVERLAP_H_MAX,
    add_site,
    archive_site,
    change_site,
    check_name,
    check_origins,
    find_site,
    list_sites,
    merge_settings,
    restore_site,
    rotate_key,
)
from trackway.insight.verdict import clock
from trackway.site import Site
from trackway.site_settings import setting_rows
from trackway.web.sdk import snippet

sites = typer.Typer(no_args_is_help=True, help="Sites: add, list, show, set, rotate-key, archive, restore.")
Json = Annotated[bool, typer.Option("--json", help="As JSON, and nothing else on stdout.")]
Origin = Annotated[list[str] | None, typer.Option(help="Origin whose pages may send; may be given again.")]
Archived = Annotated[bool, typer.Option("--archived", help="The archived sites in place of those in use.")]
Overlap = Annotated[
    float, typer.Option(help="Hours the old key still works.", min=0, max=OVERLAP_H_MAX, metavar="HOURS")
]
Pairs = Annotated[list[str] | None, typer.Argument(help="name=value; lists as JSON.", metavar="NAME=VALUE")]
SiteId = Annotated[str, typer.Argument(help="The site's id.")]


@sites.command()
def add(name: Annotated[str, typer.Argument()], origin: Origin = None, as_json: Json = False) -> None:
    """Add a site; prints its id, tracker key and snippet."""
    show_site(add_site(place.engine(), COMMAND_LINE, name, origin or [], now_ms()), as_json)


@sites.command("list")
def list_all(archived: Archived = False, as_json: Json = False) -> None:
    """List the sites."""
    found = [site for site in list_sites(place.engine()) if (site.archived is not None) == archived]
    if as_json:
        print(as_text([shape(site) for site in found]))
        return
    for site in found:
        print(f"{site.id}\t{site.tracker_key}\t{' '.join(site.origins) or 'any origin'}")


@sites.command()
def show(site: SiteId, as_json: Json = False) -> None:
    """Show a site with its snippet."""
    show_site(find_site(place.engine(), site), as_json)


@sites.command("set")
def change(
    site: SiteId,
    pairs: Pairs = None,
    name: Annotated[str | None, typer.Option(help="Another name; the id stays.")] = None,
    origin: Origin = None,
    any_origin: Annotated[bool, typer.Option("--any-origin", help="Pages of every origin may send.")] = False,
    as_json: Json = False,
) -> None:
    """Change a site's settings, name or origins. Without any of them: list the settings with their values."""
    engine = place.engine()
    found = find_site(engine, site)
    if origin and any_origin:
        raise typer.BadParameter("give --origin or --any-origin, not both")
    if not (pairs or name or origin or any_origin):
        list_settings(found, as_json)
        return
    changed = msgspec.structs.replace(
        found,
        name=found.name if name is None else check_name(name),
        origins=check_origins(origin) if origin else () if any_origin else found.origins,
        settings=merge_settings(found.settings, dict(map(read_pair, pairs or ()))),
    )
    show_site(change_site(engine, COMMAND_LINE, changed, now_ms()), as_json)


def read_pair(pair: str) -> tuple[str, Any]:
    """`name=value`, the value as JSON where its setting is no text. Raises typer.BadParameter."""
    name, is_pair, text = pair.partition("=")
    if not is_pair:
        raise typer.BadParameter(f"{pair!r} is no setting; write name=value, such as session_timeout_s=900")
    kind = next((row.kind for row in setting_rows() if row.name == name), "text")
    if kind in ("text", "choice"):
        return name, text
    try:
        return name, msgspec.json.decode(text)
    except msgspec.DecodeError:
        return name, text  # refused with what the setting takes


def list_settings(site: Site, as_json: bool) -> None:
    """Print a site's settings: value, default, and what each does."""
    values = msgspec.structs.asdict(site.settings)
    if as_json:
        print(as_text(values))
        return
    for row in setting_rows():
        now = values[row.name]
        value, default = (msgspec.json.encode(one).decode() for one in (now, row.default))
        said = value if now == row.default else f"{value} (default {default})"
        print(f"{row.name:<22}  {said:<26}  {row.help}")


@sites.command("rotate-key")
def rotate(site: SiteId, overlap: Overlap = 0, as_json: Json = False) -> None:
    """Give a site a new tracker key. Without --overlap the old one is refused from then on."""
    engine = place.engine()
    show_site(rotate_key(engine, COMMAND_LINE, find_site(engine, site), now_ms(), overlap), as_json)


@sites.command()
def archive(site: SiteId) -> None:
    """Take no more events for a site. What is stored stays and can be read."""
    engine = place.engine()
    archive_site(engine, COMMAND_LINE, find_site(engine, site), now_ms())
    print(f"archived {site}; `trackway site restore {site}` takes it back")


@sites.command()
def restore(site: SiteId) -> None:
    """Take events for an archived site again."""
    engine = place.engine()
    restore_site(engine, COMMAND_LINE, find_site(engine, site), now_ms())
    print(f"restored {site}")


def show_site(site: Site, as_json: bool) -> None:
    """Print one site."""
    if as_json:
        print(as_text(shape(site)))
        return
    origins = " ".join(site.origins) or "any"
    print(f"site         {site.id}\ntracker key  {site.tracker_key}\norigins      {origins}")
    for old in site.old_keys:
        if old.until > now_ms():
            print(f"old key      {old.tracker_key} until {clock(old.until)}")
    if site.archived is not None:
        print(f"archived     {clock(site.archived)}; it takes no events")
    print()
    print(f"{snippet(site, place.public_config())}")


def shape(site: Site) -> dict[str, Any]:
    """A site in the contract's shape."""
    old_keys = [msgspec.structs.asdict(old) for old in site.old_keys if old.until > now_ms()]
    said = {"archived": site.archived, "old_keys": old_keys}
    return {
        "id": site.id,
        "name": site.name,
        "tracker_key": site.tracker_key,
        "origins": list(site.origins),
        "snippet": snippet(site, place.public_config()),
        "settings": msgspec.structs.asdict(site.settings),
        **{name: value for name, value in said.items() if value},
    }


def as_text(value: object) -> str:
    """Indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value)).decode()
