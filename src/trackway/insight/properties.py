"""What answers can be told apart by: the list of properties of an event, each as SQL. Pure.

A new one is one row in PROPERTIES. A caller's text is only ever looked up here, or bound as a parameter (`param.NAME`).
"""

from collections.abc import Mapping
from typing import Any

from trackway.errors import RequestRefused

PARAM = "param."
PARAM_LENGTH_MAX = 128

PROPERTIES: Mapping[str, str] = {
    "source": "toString(source)",
    "browser": "toString(browser)",
    "os": "toString(os)",
    "device": "toString(device)",
    "country": "toString(country)",
    "region": "toString(region)",
    "city": "toString(city)",
    "channel": "toString(channel)",
    "referrer_host": "toString(referrer_host)",
    "utm_source": "utm['source']",
    "utm_medium": "utm['medium']",
    "utm_campaign": "utm['campaign']",
    "page": "page",
    "action": "toString(action)",
    "authenticated": "if(authenticated, 'true', 'false')",
}
PARAM_SQL = (
    "if(JSONType(params, {property:String}) = 'String', JSONExtractString(params, {property:String}), "
    "JSONExtractRaw(params, {property:String}))"
)


def property_sql(name: str, values: dict[str, Any]) -> str:
    """The SQL of a property as text, empty where an event has none. Raises RequestRefused(invalid_parameter).

    A param's name is bound into `values`.
    """
    if name.startswith(PARAM) and len(name) <= PARAM_LENGTH_MAX + len(PARAM):
        values["property"] = name.removeprefix(PARAM)
        return PARAM_SQL
    if name not in PROPERTIES:
        listed = ", ".join([*PROPERTIES, f"{PARAM}NAME"])
        raise RequestRefused("invalid_parameter", f"A breakdown is one of {listed}.", "breakdown")
    return PROPERTIES[name]
