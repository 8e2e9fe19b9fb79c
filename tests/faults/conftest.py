"""Small disks of a test's own, and the reasons why they cannot be had."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

MakeDisk = Callable[[Path, int], None]


@pytest.fixture
def mount_disk() -> Iterator[MakeDisk]:
    """Puts a disk in memory of so many MiB over a folder; taken away again at the end."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    mounted: list[Path] = []

    def mount(folder: Path, size_mb: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(folder)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            pytest.skip(f"mounting a small disk was refused: {ran.stderr.strip()}")
        mounted.append(folder)

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(path: Path, leave_bytes: int = 0) -> None:
    """Write a file until its disk has only `leave_bytes` left."""
    with path.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            disk = os.statvfs(path.parent)
            room = disk.f_bavail * disk.f_frsize - leave_bytes
            if room <= 0:
                break
            file.write(b"\0" * min(room, 1024 * 1024))
