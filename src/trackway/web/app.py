"""One port: the collect routes and the SDK file straight from ASGI, everything else by Litestar or as a static file."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Litestar, Request, Router, get
from litestar.config.response_cache import ResponseCacheConfig
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from trackway import __version__
from trackway.collect.app import Collector, Send, respond
from trackway.collect.body import Receive
from trackway.errors import RequestRefused
from trackway.web import (
    health,
    routes_account,
    routes_alerts,
    routes_audit,
    routes_dashboards,
    routes_definitions,
    routes_files,
    routes_funnel,
    routes_insight,
    routes_live,
    routes_login,
    routes_manage,
    routes_merges,
    routes_oidc,
    routes_paths,
    routes_people,
    routes_plan,
    routes_privacy,
    routes_quality,
    routes_read,
    routes_rules,
    routes_segments,
    routes_signing,
    routes_sql,
    routes_trial,
)
from trackway.web.access import COOKIE, Access, identify
from trackway.web.answers import answer_http, answer_refused, answer_unexpected
from trackway.web.describe import with_collect_routes
from trackway.web.exports import Exports, with_format
from trackway.web.files import serve_page, with_security
from trackway.web.leaving import Leaving
from trackway.web.parts import Parts
from trackway.web.renewal import renew
from trackway.web.scope import provide_scope
from trackway.web.sdk import SdkFiles

API_BODY_BYTES_MAX = 1024 * 1024
PAGE_METHODS = ("GET", "HEAD")

PEOPLE_ROUTES = (
    routes_login.login,
    routes_login.logout,
    routes_login.me,
    routes_oidc.read_ways,
    routes_oidc.leave_for_provider,
    routes_oidc.return_from_provider,
    routes_account.read_account,
    routes_account.update_password,
    routes_account.read_sessions,
    routes_account.remove_session,
    routes_account.offer_factor,
    routes_account.confirm_factor,
    routes_account.remove_factor,
    routes_people.read_users,
    routes_people.update_user,
    routes_people.delete_user,
    routes_people.reset_user,
    routes_people.read_people,
    routes_people.update_person,
    routes_people.remove_person,
    routes_people.read_invitations,
    routes_people.create_invitation,
    routes_people.remove_invitation,
    routes_people.look_at_link,
    routes_people.accept_link,
    routes_people.enter_by_link,
    routes_people.join_by_link,
)
SITE_ROUTES = (
    routes_manage.read_settings,
    routes_manage.read_sites,
    routes_manage.create_site,
    routes_manage.read_site,
    routes_manage.update_site,
    routes_manage.archive,
    routes_manage.rotate_site_key,
    routes_rules.read_rules,
    routes_rules.write_rules,
    routes_rules.preview_rules,
    routes_rules.read_marked,
    routes_manage.read_keys,
    routes_manage.create_key,
    routes_manage.remove_key,
    routes_audit.read_audit,
    routes_signing.read_signing_keys,
    routes_signing.create_signing_key,
    routes_signing.remove_signing_key,
    routes_definitions.read_definitions,
    routes_definitions.read_definition,
    routes_definitions.put_definition,
    routes_definitions.remove_definition,
    routes_plan.read_site_plan,
    routes_plan.push_site_plan,
    routes_dashboards.read_dashboards,
    routes_dashboards.read_dashboard,
    routes_dashboards.create_dashboard,
    routes_dashboards.update_dashboard,
    routes_dashboards.delete_dashboard,
    routes_segments.read_segments,
    routes_segments.read_segment,
    routes_segments.create_segment,
    routes_segments.update_segment,
    routes_segments.delete_segment,
    routes_segments.preview_segment_customers,
    routes_read.search_events,
    routes_read.one_event,
    routes_read.search_customers,
    routes_read.one_customer,
    routes_read.read_beside,
    routes_read.activity,
    routes_merges.read_merges,
    routes_merges.create_merge,
    routes_merges.undo_merge,
    routes_live.live,
    routes_live.read_live_now,
    routes_live.read_pulse,
    routes_files.import_events,
    routes_files.export_events,
    routes_privacy.export_customer,
    routes_privacy.erase,
    routes_privacy.count_selection,
    routes_privacy.read_erasures,
    routes_privacy.read_erasure,
    routes_quality.read_verdict,
    routes_trial.try_events,
    routes_quality.read_ledger,
    routes_quality.read_gaps,
    routes_quality.read_quarantine,
    routes_quality.read_quarantined,
    routes_quality.start_replay,
    routes_quality.read_replays,
    routes_quality.read_replay,
)

ALERT_ROUTES = (
    routes_alerts.read_alerts,
    routes_alerts.create_alert,
    routes_alerts.change_alert,
    routes_alerts.delete_alert,
    routes_alerts.preview_alert,
    routes_alerts.read_incidents,
    routes_alerts.read_channels,
    routes_alerts.create_channel,
    routes_alerts.rotate_channel,
    routes_alerts.try_channel,
    routes_alerts.delete_channel,
)
INSIGHT_ROUTES = (
    routes_paths.read_path_flows,
    routes_paths.read_path_customers,
    routes_insight.read_element_table,
    routes_insight.read_element_customers,
    routes_insight.read_form_customers,
    routes_insight.read_form_table,
    routes_insight.read_form_submissions,
    routes_insight.read_who_lingers,
    routes_insight.read_source_table,
    routes_insight.read_source_customers,
    routes_insight.read_trend_series,
    routes_insight.read_trend_customers,
    routes_funnel.read_funnel_steps,
    routes_funnel.read_funnel_customers,
    routes_funnel.read_retention_cohorts,
    routes_funnel.read_retention_customers,
    routes_funnel.read_session_counts,
    routes_funnel.read_session_customers,
    routes_sql.read_sql_tables,
    routes_sql.run_sql,
    routes_sql.cancel_sql,
)

Extra = Callable[[str, Send], Awaitable[None]]


def make_api(parts: Parts) -> Litestar:
    """The JSON API, with its OpenAPI description at /api/v1/openapi.json and a page to browse it at /api/docs."""

    async def provide_access(request: Request[Any, Any, Any]) -> Access:
        return identify(request, parts)

    v1 = Router(
        "/api/v1",
        route_handlers=[*PEOPLE_ROUTES, *SITE_ROUTES, *ALERT_ROUTES, *INSIGHT_ROUTES, read_description],
    )
    return Litestar(
        route_handlers=[v1, health.alive, health.ready, health.metrics],
        dependencies={
            "access": Provide(provide_access),
            "parts": Provide(lambda: parts, sync_to_thread=False),
            "within": Provide(provide_scope),
        },
        exception_handlers={
            RequestRefused: answer_refused,
            HTTPException: answer_http,
            Exception: answer_unexpected,
        },
        openapi_config=describe(),
        request_max_body_size=API_BODY_BYTES_MAX,
        response_cache_config=ResponseCacheConfig(default_expiration=None),
        signature_types=[Access, Parts],
    )


@get("/openapi.json", include_in_schema=False)
async def read_description(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The whole API in OpenAPI 3.1, the collect routes included."""
    return with_format(with_collect_routes(request.app.openapi_schema.to_schema()))


