"""One e-mail over SMTP, by the process's settings. Text and HTML; no text of a message can add a header."""

import smtplib
import ssl
import time
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

import msgspec

from trackway.alert import Channel
from trackway.books.incidents import Try
from trackway.config import Config
from trackway.watch.message import as_html, as_text, subject_of

TIMEOUT_S = 15.0
TAKEN = 250
ANSWER_MAX = 400
PERMANENT = 500
"""From this status on a server says that it will not take the message however often it is sent."""


class Smtp(msgspec.Struct, frozen=True):
    """Where e-mails go out. An empty host: nowhere."""

    host: str
    port: int
    user: str
    password: str
    sender: str
    tls: str


def smtp_of(config: Config) -> Smtp:
    """The settings of e-mail."""
    return Smtp(
        config.text("smtp_host"),
        config.whole("smtp_port"),
        config.text("smtp_user"),
        config.text("smtp_password"),
        config.text("smtp_from"),
        config.text("smtp_tls"),
    )


def compose(channel: Channel, message: str, body: dict[str, Any], sender: str) -> EmailMessage:
    """The e-mail. Raises ValueError for a sender that is no address."""
    mail = EmailMessage()
    mail["From"] = Address("Trackway", addr_spec=sender)
    mail["To"] = [Address(addr_spec=one) for one in channel.addresses]
    mail["Subject"] = subject_of(body)
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{message}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(as_text(body))
    mail.add_alternative(as_html(body), subtype="html")
    return mail


def send(smtp: Smtp, channel: Channel, message: str, body: dict[str, Any]) -> Try:
    """Send once. Never raises for what the server does: it says what came of it."""
    began = time.monotonic()

    def came(ok: bool, status: int | None, answer: str, final: bool = False) -> Try:
        return Try(ok, status, answer, round((time.monotonic() - began) * 1000), final)

    if not smtp.host:
        return came(False, None, "no SMTP server is set: see the setting smtp_host")
    try:
        mail = compose(channel, message, body, smtp.sender)
        with connect(smtp) as server:
            if smtp.user:
                server.login(smtp.user, smtp.password)
            refused = server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        code, why = next(iter(error.recipients.values()))
        return came(False, code, words(why), code >= PERMANENT)
    except smtplib.SMTPDataError as error:
        return came(False, error.smtp_code, words(error.smtp_error), error.smtp_code >= PERMANENT)
    except smtplib.SMTPResponseException as error:  # a setting is wrong, and may be right at the next try
        return came(False, error.smtp_code, explain(error, smtp)[:ANSWER_MAX])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return came(False, None, explain(error, smtp)[:ANSWER_MAX])
    left_out = f"; refused: {', '.join(refused)}" if refused else ""
    return came(True, TAKEN, f"taken by {smtp.host}{left_out}")


def connect(smtp: Smtp) -> smtplib.SMTP:
    """A connection, encrypted as `smtp_tls` says. Raises smtplib.SMTPException, OSError."""
    if smtp.tls == "tls":
        return smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    server = smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT_S)
    if smtp.tls == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def explain(error: Exception, smtp: Smtp) -> str:
    """What went wrong before the mail itself was looked at, and which setting to look at. Pure."""
    at = f"{smtp.host}:{smtp.port}"
    if isinstance(error, ssl.SSLError):
        return explain_tls(error, at, smtp.tls)
    match error:
        case smtplib.SMTPNotSupportedError() if "STARTTLS" in str(error):
            told = "offers no STARTTLS, so nothing was sent. Set smtp_tls to tls if its port (465) begins encrypted."
        case smtplib.SMTPNotSupportedError():
            told = f"offers no login: {error} Set smtp_tls to starttls or tls, or leave smtp_user empty."
        case smtplib.SMTPAuthenticationError():
            told = f"refused the login: {words(error.smtp_error)} Look at smtp_user and smtp_password."
        case smtplib.SMTPSenderRefused():
            why = words(error.smtp_error)
            told = f"takes no mail from {smtp.sender}: {why} Look at smtp_from, smtp_user and smtp_tls."
        case smtplib.SMTPResponseException():
            told = f"answered {error.smtp_code}: {words(error.smtp_error)}"
        case smtplib.SMTPServerDisconnected() | TimeoutError():
            told = f"broke off: {error}. If its port (465) begins encrypted, smtp_tls must be tls."
        case OSError():
            told = f"cannot be reached: {error}. Look at smtp_host and smtp_port."
        case _:
            told = f"took nothing: {type(error).__name__}: {error}"
    return f"{at} {told}"


def explain_tls(error: ssl.SSLError, at: str, tls: str) -> str:
    """What kept a connection from being encrypted."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {at} is not trusted: {error.verify_message}. smtp_host must be the name in it, and an "
            "authority must have signed it that this machine trusts, or that SSL_CERT_FILE names."
        )
    if tls == "starttls":
        return f"The connection to {at} cannot be encrypted: {error.reason}. Its TLS may be too old."
    return f"{at} speaks no TLS from the first byte ({error.reason}). Is it smtp_tls = starttls, or another port?"


def words(answer: bytes | str) -> str:
    """A server's answer as text on one line."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())
