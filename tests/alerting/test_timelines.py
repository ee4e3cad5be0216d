"""Timelines in a real Alertmanager 0.25, in seconds: the same notifications within 50 ms.

All run at once, each in a route of its own (label `case`) and notified to its own webhook.
"""

from __future__ import annotations

import http.server
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from simulator.alerting.alertmanager import Alert, Alertmanager, load_alertmanager
from simulator.telemetry.store import labels_of
from tests.alerting.programs import free_port, program, serving

END = 26_000  # ms; before the real one's first clean-up, 30 s after its start
MINUTE_AT = 12_000  # ms; a full minute of the wall clock, when the time intervals turn
TOLERANCE = 50  # ms
TRIES = 3  # a machine busy for 50 ms is no difference
RESOLVE = 5_000  # ms; `resolve_timeout`


class Post(NamedTuple):
    """An alert as posted at `t`; `since` and `until` are relative to it, ms, or left out."""

    t: int
    name: str = "Down"
    labels: dict[str, str] = {}  # noqa: RUF012
    since: int | None = 0
    until: int | None = 600_000


class SilenceFor(NamedTuple):
    """A silence from `t` for so many ms."""

    t: int
    matchers: dict[str, str]
    lasts: int


def down(t: int, name: str = "Down", since: int = 0, **labels: str) -> Post:
    return Post(t, name, labels, since)


def over(t: int, name: str = "Down", **labels: str) -> Post:
    return Post(t, name, labels, -500, 0)


# A case: how its route differs from `group_wait: 1s, group_interval: 4s, repeat_interval: 1h`,
# its receiver's settings, and the events.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], list[Post | SilenceFor]]] = {
    "one alert": ({}, {}, [down(500)]),
    "two of a group wait for each other": ({}, {}, [down(500, job="a"), down(900, job="b")]),
    "a late one waits for the tick": ({}, {}, [down(500, job="a"), down(2500, job="b")]),
    "groups of their own": ({}, {}, [down(500, "A"), down(700, "B")]),
    "a group for each label": ({"group_by": ["job"]}, {}, [down(500, job="a"), down(600, job="b"), down(650)]),
    "group by everything": ({"group_by": ["..."]}, {}, [down(500, job="a"), down(600, job="b")]),
    "one group for all": ({"group_by": []}, {}, [down(500, "A"), down(600, "B")]),
    "repeat": ({"repeat_interval": "9s", "group_interval": "4s"}, {}, [down(300)]),
    "repeat at each tick": ({"repeat_interval": "1s", "group_interval": "3s"}, {}, [down(300)]),
    "resolved": ({}, {}, [down(500), over(3000)]),
    "resolved, not sent": ({}, {"send_resolved": False}, [down(500), over(3000)]),
    "one of two resolved": ({}, {}, [down(500, job="a"), down(600, job="b"), over(3000, job="a")]),
    "over before the first flush": ({}, {}, [down(500), over(900)]),
    "fires again within the tick": ({}, {}, [down(500), over(2000), down(3000)]),
    "fires again later": ({}, {}, [down(500), over(2000), down(8000)]),
    "an emptied group keeps its tick": ({}, {}, [down(500), over(1200), down(10_700)]),
    "ends by itself": ({}, {}, [Post(500, until=3000)]),
    "times out": ({}, {}, [Post(500, until=None)]),
    "kept up by resending": ({}, {}, [Post(500 + k * 3000, since=-k * 3000, until=None) for k in range(5)]),
    "began long ago": ({}, {}, [down(500, since=-60_000)]),
    "a late old one hurries": ({"group_wait": "3s"}, {}, [down(500, job="a"), down(1500, job="b", since=-60_000)]),
    "no wait": ({"group_wait": "0s"}, {}, [down(500), down(2000, job="b")]),
    "silenced": ({}, {}, [SilenceFor(200, {"job": "a"}, 600_000), down(500, job="a"), down(600, job="b")]),
    "a silence ends": ({}, {}, [SilenceFor(200, {"job": "a"}, 6000), down(500, job="a")]),
    "a silence comes later": ({"repeat_interval": "5s"}, {}, [down(500, job="a"), SilenceFor(3000, {"job": "a"}, 12_000)]),
    "silenced while it ends": ({}, {}, [down(500, job="a"), SilenceFor(2000, {"job": "a"}, 9000), over(3000, job="a")]),
    "inhibited": ({}, {}, [down(300, "Page", level="page"), down(500, "Ticket", level="ticket")]),
    "inhibited until the source ends": ({}, {}, [down(300, "Page", level="page"), down(500, "Ticket", level="ticket"), over(7000, "Page", level="page")]),
    "not of the same job": ({}, {}, [down(300, "Page", level="page", job="a"), down(500, "Ticket", level="ticket", job="b")]),
    "muted until the minute": ({"mute_time_intervals": ["before"]}, {}, [down(500)]),
    "active from the minute on": ({"active_time_intervals": ["after"]}, {}, [down(500)]),
    "muted from the minute on": ({"mute_time_intervals": ["after"], "repeat_interval": "3s"}, {}, [down(500)]),
    "never active": ({"active_time_intervals": ["never"]}, {}, [down(500)]),
    "continue": ({"continue": True}, {}, [down(500), over(6000)]),
}  # fmt: skip


