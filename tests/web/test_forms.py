"""What became of forms, through the front door: sent as the SDK sends them, asked for over HTTP."""

import uuid
from typing import Any

from tests.running import Running

SESSION = str(uuid.uuid4())
LEFT = {"form": "newsletter", "last_field": "email", "touched": ["email"], "errors": [], "times": {"email": 800}}


def field_of(name: str, **told: Any) -> dict[str, Any]:
    """A field of a form; what is not told is none."""
    return {"field": name, "last": 0, "touched": 0, "wrong": 0, "focus_p50": None, "filled": 0, "refills": 0} | told


def test_forms_and_where_people_gave_up(shared: Running) -> None:
    site = shared.add_site()

    def event(action: str, **params: Any) -> dict[str, Any]:
        return {"id": str(uuid.uuid4()), "uuid": str(uuid.uuid4()), "action": action, "params": params}

    events = [
        event("form.submit", form="newsletter", email="ann@shop.example") | {"session": SESSION},
        event("form.abandon", **LEFT, duration=900) | {"session": SESSION},
        event("form.abandon", **LEFT, duration=1_100),
        event("form.submit", form="checkout", total=20),
    ]
    shared.collect({"key": site.key, "events": [*events, events[1]]})
    shared.settled(site.id, 5)

    answer = shared.get(f"/sites/{site.id}/insights/forms", token=site.read)

    assert answer == {
        "items": [
            {
                "form": "newsletter",
                "started": 3,
                "submitted": 1,
                "abandoned": 2,
                "completion": 1 / 3,
                "customers": 3,
                "submitters": 1,
                "left_after_p50": 1000.0,
                "fields": [field_of("email", last=2, touched=2, focus_p50=800.0, filled=1, refills=1)],
            },
            {
                "form": "checkout",
                "started": 1,
                "submitted": 1,
                "abandoned": 0,
                "completion": 1.0,
                "customers": 1,
                "submitters": 1,
                "left_after_p50": None,
                "fields": [field_of("total", filled=1)],
            },
        ],
        "next": None,
    }
