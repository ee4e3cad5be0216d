"""A run's folder: its event log, series and inputs.

::

    log.jsonl     one event a line, written as the run goes; the last line seals the folder
    series.npz    the scraped series, and the objectives' true values at every scrape
    inputs/       every input file, resolved
    twins/        runs of the same seed with one difference
    scores.json  report.html  postmortem.md
    grades/       further grades of the run, each with its rubric and observations

`events`, `header`, `player` and `need` are the classes of the log's lines, `log` writes and reads
them, `folder` has the other files, `seal` tells whether any of them was edited, `run` puts them
together. Scores and reports read the folder alone.
"""

from simulator.run.events import Event
from simulator.run.folder import RunError
from simulator.run.header import FORMAT, Header
from simulator.run.log import Log
from simulator.run.player import Player
from simulator.run.run import NO_FAULT, NONE, Run, leave_one_out_name

__all__ = [
    "FORMAT", "NONE", "NO_FAULT", "Event", "Header", "Log", "Player", "Run", "RunError",
    "leave_one_out_name",
]  # fmt: skip
