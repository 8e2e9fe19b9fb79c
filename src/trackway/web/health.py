"""Is it alive, and is it ready: red as soon as what is sent could not be kept, or what is kept could not be read."""

import asyncio

from clickhouse_connect.driver.exceptions import ClickHouseError
from litestar import MediaType, Response, get

from trackway.errors import RequestRefused
from trackway.web.parts import Parts
from trackway.web.shapes import PartStates, Readiness

STORE_TIMEOUT_S = 2.0


@get("/health/live", tags=["health"], summary="Is the process alive?")
async def alive() -> dict[str, bool]:
    """It answers, so it is."""
    return {"live": True}


@get("/health/ready", tags=["health"], summary="Can events be kept and questions answered?")
async def ready(parts: Parts) -> Response[Readiness]:
    """503 when a part is not ok."""
    loader = parts.loader.failed or parts.loader.trouble or "ok"
    states = PartStates(
        spool=parts.spool.backlog().trouble or "ok",
        store=await ask_store(parts),
        loader=loader,
        lag_ms=parts.loader.lag_ms,
    )
    well = states.spool == states.store == states.loader == "ok"
    return Response(Readiness(well, states), status_code=200 if well else 503)


async def ask_store(parts: Parts) -> str:
    """`ok` when the store answers."""
    try:
        await asyncio.wait_for(parts.pool.rows("SELECT 1 AS one"), STORE_TIMEOUT_S)
    except TimeoutError:
        return f"does not answer within {STORE_TIMEOUT_S:.0f} s"
    except (ClickHouseError, RequestRefused) as error:
        return str(error)[:300]
    return "ok"


@get("/metrics", tags=["health"], summary="Metrics in Prometheus' text form", media_type=MediaType.TEXT)
async def metrics(parts: Parts) -> Response[bytes]:
    """Counts of requests and events, backlog, lag."""
    return Response(parts.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
