"""E-mail as it is encrypted and logged in for: real mail servers with certificates of the test's own authority."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import Start
from tests.running import Running, free_port
from tests.watch.receiver import MailBox
from tests.watch.sites import Watched, alert, ask, incident

PASSWORD = "right horse"
RETRIED_WITHIN_S = 20


class Authority:
    """Signs certificates, and says which file holds its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
        own = self._begin(self._name, self._key).add_extension(x509.BasicConstraints(True, None), critical=True)
        usage = x509.KeyUsage(
            False,
            False,
            False,
            False,
            False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        own = own.add_extension(usage, critical=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def server(self, name: x509.GeneralName) -> ssl.SSLContext:
        """What a mail server with a certificate for `name` is started with."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._begin(x509.Name([]), key).add_extension(x509.SubjectAlternativeName([name]), critical=True)
        file = self._folder / f"server-{abs(hash(name))}.pem"
        form = serialization.PrivateFormat.PKCS8
        secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        file.write_bytes(secret + made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _begin(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )


HERE = x509.IPAddress(ip_address("127.0.0.1"))
ELSEWHERE = x509.DNSName("mail.elsewhere.example")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def begin(start: Start, port: int, smtp_tls: str, password: str = "") -> tuple[Running, Watched, str]:
    """A server that sends by this mail server, and the id of a channel."""
    login = {"smtp_user": "trackway", "smtp_password": password} if password else {}
    running = start(alert_check_s=0.3, smtp_host="127.0.0.1", smtp_port=port, smtp_tls=smtp_tls, **login)
    watched = Watched(running, running.add_site())
    to = {"name": "Team", "kind": "email", "addresses": ["a@shop.example"]}
    return running, watched, ask(running, "POST", f"{watched.site.id}/alert-channels", 201, to)["id"]


def post(start: Start, port: int, smtp_tls: str, password: str = "") -> dict[str, Any]:
    """What came of a test message."""
    running, watched, channel = begin(start, port, smtp_tls, password)
    return ask(running, "POST", f"{watched.site.id}/alert-channels/{channel}/test", 200)


@pytest.mark.parametrize("how", ["tls", "starttls"])
def test_mail_goes_out_encrypted_and_logged_in(
    start: Start, authority: Authority, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    context = authority.server(HERE)
    asked: dict[str, Any] = {how: context} | ({"passwords": (PASSWORD,)} if how == "starttls" else {})
    with MailBox(**asked) as box:
        came = post(start, box.port, how, PASSWORD if how == "starttls" else "")

        assert (came["ok"], came["status"]) == (True, 250), came
        assert box.recipients == [["a@shop.example"]]
        assert box.logins == (how == "starttls")


@pytest.mark.parametrize("how", ["tls", "starttls"])
@pytest.mark.parametrize(("name", "why"), [(HERE, "local issuer"), (ELSEWHERE, "mismatch")])
def test_a_certificate_that_proves_nothing_is_refused(
    start: Start, authority: Authority, monkeypatch: pytest.MonkeyPatch, how: str, name: x509.GeneralName, why: str
) -> None:
    if why == "mismatch":
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    context: dict[str, Any] = {how: authority.server(name)}
    with MailBox(**context) as box:
        came = post(start, box.port, how)

        assert (came["ok"], came["status"]) == (False, None)
        assert why in came["answer"]
        assert "smtp_host must be the name in it" in came["answer"]
        assert not box.mails


def test_nothing_is_sent_where_starttls_is_demanded_and_not_offered(start: Start) -> None:
    with MailBox() as box:
        came = post(start, box.port, "starttls")

        assert (came["ok"], box.mails) == (False, [])
        assert "offers no STARTTLS" in came["answer"]
        assert "smtp_tls" in came["answer"]


def test_a_server_that_is_not_encrypted_from_the_first_byte_is_told_apart(start: Start) -> None:
    with MailBox() as box:
        came = post(start, box.port, "tls")

        assert (came["ok"], box.mails) == (False, [])
        assert "speaks no TLS from the first byte" in came["answer"]
        assert "starttls" in came["answer"]


def test_a_server_that_demands_encryption_is_not_told_in_the_clear(start: Start, authority: Authority) -> None:
    with MailBox(starttls=authority.server(HERE)) as box:
        came = post(start, box.port, "none")

        assert (came["ok"], came["status"], box.mails) == (False, 530, [])
        assert "smtp_tls" in came["answer"]


def test_nobody_listening_is_said(start: Start) -> None:
    came = post(start, free_port(), "starttls")

    assert "cannot be reached" in came["answer"]
    assert "smtp_port" in came["answer"]


def test_a_login_that_is_refused_is_tried_again(
    start: Start, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with MailBox(starttls=authority.server(HERE), passwords=("another", PASSWORD)) as box:
        running, watched, channel = begin(start, box.port, "starttls", PASSWORD)
        body = alert(channels=[channel]) | {"limits": {"mode": "fixed", "below": 5}}
        made = ask(running, "POST", f"{watched.site.id}/alerts", 201, body)
        found = incident(watched, made["id"], RETRIED_WITHIN_S, sent=True)
        first, second = found["deliveries"][0]["tries"]

        assert (first["status"], second["status"]) == (535, 250)
        assert "refused the login" in first["answer"]
        assert "smtp_password" in first["answer"]
        assert PASSWORD not in first["answer"]
        assert len(box.mails) == 1
