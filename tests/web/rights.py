"""What each route of the API answers to each asker: the table that test_access.py holds the server to."""

KEYS = ("key read", "key read foreign", "key write", "key admin", "key everywhere")
USERS = ("viewer", "editor", "site admin", "admin foreign", "viewer everywhere", "nowhere", "admin")
ASKERS = ("nobody", *KEYS, *USERS)
"""Keys and users are of the site asked about, the foreign ones of another. `nowhere` has a role on no site, `admin` on
all. Users come with their login's cookie and its CSRF token."""

DONE = 0
"""Stands for the status that the route answers with when it did what was asked."""
Line = tuple[int, ...]
# In the order of ASKERS: nobody · the five keys · the seven users.
OPEN: Line = (DONE,) * len(ASKERS)
READ: Line = (401, DONE, 404, 403, DONE, DONE, DONE, DONE, DONE, 404, DONE, 404, DONE)
EDIT: Line = (401, 403, 404, 403, DONE, DONE, 403, DONE, DONE, 404, 403, 404, DONE)
CHANGE: Line = (401, 403, 404, 403, DONE, DONE, 403, 403, DONE, 404, 403, 404, DONE)
SERVER: Line = (401, 403, 403, 403, 403, DONE, 403, 403, 403, 403, 403, 403, DONE)
SEND: Line = (401, 403, 403, DONE, DONE, 401, 401, 401, 401, 401, 401, 401, 401)
ANYBODY: Line = (401, *(DONE,) * 12)
PERSON: Line = (401,) * 6 + (DONE,) * 7
WRITE: Line = (401, 403, 404, DONE, DONE, DONE, 403, 403, DONE, 404, 403, 404, DONE)
LIST: Line = (401, DONE, DONE, 403, *(DONE,) * 9)
OWN: Line = (401, 403, 403, 403, DONE, DONE, 403, 403, DONE, DONE, 403, 403, DONE)
"""Lists of what belongs to sites that the asker is an admin of: the foreign admin sees their own."""
AUDIT: Line = (401, 403, 403, 403, DONE, DONE, 403, 403, 403, 403, 403, 403, DONE)
MAKE_KEY: Line = (401, 403, 403, 403, DONE, DONE, 403, 403, DONE, 404, 403, 404, DONE)
DROP_KEY: Line = (401, 404, 404, 404, DONE, DONE, 404, 404, DONE, 404, 404, 404, DONE)
INVITE: Line = (401, 403, 403, 403, DONE, DONE, 403, 403, DONE, 404, 403, 403, DONE)

