"""A site's tracking plan over HTTP: definitions and rules as one file, out and in. A push is whole or not at all."""

import asyncio
from typing import Annotated, Literal

import msgspec
from litestar import get, put
from litestar.params import QueryParameter

from trackway.control.directory import now_ms
from trackway.control.plans import compare_plan, pull_plan, push_plan
from trackway.plan import read_plan
from trackway.web.access import Access
from trackway.web.shapes_govern import NewPlan, PlanChangeShape, PlanText

Form = Annotated[Literal["yaml", "json"], QueryParameter(name="as", description="What the text is.")]


@get("/sites/{site:str}/plan", tags=["definitions"], summary="The tracking plan, as a file's text")
async def read_site_plan(access: Access, site: str, written: Form = "yaml") -> PlanText:
    """What the site declares, its rules, and whether it takes declared actions only, without what is at its default."""
    return PlanText(pull_plan(access.parts.engine, access.site(site), written == "json"))


@put("/sites/{site:str}/plan", tags=["definitions"], summary="Push a tracking plan")
async def push_site_plan(access: Access, site: str, data: NewPlan) -> PlanChangeShape:
    """Makes the site what the plan says, all of it or nothing; what the plan does not name is left alone. To change
    `declared_only` takes `admin`. Answers with what it changed, or with `dry_run` would change.
    """
    found, engine = access.site(site, "edit"), access.parts.engine
    plan = await asyncio.to_thread(read_plan, data.text, False)
    change = compare_plan(engine, found, plan, data.prune)
    if change.declared_only is not None:
        access.need("admin", found.id)
    if not data.dry_run:
        push_plan(engine, access.author, found, plan, change, now_ms())
        access.parts.directory.refresh()
    return msgspec.convert(msgspec.to_builtins(change), PlanChangeShape)
