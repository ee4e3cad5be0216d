"""The journal: the log of a run and the moment at which its events are logged."""

from simulator.run import Event, Log
from simulator.run.events import LineEvent
from simulator.telemetry.log_lines import LogLine, LogLines


class Journal:
    """The log of a run, and the lines of its systems.

    Attributes
    ----------
    now : int, ms
        The end of the present tick once the pipeline has moved on, before that its start.
    ends, end_reason : int, ms, and str
        The end of the drill, and its reason.
    over : bool
        Whether its end is logged.

    Examples
    --------
    >>> journal = Journal(Log(), LogLines(), ends=60_000)
    >>> journal.line("serving", "INFO", "ready")
    >>> [event.text for event in journal.log.events]
    ['ready']
    """

    def __init__(self, log: Log, lines: LogLines, ends: int) -> None:
        self.log = log
        self.lines = lines
        self.now, self.ends, self.over = 0, ends, False
        self.end_reason = "duration"

    def write(self, event: Event) -> None:
        """Log an event, unless the drill is over: its end is the last event of a complete run."""
        if not self.over:
            self.log.write(event)

    def line(self, part: str, level: str, text: str, t: int | None = None) -> None:
        """Add a line to a system's own log, of now or of a time, ms."""
        self.lines.add(LogLine(self.now if t is None else t, part, level, text))
        self.write(LineEvent(self.now, part, level, text))
