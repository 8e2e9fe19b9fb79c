"""What a customer did, by kind: visits, clicks, hovers, forms, logins, and all else. Pure.

The page has the same table (`ui/src/model/kinds.ts`) for events that have just come in.
"""

from collections.abc import Mapping
from typing import Literal, get_args

Kind = Literal["visits", "clicks", "hovers", "forms", "logins", "other"]
KINDS: tuple[Kind, ...] = get_args(Kind)

OF: Mapping[str, str] = {
    "visits": "action IN ('page.visit', 'screen.view')",
    "clicks": "action IN ('element.click', 'element.rage', 'element.dead', 'screen.click', 'link.outbound',"
    " 'file.download')",
    "hovers": "action IN ('element.hover', 'element.view')",
    "forms": "startsWith(action, 'form.')",
    "logins": "startsWith(action, 'client.')",
}
KIND_SQL: Mapping[Kind, str] = {kind: OF[kind] if kind in OF else f"NOT ({' OR '.join(OF.values())})" for kind in KINDS}
"""The condition for the events of each kind, as SQL. Every event is of exactly one."""
