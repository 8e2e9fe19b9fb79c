"""Receivers of messages: a web server that answers as it is told, and a mail server that keeps what it is given."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.running import free_port

HANG_S = 60


class Got(NamedTuple):
    """A request: its path, headers in lower case, and body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The body, decoded."""
        return cast("dict[str, Any]", json.loads(self.body))


class Receiver:
    """A web server on a port of its own. `answers` (statuses, "hang") are given in turn, the last one over and over."""

    def __init__(self, *answers: int | str, port: int = 0) -> None:
        self.got: list[Got] = []
        self.answers = list(answers) or [200]
        self._over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """Keeps each request and answers as told."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = outer.next_answer(Got(self.path, headers, body))
                if answer == "hang":
                    outer._over.wait(HANG_S)
                    return
                self.send_response(int(answer))
                if 300 <= int(answer) < 400:
                    self.send_header("location", "/elsewhere")
                text = f"answer {answer}".encode()
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/hook?a=b"

    def next_answer(self, got: Got) -> int | str:
        """Keep a request; what it is to be answered."""
        self.got.append(got)
        return self.answers[min(len(self.got), len(self.answers)) - 1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


def is_signed(got: Got, secret: str) -> bool:
    """Whether a request carries a signature by this secret, checked as a receiver would."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(wanted, one) for one in got.headers["webhook-signature"].split(" "))


class MailBox:
    """A mail server on a port of its own; `refusal` is answered to each recipient in place of taking the mail.

    `tls`: encrypted from the first byte; `starttls`: once that is asked for, and nothing is taken before; `passwords`:
    the right one at each login, the last one over and over.
    """

    def __init__(
        self,
        refusal: str = "",
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
        passwords: tuple[str, ...] = (),
    ) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self._refusal = refusal
        self.port = free_port()
        self._passwords = list(passwords)
        self.logins = 0
        more: dict[str, Any] = {"ssl_context": tls} if tls else {}
        if starttls:
            more |= {"tls_context": starttls, "require_starttls": True}
        if passwords:
            more |= {"authenticator": self._log_in, "auth_required": True, "auth_require_tls": starttls is not None}
            more |= {"auth_exclude_mechanism": ["LOGIN"]}  # clients try one after the other
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **more)

    def _log_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        wanted = self._passwords[min(self.logins, len(self._passwords) - 1)]
        self.logins += 1
        return AuthResult(success=data.password == wanted.encode(), handled=False)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        if self._refusal:
            return self._refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep a mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(BytesParser(policy=default).parsebytes(content))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
