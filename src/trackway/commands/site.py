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
    find_site,
    list_sites,
    restore_site,
    rotate_key,
)
from trackway.insight.verdict import clock
from trackway.site import Site
from trackway.web.sdk import snippet

sites = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="As JSON, and nothing else on stdout.")]
Origin = Annotated[list[str] | None, typer.Option(help="Origin whose pages may send; may be given again.")]
Archived = Annotated[bool, typer.Option("--archived", help="The archived sites in place of those in use.")]
Overlap = Annotated[
    float, typer.Option(help="Hours the old key still works.", min=0, max=OVERLAP_H_MAX, metavar="HOURS")
]
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
