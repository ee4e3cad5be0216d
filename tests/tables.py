"""Tables of measurements, printed after pytest's summary.

A test records one row by row: `record_property("table: TITLE", {"column": "cell", …})`.
Properties are part of a test's report, so that they arrive from workers of xdist too.
"""

from __future__ import annotations

from typing import Any

import pytest

PREFIX = "table: "


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every table, its rows in the order of the tests' names."""
    tables: dict[str, list[dict[str, str]]] = {}
    reports = [
        report
        for state in ("passed", "failed")
        for report in terminalreporter.stats.get(state, [])
        if getattr(report, "when", "") == "call"
    ]
    for report in sorted(reports, key=lambda report: report.nodeid):
        for name, row in report.user_properties:
            if name.startswith(PREFIX):
                tables.setdefault(name.removeprefix(PREFIX), []).append(row)
    for title, rows in tables.items():
        terminalreporter.section(title)
        for line in align(rows):
            terminalreporter.write_line(line)


def align(rows: list[dict[str, Any]]) -> list[str]:
    """Rows as aligned lines, below a line of column names.

    Examples
    --------
    >>> align([{"fault": "leak", "n": "1"}, {"fault": "skew", "n": "20"}])
    ['fault  n', 'leak   1', 'skew   20']
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([str(row.get(name, "")) for name in names] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