def configuration(hook: str, minute: datetime) -> dict[str, Any]:
    names = list(CASES)
    routes = []
    for number, name in enumerate(names):
        route = {"receiver": str(number), "matchers": [f'case="{number}"'], **CASES[name][0]}
        routes.append(route)
        if route.get("continue"):
            routes.append({"receiver": "also", "matchers": [f'case="{number}"']})
    clock = f"{minute:%H:%M}"
    before = {"start_time": "00:00", "end_time": clock if clock != "00:00" else "24:00"}
    hooks = [(str(n), CASES[name][1]) for n, name in enumerate(names)] + [("also", {})]
    return {
        "global": {"resolve_timeout": f"{RESOLVE // 1000}s"},
        "templates": [],
        "route": {
            "receiver": "also", "group_by": ["alertname"], "group_wait": "1s",
            "group_interval": "4s", "repeat_interval": "1h", "routes": routes,
        },
        "inhibit_rules": [{
            "source_matchers": ['level="page"'], "target_matchers": ['level="ticket"'],
            "equal": ["case", "job"],
        }],
        "time_intervals": [
            {"name": "before", "time_intervals": [{"times": [before]}]},
            {"name": "after", "time_intervals": [{"times": [{"start_time": clock, "end_time": "24:00"}]}]},
            {"name": "never", "time_intervals": [{"years": ["1999"]}]},
        ],
        "receivers": [
            {"name": name, "webhook_configs": [{"url": f"{hook}/{name}", **more}]} for name, more in hooks
        ],
    }  # fmt: skip


Notice = tuple[str, str, str, str]  # receiver, status, the group's labels, the alerts


