"""Where messages may go, and e-mail: real servers on both sides."""

import pytest

from tests.conftest import Start
from tests.running import Running
from tests.watch.receiver import MailBox
from tests.watch.sites import Watched, alert, ask, incident, webhook


@pytest.mark.parametrize(
    "url",
    ["https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/", "https://169.254.169.254/"],
)
def test_webhooks_go_to_no_private_address(shared: Running, url: str) -> None:
    watched = Watched(shared, shared.add_site())
    channel = webhook(watched, url)
    came = ask(shared, "POST", f"{watched.site.id}/alert-channels/{channel['id']}/test", 200)

    assert (came["ok"], came["status"]) == (False, None)
    assert "not public" in came["answer"]


def test_plain_http_is_refused_unless_it_is_allowed(shared: Running) -> None:
    site = shared.add_site()
    body = {"name": "x", "kind": "webhook", "url": "http://a.example/"}

    assert ask(shared, "POST", f"{site.id}/alert-channels", 400, body)["error"]["field"] == "url"


def test_mail_comes_as_text_and_html(start: Start) -> None:
    with MailBox() as box:
        running = start(
            alert_check_s=0.3,
            smtp_host="127.0.0.1",
            smtp_port=box.port,
            smtp_tls="none",
            smtp_from="alerts@shop.example",
        )
        watched = Watched(running, running.add_site())
        to = {"name": "Team", "kind": "email", "addresses": ["a@shop.example", "b@shop.example"]}
        channel = ask(running, "POST", f"{watched.site.id}/alert-channels", 201, to)
        body = alert(channels=[channel["id"]]) | {
            "limits": {"mode": "fixed", "below": 5},
            "name": "<b>Submits</b> & Co",
        }
        made = ask(running, "POST", f"{watched.site.id}/alerts", 201, body)
        found = incident(watched, made["id"], sent=True)
        mail = box.mails[0]
        text, page = mail.get_body(("plain",)), mail.get_body(("html",))

        assert mail["subject"] == "[Trackway] Alert: <b>Submits</b> & Co"
        assert (mail["from"], mail["to"]) == ("Trackway <alerts@shop.example>", "a@shop.example, b@shop.example")
        assert mail["message-id"] == f"<{found['deliveries'][0]['message']}@shop.example>"
        assert box.recipients == [["a@shop.example", "b@shop.example"]]
        assert text is not None
        assert "The number of form.submit in 1 h is 0" in text.get_content()
        assert page is not None
        assert "&lt;b&gt;Submits&lt;/b&gt; &amp; Co" in page.get_content()


def test_a_mail_server_that_refuses_for_good_is_not_asked_again(start: Start) -> None:
    with MailBox("550 no such user") as box:
        running = start(smtp_host="127.0.0.1", smtp_port=box.port, smtp_tls="none")
        watched = Watched(running, running.add_site())
        to = {"name": "Team", "kind": "email", "addresses": ["nobody@shop.example"]}
        channel = ask(running, "POST", f"{watched.site.id}/alert-channels", 201, to)
        came = ask(running, "POST", f"{watched.site.id}/alert-channels/{channel['id']}/test", 200)

        assert (came["ok"], came["status"], came["answer"]) == (False, 550, "no such user")


def test_without_a_mail_server_the_test_says_so(shared: Running) -> None:
    site = shared.add_site()
    to = {"name": "Team", "kind": "email", "addresses": ["a@shop.example"]}
    channel = ask(shared, "POST", f"{site.id}/alert-channels", 201, to)
    came = ask(shared, "POST", f"{site.id}/alert-channels/{channel['id']}/test", 200)

    assert "smtp_host" in came["answer"]
    assert shared.get(f"/sites/{site.id}/alert-channels")["email"] is False


def test_the_mail_servers_password_is_never_printed(start: Start) -> None:
    running = start(smtp_password="not for anybody's eyes")

    assert "not for" not in running.command("config").stdout
