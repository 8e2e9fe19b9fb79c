"""The first-party proxy of docs/sdk.md: its nginx block as printed, between a real nginx and a real server."""

import re
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from tests.running import Running, free_port, make_event, wait_for

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
DOCS = Path(__file__).parents[2] / "docs" / "sdk.md"
AROUND = """daemon off; pid {at}/pid; error_log {at}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u;
    scgi_temp_path {at}/s;
    server {{
        listen 127.0.0.1:{port};
        {block}
        location / {{ return 200 "the shop"; }}
    }}
}}
"""
UUID = "0190aaaa-0000-7000-8000-00000000abcd"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Running, str]]:
    """A server that trusts this machine's proxy, and the origin of the shop before it."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    running = Running(tmp_path_factory.mktemp("proxied") / "data", trusted_proxies="127.0.0.1")
    running.start()
    at, port = tmp_path_factory.mktemp("nginx"), free_port()
    found = re.search(r"```nginx\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    block = found[1].replace("http://127.0.0.1:8000", running.url)
    (at / "nginx.conf").write_text(AROUND.format(at=at, port=port, block=block))
    proxy = subprocess.Popen([NGINX, "-c", str(at / "nginx.conf"), "-p", str(at), "-e", str(at / "error.log")])
    origin = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(origin).text == "the shop"
        except httpx.HTTPError:
            return False

    wait_for(answers, 10)
    yield running, origin
    proxy.terminate()
    proxy.wait(10)
    running.stop()


def test_the_file_events_and_the_cookie_pass_and_nothing_else_does(behind: tuple[Running, str]) -> None:
    running, origin = behind
    site = running.add_site(sdk_server_cookie=True, ip="full")

    file = httpx.get(f"{origin}/s/{site.key}.js")
    event = make_event()
    sent = httpx.post(
        f"{origin}/e", json={"key": site.key, "events": [event]}, headers={"x-forwarded-for": "203.0.113.9"}
    )
    cookie = httpx.post(f"{origin}/e/id?k={site.key}&d=shop.example", headers={"cookie": f"tw_uuid={UUID}"})
    rest = [httpx.get(origin + path).text for path in ("/else", "/e/other", "/api/v1/sites")]

    assert "TrackwaySDK" in file.text
    assert sent.json()["accepted"] == 1
    assert cookie.headers["set-cookie"].startswith(f"tw_uuid={UUID}; Path=/; Max-Age=34560000;")
    assert rest == ["the shop"] * 3
    running.settled(site.id, 1)
    assert running.events(site.id)[0]["ip"] == "127.0.0.1"  # what a visitor claims of its address is not believed
