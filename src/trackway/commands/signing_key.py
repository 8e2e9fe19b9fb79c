"""`trackway signing-key …`: what a site's customer tokens are checked with. A running server has changes within 2 s."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from trackway.commands import place
from trackway.commands.site import Json, as_text
from trackway.control.audit import COMMAND_LINE
from trackway.control.directory import now_ms
from trackway.control.signing_keys import add_signing_key, end_signing_key, list_signing_keys
from trackway.control.sites import find_site
from trackway.errors import RequestRefused
from trackway.signing import KEY_TEXT_LENGTH_MAX, Material, SigningKey, read_material

STDIN = "-"

signing = typer.Typer(no_args_is_help=True, help="Signing keys of customer tokens: add, list, remove.")
SiteOption = Annotated[str, typer.Option(help="The site's id.")]
KeyFile = Annotated[str, typer.Argument(metavar="FILE", help="A public key (PEM or JWK), or a secret; - reads stdin.")]
Kid = Annotated[str | None, typer.Option(help="The kid that tokens name in their header; else what the JWK says.")]


@signing.command()
def add(file: KeyFile, site: SiteOption, kid: Kid = None, as_json: Json = False) -> None:
    """Add a key: PEM, JWK, or else the file's text, without the line's end, as a shared secret."""
    engine = place.engine()
    found = find_site(engine, site)
    key = add_signing_key(engine, COMMAND_LINE, found.id, read_key(file), kid, now_ms())
    print(as_text(shape(key)) if as_json else f"key  {key.id}\nkid  {key.kid or 'any'}\nalg  {key.alg}")


@signing.command("list")
def list_all(site: SiteOption, as_json: Json = False) -> None:
    """List a site's keys, without their secrets."""
    engine = place.engine()
    found = [key for _, key in list_signing_keys(engine, find_site(engine, site).id)]
    if as_json:
        print(as_text([shape(key) for key in found]))
        return
    for key in found:
        print(f"{key.id}\t{key.kid or 'any kid'}\t{key.alg}\t{'active' if key.active else 'taken away'}")


@signing.command()
def remove(key: Annotated[str, typer.Argument(help="The key's id.")], site: SiteOption) -> None:
    """Take a key away; its tokens are refused from then on."""
    engine = place.engine()
    end_signing_key(engine, COMMAND_LINE, find_site(engine, site).id, key, now_ms())
    print(f"taken away {key}")


def read_key(file: str) -> Material:
    """The key in a file. Raises RequestRefused(invalid_parameter)."""
    try:
        text = sys.stdin.read(KEY_TEXT_LENGTH_MAX + 1) if file == STDIN else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestRefused("invalid_parameter", f"{file} cannot be read: {error}.") from error
    if len(text) > KEY_TEXT_LENGTH_MAX:
        raise RequestRefused("invalid_parameter", f"A key has at most {KEY_TEXT_LENGTH_MAX:,} characters.")
    if "-----BEGIN" in text:
        return read_material(None, pem=text)
    if text.lstrip().startswith("{"):
        return read_material(None, jwk=decode_jwk(text))
    return read_material(None, secret=text.rstrip("\r\n"))


def decode_jwk(text: str) -> dict[str, Any]:
    """A JWK's members. Raises RequestRefused(invalid_parameter)."""
    try:
        return dict(json.loads(text))
    except ValueError as error:
        raise RequestRefused("invalid_parameter", f"This is no JWK: {error}.", "jwk") from error


def shape(key: SigningKey) -> dict[str, Any]:
    """A key as it is shown."""
    return {"id": key.id, "kid": key.kid, "alg": key.alg, "created": key.created, "active": key.active}
