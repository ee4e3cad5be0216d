"""Prometheus' own test files, read as data from a folder beside the repository."""

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from simulator.promql import Engine, PromQLError, Unsupported, duration, selectors
from simulator.telemetry.store import MISSING, STALE, SeriesStore, labels_of

FOLDER = Path(__file__).parents[2].parent / "shared" / "conformance" / "promql"
EVALS = {"v2.42": 566, "v3.14": 813}  # supported cases, all of which are run
# Known differences with their reason.
KNOWN = {
    "v2.42": {},
    "v3.14": {
        r"""functions.test:523: label_replace(testmetric, "\xff", "", "src", "(.*)")""": (
            r"promql-parser reads '\xff' as the letter ÿ, Go as a byte that is not UTF-8"
        )
    },
}
LABEL = re.compile(r'\s*([^=\s,{}"]+|"(?:\\.|[^"\\])*")\s*=\s*("(?:\\.|[^"\\])*"|\'[^\']*\')\s*,?')

# Files left out on purpose, or that test an option that is off by default.
LEFT_OUT = {"name_label_dropping.test": "delayed name removal is a feature flag"}


@dataclass
class Case:
    file: str
    line: int
    kind: str  # "instant" or "range"
    when: tuple[int, ...]
    expr: str
    fails: bool = False
    ordered: bool = False
    range: tuple[int, ...] = ()  # of an instant query whose result is a range vector
    expected: list[str] = field(default_factory=list)
    store: SeriesStore | None = None
    native: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.expr}"


def series_of(text):
    """`name{a="b"} rest` as (labels, rest)."""
    name = re.match(r"[a-zA-Z_:][a-zA-Z0-9_:]*", text)
    labels = {"__name__": name[0]} if name else {}
    at = name.end() if name else 0
    if text[at : at + 1] == "{":
        at += 1
        while not re.match(r"\s*\}", text[at:]):
            match = LABEL.match(text, at)
            if match is None:  # a quoted metric name
                quoted = re.match(r'\s*"((?:\\.|[^"\\])*)"\s*,?', text[at:])
                labels["__name__"] = quoted[1]
                at += quoted.end()
                continue
            key, value = match[1].strip('"'), match[2][1:-1]
            labels[key] = value.encode().decode("unicode_escape") if "\\" in value else value
            at = match.end()
        at = text.index("}", at) + 1
    return labels_of(labels), text[at:].strip()


def number(text):
    if text == "stale":
        return STALE
    if text == "_":
        return MISSING
    return float(text.replace("Inf", "inf"))


def expand(text):
    """`1+2x3 _ stale` as a list of values."""
    values = []
    for token in text.split():
        match = re.fullmatch(r"(?P<start>.+?)(?P<by>(?<![eE])[+-].+)?x(?P<n>\d+)", token)
        if not match or ("inf" in token.lower() and not match["by"] and "x" not in token):
            values.append(number(token))
        elif match["start"] == "_":
            values += [MISSING] * int(match["n"])
        else:
            start, by = number(match["start"]), float(match["by"] or 0)
            values += [start + by * k for k in range(int(match["n"]) + 1)]
    return values


def when(text):
    text = text.strip()
    if re.fullmatch(r"-?[\d.]+", text):
        return round(float(text) * 1000)
    return -duration(text[1:]) if text.startswith("-") else duration(text)


class Reader:
    def __init__(self, file):
        self.file = file
        self.cases = []
        self.clear()

    def clear(self):
        self.store, self.native = SeriesStore(), set()

    def read(self):
        lines = self.file.read_text().splitlines()
        at = 0
        while at < len(lines):
            line = lines[at].strip()
            block = []
            start = at
            at += 1
            if not line or line.startswith("#"):
                continue
            while (
                at < len(lines)
                and lines[at].strip()
                and not re.match(r"(eval|load|clear)", lines[at])
            ):
                if not lines[at].strip().startswith("#"):
                    block.append(lines[at].strip())
                at += 1
            if line.startswith("clear"):
                self.clear()
            elif line.startswith("load"):
                self.load(when(line.split()[1]), block, "nhcb" in line)
            elif line.startswith("eval"):
                self.eval(line, block, start + 1)
        return self.cases

    def load(self, step, block, nhcb):
        rows = []
        for line in block:
            labels, rest = series_of(line)
            name = dict(labels)["__name__"]
            if nhcb:  # also stored as a native histogram, which is left out
                self.native.add(re.sub("_(bucket|count|sum)$", "", name))
            if "{{" in rest:
                self.native.add(name)
            else:
                rows.append((labels, expand(rest)))
        store = self.store.copy()
        table = store.table(f"load-{len(store.tables)}")
        label_sets = {labels for t in store.tables.values() for labels in t.series}
        assert not label_sets & {labels for labels, _ in rows}, "a series loaded twice"
        columns = table.ensure_columns([labels for labels, _ in rows])
        for k in range(max((len(values) for _, values in rows), default=0)):
            row = np.full(len(table.series), MISSING)
            row[columns] = [values[k] if k < len(values) else MISSING for _, values in rows]
            table.append(k * step, row)
        self.store = store

    def eval(self, line, block, number):
        instant = re.match(r"eval(_\w+)?\s+instant\s+(?:at\s+(\S+))?\s+(.*)", line)
        ranged = re.match(
            r"eval(_\w+)?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.*)", line
        )
        if ranged:
            moments = tuple(when(text) for text in ranged.groups()[1:4])
            case = Case(self.file.name, number, "range", moments, ranged[5])
        else:
            case = Case(self.file.name, number, "instant", (when(instant[2]),), instant[3])
        mode = (instant or ranged)[1]
        case.fails, case.ordered = mode == "_fail", mode == "_ordered"
        for text in block:
            if text.startswith("expect "):
                case.fails |= text.startswith("expect fail")
                case.ordered |= text == "expect ordered"
                if text.startswith("expect string"):
                    case.expected.append(text)
                moments = re.match(r"expect range vector from (\S+) to (\S+) step (\S+)", text)
                if moments:
                    case.range = tuple(when(text) for text in moments.groups())
            elif not text.startswith(("expected_fail", "expected range")):
                case.expected.append(text)
        case.store, case.native = self.store, frozenset(self.native)
        self.cases.append(case)


