"""The worth of a run's orders, and the cost of its faults, as tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.analysis.worth import OrderWorth, UntriedOrder, Worth
from simulator.report.phrases import shorten
from simulator.report.stated_facts import FACTS
from simulator.units.wording import format_duration, hhmmss, join_words

# Arguments that a short name of an order leaves out.
DETAILS = frozenset({*FACTS, "text", "about", "incident"})
# An automation gives thirty orders a minute: the names of all that were not tried fill pages.
MAX_UNTRIED = 6


class WorthLine(NamedTuple):
    """A line of a table.

    Attributes
    ----------
    at : str
        T+hh:mm:ss of an order; empty for a fault, and for what lines do only together.
    seconds : float
        Saved; negative if it cost.
    correction : bool
        Whether it takes off what several lines count, as each needs the others.
    """

    at: str
    name: str
    seconds: float
    correction: bool = False

    @property
    def words(self) -> str:
        """The time saved or lost, in words."""
        if self.correction:
            return f"less {_time(abs(self.seconds))}, which several lines count"
        return format_saving(self.seconds)

    @property
    def tone(self) -> str:
        """saves, costs, changes (nothing) or less."""
        return self.words.partition(" ")[0]


class WorthTable(NamedTuple):
    """The lines of a table that add up to a whole."""

    title: str
    note: str
    lines: Sequence[WorthLine]

    def share(self, line: WorthLine) -> float:
        """A line's size in per cent of the largest, for a bar."""
        largest = max(abs(line.seconds) for line in self.lines)
        return round(100 * abs(line.seconds) / largest, 1) if largest else 0.0


def worth_tables(timeline: Timeline, worth: Worth) -> list[WorthTable]:
    """The tables of orders and of several faults, if there are any."""
    orders = order_worth_lines(timeline, worth)
    # A single order, and orders that add up, do nothing together. Of two orders that are both
    # needed each is worth what both are: together they are worth less than their lines.
    if worth.together:
        name = "together, and orders not tried" if worth.not_tried else "together"
        orders.append(WorthLine("", name, worth.together, worth.together < 0))
    faults = [WorthLine("", fault.fault, -fault.seconds) for fault in worth.faults]
    if worth.together_of_faults:
        rest = -worth.together_of_faults
        faults.append(WorthLine("", "together", rest, rest > 0))
    tables = [WorthTable("order", "against a run without it", orders),
              WorthTable("fault", "against a run without it", faults)]  # fmt: skip
    return [table for table in tables if table.lines]


def order_worth_lines(timeline: Timeline, worth: Worth) -> list[WorthLine]:
    """A line for every order with a twin."""
    return [WorthLine(_at(order), _name(timeline, order), order.seconds) for order in worth.orders]


def worth_sentences(timeline: Timeline, worth: Worth) -> Iterator[str]:
    """The worth of the run against nobody, par, and the orders that were not tried."""
    count = len(timeline.header.objectives)
    which, in_all = (f"the {count} objectives", " in all") if count > 1 else ("the objective", "")
    text = f"Outside of {which} for {_time(worth.run)}{in_all}"
    if worth.saved is not None and worth.none is not None and timeline.header.responder != "none":
        text += f", with nobody for {_time(worth.none)}: the run {format_saving(worth.saved)}"
    yield f"{text}."
    if worth.reference is not None:
        yield f"Par, the scenario's own playbook: {_time(worth.reference)}."
    if worth.not_tried:
        untried, rest = worth.not_tried[:MAX_UNTRIED], len(worth.not_tried) - MAX_UNTRIED
        names = [f"{_name(timeline, order)} ({_at(order)})" for order in untried]
        names += [f"{rest} more"] if rest > 0 else []
        yield f"Not tried: {join_words(names)}."


def format_saving(seconds: float) -> str:
    """The time saved or lost, in words.

    Examples
    --------
    >>> format_saving(7935), format_saving(-90), format_saving(0)
    ('saves 2 h 12 min', 'costs 1 min 30 s', 'changes nothing')
    """
    if not seconds:
        return "changes nothing"
    return f"{'saves' if seconds > 0 else 'costs'} {format_duration(abs(seconds) * 1000)}"


def short_order(action: str, args: Mapping[str, object]) -> str:
    """An order by its action and targets.

    Examples
    --------
    >>> short_order("page", {"team": "data-engineering", "text": "help", "severity": "SEV2"})
    'page data-engineering'
    >>> short_order("pause_releases", {"pause": False}), short_order("clean_disk", {})
    ('pause_releases (pause False)', 'clean_disk')
    """
    words = [action]
    for name, value in args.items():
        if name in DETAILS or value in ("", None, [], ()):
            continue
        if isinstance(value, list | tuple):
            words.append(join_words([str(item) for item in value]))
        else:
            words.append(value if isinstance(value, str) else f"({name} {value})")
    return shorten(" ".join(words), 60)


def _time(seconds: float) -> str:
    return format_duration(seconds * 1000)


def _at(order: OrderWorth | UntriedOrder) -> str:
    return f"T+{hhmmss(round(order.t_seconds * 1000))}"


def _name(timeline: Timeline, worth: OrderWorth | UntriedOrder) -> str:
    numbers = worth.player, worth.id
    args = next((o.args for o in timeline.order_records if (o.who, o.id) == numbers), {})
    count = worth.count if isinstance(worth, OrderWorth) else 1
    return short_order(worth.action, args) + (f" (×{count})" if count > 1 else "")