# What each route asks for, and the status with which it does what was asked. A route that is not here fails the test.
EXPECTED: dict[str, tuple[Line, int]] = {
    "GET /health/live": (OPEN, 200),
    "GET /health/ready": (OPEN, 200),
    "GET /metrics": (OPEN, 200),
    "POST /e": (OPEN, 200),
    "POST /api/v1/events": (SEND, 200),
    "POST /api/v1/login": (OPEN, 200),
    "GET /api/v1/login/ways": (OPEN, 200),
    "GET /api/v1/login/oidc": (OPEN, 404),
    "GET /api/v1/login/oidc/callback": (OPEN, 302),
    "POST /api/v1/logout": (ANYBODY, 204),
    "GET /api/v1/me": (PERSON, 200),
    "GET /api/v1/account": (PERSON, 200),
    "POST /api/v1/account/password": (PERSON, 204),
    "GET /api/v1/account/sessions": (PERSON, 200),
    "DELETE /api/v1/account/sessions/{session}": (PERSON, 204),
    "POST /api/v1/account/totp": (PERSON, 200),
    "POST /api/v1/account/totp/confirm": (PERSON, 400),
    "POST /api/v1/account/totp/off": (PERSON, 204),
    "GET /api/v1/users": (SERVER, 200),
    "PATCH /api/v1/users/{user}": (SERVER, 200),
    "DELETE /api/v1/users/{user}": (SERVER, 204),
    "POST /api/v1/users/{user}/reset": (SERVER, 201),
    "GET /api/v1/invitations": (OWN, 200),
    "POST /api/v1/invitations": (INVITE, 201),
    "DELETE /api/v1/invitations/{invitation}": (INVITE, 204),
    "POST /api/v1/invitations/look": (OPEN, 200),
    "POST /api/v1/invitations/accept": (OPEN, 200),
    "POST /api/v1/invitations/enter": (OPEN, 200),
    "POST /api/v1/invitations/join": (PERSON, 204),
    "GET /api/v1/site-settings": (ANYBODY, 200),
    "GET /api/v1/sites": (LIST, 200),
    "POST /api/v1/sites": (SERVER, 201),
    "GET /api/v1/keys": (OWN, 200),
    "POST /api/v1/keys": (MAKE_KEY, 201),
    "DELETE /api/v1/keys/{key}": (DROP_KEY, 204),
    "GET /api/v1/sites/{site}": (READ, 200),
    "PATCH /api/v1/sites/{site}": (CHANGE, 200),
    "POST /api/v1/sites/{site}/rotate-key": (CHANGE, 200),
    "DELETE /api/v1/sites/{site}": (CHANGE, 204),
    "GET /api/v1/audit": (AUDIT, 200),
    "GET /api/v1/sites/{site}/dashboards": (READ, 200),
    "POST /api/v1/sites/{site}/dashboards": (EDIT, 201),
    "GET /api/v1/sites/{site}/dashboards/{dashboard}": (READ, 200),
    "PUT /api/v1/sites/{site}/dashboards/{dashboard}": (EDIT, 200),
    "DELETE /api/v1/sites/{site}/dashboards/{dashboard}": (EDIT, 204),
    "GET /api/v1/sites/{site}/segments": (READ, 200),
    "POST /api/v1/sites/{site}/segments": (EDIT, 201),
    "POST /api/v1/sites/{site}/segments/preview": (READ, 200),
    "GET /api/v1/sites/{site}/segments/{segment}": (READ, 200),
    "PUT /api/v1/sites/{site}/segments/{segment}": (EDIT, 200),
    "DELETE /api/v1/sites/{site}/segments/{segment}": (EDIT, 204),
    "GET /api/v1/sites/{site}/insights/elements/customers": (READ, 200),
    "GET /api/v1/sites/{site}/insights/forms/customers": (READ, 200),
    "GET /api/v1/sites/{site}/insights/sources/customers": (READ, 200),
    "GET /api/v1/sites/{site}/insights/trend/customers": (READ, 200),
    "GET /api/v1/sites/{site}/insights/retention/customers": (READ, 200),
    "GET /api/v1/sites/{site}/insights/sessions/customers": (READ, 200),
    "GET /api/v1/sites/{site}/signing-keys": (CHANGE, 200),
    "POST /api/v1/sites/{site}/signing-keys": (CHANGE, 201),
    "DELETE /api/v1/sites/{site}/signing-keys/{key}": (CHANGE, 204),
    "GET /api/v1/sites/{site}/definitions": (READ, 200),
    "GET /api/v1/sites/{site}/definitions/{action}": (READ, 200),
    "PUT /api/v1/sites/{site}/definitions/{action}": (EDIT, 200),
    "DELETE /api/v1/sites/{site}/definitions/{action}": (EDIT, 204),
    "GET /api/v1/sites/{site}/plan": (READ, 200),
    "PUT /api/v1/sites/{site}/plan": (EDIT, 200),
    "GET /api/v1/sites/{site}/rules": (READ, 200),
    "PUT /api/v1/sites/{site}/rules": (EDIT, 200),
    "POST /api/v1/sites/{site}/rules/preview": (READ, 200),
    "GET /api/v1/sites/{site}/rules/marked": (READ, 200),
    "GET /api/v1/sites/{site}/people": (CHANGE, 200),
    "PUT /api/v1/sites/{site}/people/{user}": (CHANGE, 200),
    "DELETE /api/v1/sites/{site}/people/{user}": (CHANGE, 204),
    "GET /api/v1/sites/{site}/events": (READ, 200),
    "GET /api/v1/sites/{site}/events/{event}": (READ, 200),
    "GET /api/v1/sites/{site}/live": (READ, 200),
    "GET /api/v1/sites/{site}/live/now": (READ, 200),
    "GET /api/v1/sites/{site}/customers": (READ, 200),
    "GET /api/v1/sites/{site}/customers/{customer}": (READ, 200),
    "GET /api/v1/sites/{site}/customers/{customer}/activity": (READ, 200),
    "GET /api/v1/sites/{site}/customers/{customer}/beside": (READ, 200),
    "GET /api/v1/sites/{site}/customers/{customer}/merges": (READ, 200),
    "POST /api/v1/sites/{site}/merges": (EDIT, 201),
    "POST /api/v1/sites/{site}/merges/{merge}/undo": (EDIT, 200),
    "GET /api/v1/sites/{site}/insights/pulse": (READ, 200),
    "GET /api/v1/sites/{site}/insights/paths": (READ, 200),
    "GET /api/v1/sites/{site}/insights/forms": (READ, 200),
    "GET /api/v1/sites/{site}/insights/forms/submissions": (READ, 200),
    "GET /api/v1/sites/{site}/insights/funnel": (READ, 200),
    "GET /api/v1/sites/{site}/insights/funnel/customers": (READ, 200),
    "GET /api/v1/sites/{site}/insights/retention": (READ, 200),
    "GET /api/v1/sites/{site}/insights/sessions": (READ, 200),
    "GET /api/v1/sites/{site}/insights/paths/customers": (READ, 200),
    "GET /api/v1/sites/{site}/insights/elements": (READ, 200),
    "GET /api/v1/sites/{site}/insights/lingering": (READ, 200),
    "GET /api/v1/sites/{site}/insights/sources": (READ, 200),
    "GET /api/v1/sites/{site}/insights/trend": (READ, 200),
    "GET /api/v1/sites/{site}/ledger": (READ, 200),
    "GET /api/v1/sites/{site}/customers/{customer}/export": (READ, 200),
    "POST /api/v1/sites/{site}/imports/{name}": (WRITE, 200),
    "GET /api/v1/sites/{site}/export": (READ, 200),
    "POST /api/v1/sites/{site}/erasures": (CHANGE, 200),
    "POST /api/v1/sites/{site}/erasures/count": (CHANGE, 200),
    "GET /api/v1/sites/{site}/erasures": (CHANGE, 200),
    "GET /api/v1/sites/{site}/erasures/{erasure}": (CHANGE, 200),
    "GET /api/v1/sites/{site}/gaps": (READ, 200),
    "GET /api/v1/sites/{site}/quarantine": (READ, 200),
    "GET /api/v1/sites/{site}/quarantine/{item}": (READ, 200),
    "POST /api/v1/sites/{site}/quarantine/replay": (EDIT, 200),
    "GET /api/v1/sites/{site}/replays": (READ, 200),
    "GET /api/v1/sites/{site}/replays/{replay}": (READ, 200),
    "GET /api/v1/sites/{site}/events/{event}/verdict": (READ, 200),
    "POST /api/v1/sites/{site}/try": (READ, 200),
    "GET /api/v1/sites/{site}/sql": (EDIT, 200),
    "POST /api/v1/sites/{site}/sql": (EDIT, 200),
    "DELETE /api/v1/sites/{site}/sql/{run}": (EDIT, 404),
    "GET /api/v1/sites/{site}/alerts": (READ, 200),
    "POST /api/v1/sites/{site}/alerts": (EDIT, 201),
    "PUT /api/v1/sites/{site}/alerts/{alert}": (EDIT, 200),
    "DELETE /api/v1/sites/{site}/alerts/{alert}": (EDIT, 204),
    "POST /api/v1/sites/{site}/alerts/preview": (READ, 200),
    "GET /api/v1/sites/{site}/incidents": (READ, 200),
    "GET /api/v1/sites/{site}/alert-channels": (READ, 200),
    "POST /api/v1/sites/{site}/alert-channels": (EDIT, 201),
    "POST /api/v1/sites/{site}/alert-channels/{channel}/rotate": (EDIT, 200),
    "POST /api/v1/sites/{site}/alert-channels/{channel}/test": (EDIT, 200),
    "DELETE /api/v1/sites/{site}/alert-channels/{channel}": (EDIT, 204),
}
