"""Generated series and queries have the results of a real Prometheus 2.42 over HTTP."""

from __future__ import annotations

import json
import math
import re
import struct
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.promql import Engine, PromQLError
from simulator.telemetry.store import Labels, SeriesStore, is_missing, labels_of
from tests.alerting.programs import free_port, program, serving
from tests.promql.expressions import FEATURES, LATEST, NAMES, STEP, of, queries, scrapes

START = 1_700_000_000_000 // 60_000 * 60_000  # ms since 1970 of our time 0
CASES = 8  # for each function, aggregation and operator
COMPARISONS = 5000
RELATIVE = 1e-12


class Prometheus:
    """A real server, filled by remote write, which keeps stale markers."""

    def __init__(self, address: str) -> None:
        self.address = address

    def write(self, columns: Mapping[Labels, Sequence[float]], first: int = 0) -> None:
        """Write scrapes one STEP apart, the first at row `first`."""
        request = b""
        for labels, column in columns.items():
            values = np.array(column)
            body = b"".join(field(1, pair(name, value)) for name, value in labels)
            for row in np.flatnonzero(~is_missing(values)).tolist():
                cell = values[row : row + 1].tobytes()  # a double, little-endian, bit for bit
                body += field(2, b"\x09" + cell + b"\x10" + varint(START + (first + row) * STEP))
            request += field(1, body)
        self.post("/api/v1/write", snappy(request), {
            "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        })  # fmt: skip

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
        request = urllib.request.Request(self.address + path, body, headers or {})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())

    def ask(self, path: str, **arguments: Any) -> Any:
        """The `data` of a response; None if the query fails."""
        try:
            text = self.post(path, urllib.parse.urlencode(arguments).encode())
        except urllib.error.HTTPError as error:
            assert error.code in (400, 422), error.read()
            return None
        return json.loads(text)["data"]


def varint(number: int) -> bytes:
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    return bytes([*data, number])


def field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + varint(len(body)) + body


def pair(name: str, value: str) -> bytes:
    return field(1, name.encode()) + field(2, value.encode())


def snappy(body: bytes) -> bytes:
    """Snappy's block format, uncompressed: literals of up to 64 KiB."""
    parts = [body[at : at + 65536] for at in range(0, len(body), 65536)]
    literals = [b"\xf4" + struct.pack("<H", len(part) - 1) + part for part in parts]
    return varint(len(body)) + b"".join(literals)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    (folder / "prometheus.yml").write_text("{}")
    command = [
        program("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-remote-write-receiver",
        "--enable-feature=promql-negative-offset,promql-at-modifier",
        "--log.level=warn",
    ]
    with serving(command, port, folder / "log") as address:
        yield Prometheus(address)


Samples = dict[tuple[Labels, int], float]
Scraped = dict[Labels, list[float]]


def prometheus_samples(data: Any) -> Samples:
    """A server's result by labels and time, ms of ours."""
    if data["resultType"] in ("scalar", "string"):
        return {((), ms(data["result"][0])): float(data["result"][1])}
    return {
        (labels_of(entry["metric"]), ms(t)): float(value)
        for entry in data["result"]
        for t, value in (entry.get("values") or [entry["value"]])
    }


def ms(seconds: float) -> int:
    return round(seconds * 1000) - START


def engine_samples(engine: Engine, query: str, when: Sequence[int]) -> Samples | None:
    try:
        if len(when) == 1:
            result = engine.query(query, when[0])
            if result.kind == "scalar":
                return {((), when[0]): result.scalar}
            values = zip(result.labels, result.values.tolist(), strict=True)
            return {(labels, when[0]): value for labels, value in values}
        result = engine.query_range(query, *when)
    except PromQLError:
        return None
    return {
        (labels, t): value
        for labels, (stamps, column) in zip(result.labels, result.series, strict=True)
        for t, value in zip(stamps.tolist(), column.tolist(), strict=True)
    }


def differ(query: str, ours: Samples | None, real: Samples | None) -> str:
    """The difference between two results; an empty text if they are equal."""
    if ours is None or real is None:
        return "" if ours is real else f"{query}: only one of them fails\n{ours}\n{real}"
    if ours.keys() != real.keys():
        if re.match("topk|bottomk", query) and sorted(map(key, ours.items())) == sorted(
            map(key, real.items())
        ):
            return ""  # among equal values the choice is undefined
        return f"{query}\nonly ours: {ours.keys() - real.keys()}\nonly prometheus_samples: {real.keys() - ours.keys()}"
    wrong = [
        f"{at}: {ours[at]!r} {value!r}" for at, value in real.items() if not same(ours[at], value)
    ]
    return f"{query}\n" + "\n".join(wrong) if wrong else ""


def key(item: tuple[tuple[Labels, int], float]) -> tuple[int, str]:
    return item[0][1], repr(item[1])


def same(a: float, b: float) -> bool:
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or abs(a - b) <= RELATIVE * max(abs(a), abs(b))


def run_cases(compare: Callable[..., None], *strategies: st.SearchStrategy[Any]) -> None:
    """Run the same cases each time, without shrinking, since `compare` never fails."""
    settings(
        max_examples=CASES, deadline=None, database=None, derandomize=True,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )(given(*strategies)(compare))()  # fmt: skip


@pytest.mark.slow
def test_results_equal_prometheus(
    prometheus: Prometheus, capsys: pytest.CaptureFixture[str]
) -> None:
    case, counts, seen = 0, Counter[str](), Counter[str]()

    def compare(columns: Scraped, texts: list[str], moments: list[int]) -> None:
        nonlocal case
        case += 1
        columns = {labels_of(dict(labels), case=str(case)): c for labels, c in columns.items()}
        columns = {labels: columns[labels] for labels in sorted(columns)}
        store = SeriesStore()
        table = store.table("scraped", list(columns))
        for row, samples in enumerate(np.array(list(columns.values())).T):
            table.append(row * STEP, samples)
        engine = Engine(store, dialect=2, epoch=START)
        prometheus.write(columns)
        for text in texts:
            query = text.replace("CASE", f'case="{case}"')
            for moment in moments:
                t = moment * 5000
                answer = prometheus.ask("/api/v1/query", query=query, time=(START + t) / 1000)
                real = None if answer is None else prometheus_samples(answer)
                our_answer = engine_samples(engine, query, [t])
                counts["comparisons"] += 1
                counts["samples"] += len(real or ())
                counts["failing alike"] += real is None
                counts["empty"] += real == {}
                if problem := differ(query, our_answer, real):
                    problems.append(f"at {t} ms: {problem}")
            bounds = [60_000, LATEST, 75_000]
            start, end = ((START + t) / 1000 for t in bounds[:2])
            answer = prometheus.ask(
                "/api/v1/query_range", query=query, start=start, end=end, step=75
            )
            counts["comparisons"] += 1
            real = None if answer is None else prometheus_samples(answer)
            if problem := differ(query, engine_samples(engine, query, bounds), real):
                problems.append(problem)
            seen.update(feature for feature in FEATURES if re.search(feature, query))

    problems: list[str] = []
    for name in NAMES:  # every feature is generated
        forced = st.tuples(*[of(name)] * 3, *[queries] * 2).map(list)
        when = st.tuples(*[st.integers(0, LATEST // 5000)] * 2).map(list)
        run_cases(compare, scrapes(), forced, when)
    with capsys.disabled():
        print(
            f"\n{dict(counts)}; {len(seen)} of {len(FEATURES)} features, missing {set(FEATURES) - seen.keys()}"
        )
    assert not problems, f"{len(problems)} differ, of them\n" + "\n".join(problems[:10])
    assert counts["comparisons"] >= COMPARISONS
    assert seen.keys() == set(FEATURES)
