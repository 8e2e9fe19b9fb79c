"""The built-in actions: what Trackway knows of an action by itself. A table; what it means is decided in `event`."""

from collections.abc import Mapping

import msgspec

TEXT: tuple[type, ...] = (str,)
NUMBER: tuple[type, ...] = (int, float)


class BuiltIn(msgspec.Struct, frozen=True):
    """What Trackway knows of an action by itself: its label template and the params it must have, with types."""

    label: str
    required: tuple[tuple[str, tuple[type, ...]], ...] = ()
    server_only: bool = False


BUILT_IN: Mapping[str, BuiltIn] = {
    "page.visit": BuiltIn("Visited page {{title}}", (("url", TEXT),)),
    "session.start": BuiltIn("Started session"),
    "session.end": BuiltIn("Session end", server_only=True),
    "element.click": BuiltIn("Clicked {{element}}", (("element", TEXT),)),
    "element.view": BuiltIn("Saw {{element}}", (("element", TEXT),)),
    "element.hover": BuiltIn("Hovered over {{element}} for {{seconds}} s", (("element", TEXT), ("duration", NUMBER))),
    "element.rage": BuiltIn("Clicked {{element}} again and again", (("element", TEXT),)),
    "element.dead": BuiltIn("Clicked {{element}} in vain", (("element", TEXT),)),
    "form.submit": BuiltIn("Submitted form {{form}}", (("form", TEXT),)),
    "form.abandon": BuiltIn("Left form {{form}}", (("form", TEXT),)),
    "screen.view": BuiltIn("Viewed screen {{name}}", (("name", TEXT),)),
    "screen.click": BuiltIn("Tapped {{element}}", (("element", TEXT),)),
    "app.start": BuiltIn("Started the app"),
    "client.login": BuiltIn("Logged in"),
    "client.logout": BuiltIn("Logged out"),
    "client.identify": BuiltIn("Identified"),
    "file.download": BuiltIn("Downloaded {{file}}"),
    "link.outbound": BuiltIn("Left for {{href}}"),
    "scroll.depth": BuiltIn("Scrolled to {{percent}} %"),
    "error.javascript": BuiltIn("Script error: {{message}}"),
    "web.vital": BuiltIn("Measured {{name}}"),
}