def describe() -> OpenAPIConfig:
    """How the API describes itself."""
    return OpenAPIConfig(
        title="Trackway",
        version=__version__,
        path="/api/generated",
        render_plugins=[JsonRenderPlugin()],
        operation_id_creator=lambda handler, _, __: str(handler.handler_name),
        security=[{"key": []}, {"login": []}],
        components=Components(
            security_schemes={
                "key": SecurityScheme(type="http", scheme="bearer", description="An API key, tw_…"),
                "login": SecurityScheme(type="apiKey", name=COOKIE, security_scheme_in="cookie"),
            }
        ),
    )


class App:
    """The ASGI callable of the whole process."""

    def __init__(self, parts: Parts, collector: Collector, demo: Extra | None = None) -> None:
        self._api = Leaving(Exports(make_api(parts)))
        self._collector = collector
        self._sdk = SdkFiles(parts.directory, parts.config)
        self._collect_path = parts.config.text("collect_path")
        self._id_path = f"{self._collect_path}/id"
        self._directory = parts.directory
        self._sdk_path = parts.config.text("sdk_path")
        self._demo = demo

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Send a request where it belongs; the busiest route is asked for first."""
        if scope["type"] != "http":
            await skip_lifespan(receive, send)
            return
        path: str = scope["path"]
        if path == self._collect_path:
            await self._collector.public(scope, receive, send)
        elif path == "/api/v1/events":
            await self._collector.server(scope, receive, send)
        elif path == self._id_path:
            await renew(scope["method"], scope["query_string"], dict(scope["headers"]), self._directory, send)
        elif path.startswith(self._sdk_path):
            await self._sdk.serve(path.removeprefix(self._sdk_path), dict(scope["headers"]), send)
        elif path in ("/api/docs", "/api/docs/"):
            await serve_page(path, dict(scope["headers"]), send)
        elif path.startswith(("/api/", "/health/")) or path == "/metrics":
            await self._api(scope, receive, with_security(send))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        elif scope["method"] not in PAGE_METHODS:
            await refuse_path(path, send)
        elif self._demo is not None and path.startswith("/demo"):
            await self._demo(path, send)
        else:
            await serve_page(path, dict(scope["headers"]), send)


async def refuse_path(path: str, send: Send) -> None:
    """Answer a POST to nowhere: with the page's 200 a client would take its events for kept."""
    refused = RequestRefused("not_found", f"Nothing takes requests at {path}; events go to the collect path, see docs.")
    await respond(send, refused.status, msgspec.json.encode(refused.body()), [(b"content-type", b"application/json")])


async def skip_lifespan(receive: Receive, send: Send) -> None:
    """Start and stop are the server's own business (`server.py`)."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
