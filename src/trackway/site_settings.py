"""What can be set of a site, told for people and forms: one row a setting, read off `site.SiteSettings` itself.

A setting added there is in the API, the command line and the web page by itself: its type is the field's, its range
`LIMITS`', its help the text below the field. Never: a list of its own that could fall behind.
"""

import ast
import inspect
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any, Literal, cast

import msgspec
from msgspec.inspect import (
    BoolType,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    StructType,
    Type,
    VarTupleType,
    type_info,
)

from trackway.site import LIMITS, SiteSettings

Group = Literal["collecting", "sessions", "privacy", "sdk", "limits"]
Kind = Literal["integer", "number", "boolean", "text", "choice", "list"]

GROUPS: tuple[tuple[Group, tuple[str, ...]], ...] = (
    ("sdk", ("sdk_",)),
    ("limits", ("rate_", "past_")),
    ("sessions", ("session_",)),
    ("privacy", ("ip", "retention_", "consent", "gpc", "cookieless")),
)
"""How the names of a group's settings begin; any other setting is about collecting."""
KINDS: Mapping[type[Type], Kind] = {
    IntType: "integer",
    FloatType: "number",
    BoolType: "boolean",
    LiteralType: "choice",
    ListType: "list",
    VarTupleType: "list",
}
"""Any other type is text."""


class SettingRow(msgspec.Struct, frozen=True):
    """One setting. `choices` of a choice; `minimum` and `maximum` of a number, null where there are none."""

    name: str
    group: Group
    kind: Kind
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


@cache
def setting_rows() -> tuple[SettingRow, ...]:
    """Every setting a site has, in the order of `SiteSettings`."""
    told, described = help_texts(), cast("StructType", type_info(SiteSettings))
    defaults = msgspec.structs.asdict(SiteSettings())
    rows: list[SettingRow] = []
    for field in described.fields:
        low, high = LIMITS.get(field.name, (None, None))
        kind = KINDS.get(type(field.type), "text")
        choices = tuple(str(one) for one in field.type.values) if isinstance(field.type, LiteralType) else ()
        default, words = defaults[field.name], told.get(field.name, "")
        rows.append(SettingRow(field.name, group_of(field.name), kind, default, words, choices, low, high))
    return tuple(rows)


def group_of(name: str) -> Group:
    """The group a setting is shown in."""
    for group, begins in GROUPS:
        if name.startswith(begins):
            return group
    return "collecting"


def help_texts() -> dict[str, str]:
    """Each field's help: the text that stands below it in the source."""
    lines = cast("ast.ClassDef", ast.parse(inspect.getsource(SiteSettings)).body[0]).body
    found: dict[str, str] = {}
    for field, below in pairwise(lines):
        match field, below:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
            case _:
                pass
    return found
