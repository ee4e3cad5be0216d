"""The real programs, from PATH or from the folder in PROMETHEUS_BIN.

`.ci/programs` fetches Debian's packages; without them the tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

START_SECONDS = 60  # a busy machine takes its time
NAMES = {"alertmanager": ("prometheus-alertmanager", "alertmanager")}  # Debian's name first
# Debian's Alertmanager does not start without them; nowhere else does it look.
TEMPLATES = Path("/usr/share/prometheus/alertmanager/default.tmpl")


def program(name: str) -> str:
    """The program's path, or the test skips."""
    folder = os.environ.get("PROMETHEUS_BIN")
    for called in NAMES.get(name, (name,)):
        path = shutil.which(called, path=folder) if folder else shutil.which(called)
        if path is not None:
            if called == "prometheus-alertmanager" and not TEMPLATES.exists():
                pytest.skip(f"{path} does not start without {TEMPLATES}")
            return path
    pytest.skip(f"no {name} on PATH or in PROMETHEUS_BIN")


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], port: int, log: Path) -> Iterator[str]:
    """A server's address, once it is ready; it is ended with the block, by its process id."""
    address = f"http://127.0.0.1:{port}"
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as server:
        try:
            end = time.monotonic() + START_SECONDS
            while not _ready(address):
                log_end = log.read_text()[-2000:]
                assert server.poll() is None, log_end
                assert time.monotonic() < end, f"not ready in {START_SECONDS} s: {log_end}"
                time.sleep(0.05)
            yield address
        finally:
            server.terminate()
            server.wait(30)


def _ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/-/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