def equal(a, b):
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    if a == b:
        return True
    if a == 0 or b == 0 or abs(a) + abs(b) < 1e-300:
        return abs(a - b) < 1e-6 * 1e-300 or abs(a - b) < 1e-12
    return abs(a - b) / min(abs(a) + abs(b), 1.7e308) < 1e-6


def unsupported(case):
    """The reason to leave a case out, or an empty text."""
    if case.file in LEFT_OUT:
        return LEFT_OUT[case.file]
    if any("{{" in text for text in case.expected) or "histogram(" in case.expr:
        return "native histograms"
    try:
        for selector in selectors(case.expr):
            name = selector.name
            if name in case.native or (name is None and case.native):
                return "native histograms"
    except PromQLError:
        pass
    return ""


def run(case, dialect):
    """The failure of a case; an empty text if it passes."""
    engine = Engine(case.store.copy(), dialect)
    try:
        if case.kind == "instant":
            result = engine.query(case.expr, case.when[0])
        else:
            start, end, step = case.when
            result = engine.query_range(case.expr, start, end, step)
    except Unsupported:
        raise
    except PromQLError as problem:
        return "" if case.fails else f"failed: {problem}"
    if case.fails:
        return "should have failed"
    if case.kind == "range" or case.range:
        return check_range(case, result)
    return check_instant(case, result)


def check_instant(case, result):
    if result.kind == "string":
        expected = case.expected[0].removeprefix("expect string ").strip("\"'`")
        return "" if result.text == expected.encode().decode("unicode_escape") else result.text
    if result.kind == "scalar":
        expected = float(case.expected[0].split()[-1])
        return "" if equal(result.scalar, expected) else f"{result.scalar} != {expected}"
    expected = []
    for text in case.expected:
        labels, rest = series_of(text) if not re.fullmatch(r"[-+.\w]+", text) else ((), text)
        expected.append((labels, number(rest)))
    got = list(zip(result.labels, result.values.tolist(), strict=True))
    if not case.ordered:
        expected, got = sorted(expected, key=str), sorted(got, key=str)
        expected.sort(key=lambda item: item[0])
        got.sort(key=lambda item: item[0])
    same = len(expected) == len(got) and all(
        w[0] == g[0] and equal(w[1], g[1]) for w, g in zip(expected, got, strict=True)
    )
    return "" if same else f"got {got}, expected {expected}"


def check_range(case, result):
    start, end, step = case.range or case.when
    moments = list(range(start, end + 1, step))
    expected = {}
    for text in case.expected:
        labels, rest = series_of(text)
        values = expand(rest)
        expected[labels] = {
            t: v
            for t, v in zip(moments, values, strict=False)
            if np.float64(v).tobytes() != np.float64(MISSING).tobytes()
        }
    got = {
        labels: dict(zip(stamps.tolist(), values.tolist(), strict=True))
        for labels, (stamps, values) in zip(result.labels, result.series, strict=True)
    }
    same = expected.keys() == got.keys() and all(
        expected[k].keys() == got[k].keys()
        and all(equal(v, got[k][t]) for t, v in expected[k].items())
        for k in expected
    )
    return "" if same else f"got {got}, expected {expected}"


def outcomes(version):
    """(passed, failed, left out) over a folder's cases."""
    folder = FOLDER / version
    if not folder.is_dir():
        pytest.skip(f"no conformance data at {folder}")
    dialect = int(version[1])
    passed, failed, left_out = 0, [], []
    for file in sorted(folder.glob("*.test")):
        for case in Reader(file).read():
            reason = unsupported(case)
            if not reason:
                try:
                    problem = run(case, dialect)
                except Unsupported as unknown:
                    reason = str(unknown)
                else:
                    passed += not problem
                    failed += [(case, problem)] if problem else []
            if reason:
                left_out.append((case, reason))
    return passed, failed, left_out


@pytest.mark.parametrize("version", ["v2.42", "v3.14"])
def test_results_equal_prometheus(version, capsys):
    passed, failed, left_out = outcomes(version)
    reasons = Counter(reason for _, reason in left_out)
    with capsys.disabled():
        print(
            f"\n{version}: {passed} of {passed + len(failed)} evals pass, {len(left_out)} left out"
        )
        for reason, count in reasons.most_common():
            print(f"  {count:4} {reason}")
        for case, _ in failed:
            print(f"  differs: {case}: {KNOWN[version].get(str(case), 'unknown')}")
    unknown = [
        f"{case}\n    {problem}" for case, problem in failed if str(case) not in KNOWN[version]
    ]
    assert not unknown, "\n".join(unknown)
    assert passed + len(failed) == EVALS[version]
