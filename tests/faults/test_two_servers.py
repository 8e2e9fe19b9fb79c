"""One folder, one server: a second one goes away with a clear line, and a dead one holds nothing."""

import socket
from pathlib import Path

import httpx

from tests.conftest import Start
from tests.running import Running, free_port, make_event


def test_second_server_on_a_folder_is_refused_until_the_first_is_dead(start: Start) -> None:
    first = start()
    site = first.add_site()

    second = first.command("serve", "--port", str(free_port()), check=False)
    answer = first.collect({"key": site.key, "events": [make_event()]})
    ledger = first.settled(site.id, 1)
    first.kill()
    third = start(first.data)

    assert second.returncode == 1
    assert second.stderr == (
        f"trackway: the server at {first.url} (process {first.pid}) works on {first.data} already; "
        "stop it, or choose another folder with --data.\n"
    )
    assert (answer.status_code, ledger["stored"]) == (200, 1)
    assert httpx.get(f"{third.url}/health/ready", timeout=30).status_code == 200


def test_taken_port_is_told_in_one_line_and_leaves_the_folder_free(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        running = Running(tmp_path / "data", port=port)

        ran = running.command("serve", "--port", str(port), check=False)

    assert ran.returncode == 1
    assert ran.stderr.startswith(f"trackway: 127.0.0.1:{port} cannot be listened on (")
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "data" / "server.json").exists()
