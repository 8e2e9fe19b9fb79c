"""`trackway rules …`, and what goes with it on sites and keys, on a folder that no server works on."""

from pathlib import Path

import pytest

from tests.test_commands import answer, check_failed, trackway_command


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the site `shop`, never served."""
    folder = tmp_path_factory.mktemp("shop") / "data"
    trackway_command("site", "add", "Shop", "--data", str(folder)).check_returncode()
    return folder


def test_rules_are_set_shown_and_tried_without_a_server(shop: Path) -> None:
    data = ("--data", str(shop))

    made = answer(trackway_command("rules", "set", "shop", "--deny", "a.*", "--deny", "b.c", "--json", *data))
    kept = answer(trackway_command("rules", "set", "shop", "--mode", "report", "--allow", "c.*", "--json", *data))
    emptied = answer(trackway_command("rules", "set", "shop", "--no-deny", "--json", *data))
    tried = answer(trackway_command("rules", "preview", "shop", "--deny", "*", "--json", *data))
    shown = trackway_command("rules", "show", "shop", *data).stdout

    assert made == {"mode": "enforce", "allow": [], "deny": ["a.*", "b.c"]}
    assert kept == {"mode": "report", "allow": ["c.*"], "deny": ["a.*", "b.c"]}
    assert emptied == {"mode": "report", "allow": ["c.*"], "deny": []}
    assert (tried["received"], tried["actions"]) == (0, [])
    assert shown.splitlines() == ["mode   report", "allow  c.*", "deny   none"]


def test_rules_that_are_none_are_refused(shop: Path) -> None:
    check_failed(trackway_command("rules", "set", "shop", "--deny", "product", "--data", str(shop)), 1, "product.*")
    check_failed(trackway_command("rules", "set", "nowhere", "--data", str(shop)), 1, "nowhere")
    both = trackway_command("rules", "set", "shop", "--deny", "a.b", "--no-deny", "--data", str(shop))
    assert both.returncode == 2


def test_archived_site_and_last_use_are_told(shop: Path) -> None:
    data = ("--data", str(shop))
    trackway_command("site", "add", "Old shop", *data).check_returncode()
    key = answer(
        trackway_command("key", "add", "--scope", "read", "--ip", "10.0.0.0/8", "--allow", "a.*", "--json", *data)
    )
    trackway_command("site", "archive", "old-shop", *data).check_returncode()

    listed = answer(trackway_command("site", "list", "--json", *data))
    archived = answer(trackway_command("site", "list", "--archived", "--json", *data))
    keys = {one["id"]: one for one in answer(trackway_command("key", "list", "--json", *data))}

    assert "old-shop" not in {one["id"] for one in listed}
    assert [one["id"] for one in archived] == ["old-shop"]
    assert (keys[key["id"]]["ip_ranges"], keys[key["id"]]["allow"]) == (["10.0.0.0/8"], ["a.*"])
    assert keys[key["id"]]["last_used"] is None
    check_failed(trackway_command("key", "add", "--scope", "read", "--ip", "here", *data), 1, "here")