@contextmanager
def webhook() -> Iterator[tuple[str, list[tuple[float, Notice]]]]:
    """A receiver on the loopback, and its notifications with their times, seconds since 1970."""
    notices: list[tuple[float, Notice]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            now = time.time()
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            alerts = [(sorted(a["labels"].items()), a["status"]) for a in body["alerts"]]
            notice = (self.path[1:], body["status"], str(sorted(body["groupLabels"].items())))
            notices.append((now, (*notice, str(sorted(alerts)))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", notices
        finally:
            server.shutdown()


def rfc(start: float, ms: int) -> str:
    return datetime.fromtimestamp(start + ms / 1000, UTC).isoformat(timespec="milliseconds")


def play_cases(address: str, start: float, ours: Alertmanager, until: int) -> None:
    """Play the cases in both, in ours at the moments of the real requests."""
    steps = [
        (step.t + number * 7, number, step)  # not all at once
        for number, (_, _, steps) in enumerate(CASES.values())
        for step in steps
    ]
    for t, number, step in sorted(steps, key=lambda item: item[:2]):
        time.sleep(max(0.0, start + t / 1000 - time.time()))
        now = round((time.time() - start) * 1000)
        case = str(number)
        if isinstance(step, SilenceFor):
            matchers = [("case", case), *step.matchers.items()]
            post(f"{address}/api/v2/silences", {
                "matchers": [{"name": k, "value": v, "isRegex": False} for k, v in matchers],
                "startsAt": rfc(start, now), "endsAt": rfc(start, now + step.lasts),
                "createdBy": "ada", "comment": "drill",
            })  # fmt: skip
            ours.silence(", ".join(f'{k}="{v}"' for k, v in matchers), now, now + step.lasts, "ada")
            continue
        labels = {"alertname": step.name, "case": case, **step.labels}
        since = now + (step.since or 0)
        ends = now + (RESOLVE if step.until is None else step.until)
        body: dict[str, Any] = {"labels": labels, "startsAt": rfc(start, since)}
        if step.until is not None:
            body["endsAt"] = rfc(start, ends)
        post(f"{address}/api/v2/alerts", [body])
        alert = Alert(labels_of(labels), (), since, ends, timed_out=step.until is None)
        ours.receive([alert], now)
    time.sleep(max(0.0, start + until / 1000 - time.time()))


def post(url: str, body: Any) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()


def run(folder: Path) -> list[str]:
    """The differences between both, a line each."""
    folder.mkdir()
    begin = time.time()
    start = (begin + 3 + MINUTE_AT / 1000) // 60 * 60 + 60 - MINUTE_AT / 1000
    if start - begin > 60:
        start -= 60
    minute = datetime.fromtimestamp(start + MINUTE_AT / 1000, UTC)
    with webhook() as (hook, notices):
        text = yaml.safe_dump(configuration(hook, minute))
        alertmanager = Alertmanager(
            load_alertmanager(text, "am.yml", "0.25"), round(start * 1000), "0.25"
        )
        # Debian's binary looks for its default templates where its package puts them.
        (folder / "own.tmpl").write_text('{{ define "none" }}{{ end }}')
        (folder / "am.yml").write_text(text.replace("templates: []", "templates: ['own.tmpl']"))
        port = free_port()
        command = [
            program("alertmanager"), f"--config.file={folder / 'am.yml'}",
            f"--storage.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ]  # fmt: skip
        time.sleep(max(0.0, start - 2 - time.time()))
        with serving(command, port, folder / "log") as address:
            play_cases(address, start, alertmanager, END)
        real = [(round((at - start) * 1000), notice) for at, notice in notices]
    ours = [
        (n.t, (n.receiver, n.status, str(sorted(n.group_labels)), str(sorted(
            (list(a.labels), "resolved" if a.resolved(n.t) else "firing") for a in n.alerts))))
        for n in alertmanager.advance(END)
    ]  # fmt: skip
    assert len(ours) > 1.5 * len(CASES), "the timelines have too few notifications"
    return differences(ours, real)


def differences(ours: list[tuple[int, Notice]], real: list[tuple[int, Notice]]) -> list[str]:
    # Near the end a notification may be missing in one of the two.
    ours, real = ([n for n in some if n[0] < END - 200] for some in (ours, real))
    kinds = sorted({notice for _, notice in [*ours, *real]})
    different = []
    for kind in kinds:
        our_times, theirs = ([t for t, notice in some if notice == kind] for some in (ours, real))
        near = len(our_times) == len(theirs) and all(
            abs(a - b) <= TOLERANCE for a, b in zip(sorted(our_times), sorted(theirs), strict=True)
        )
        if not near:
            case = list(CASES)[int(kind[0])] if kind[0].isdigit() else kind[0]
            different.append(f"{case}: ours {our_times}, theirs {theirs} ms: {kind}")
    return different


@pytest.mark.slow
def test_notifications_are_those_of_alertmanager(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program("alertmanager")
    assert len(CASES) >= 20
    for attempt in range(TRIES):
        different = run(tmp_path / str(attempt))
        if not different:
            break
    with capsys.disabled():
        print(f"\n{len(CASES)} timelines, {len(different)} differ, try {attempt + 1}")
    assert not different, "\n".join(different)
