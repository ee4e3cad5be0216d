"""The twins of a run: what each changes, and how it is played.

- `no-fault` has no faults and no responder: the faults did not cause its breaches.
- `none` has the faults and no responder: a fault caused the alerts that fire there and not in
  `no-fault`.
- `reference` has the faults, and the scenario's reference playbook answers.
- `without-ID`, if there are several faults, has the run's own orders and all faults but that one:
  the fault caused the breaches of the run that `without-ID` does not have.
- `without-order-PLAYER-N` has the faults and the run's own orders but that one: the difference is
  what the order was worth.

Named random streams make them all comparable draw by draw. `without-ID` has the orders so that it
differs from the run in one thing only. Without a responder it would differ in two, and an earlier
fault, which only the responder mitigated, would already have broken what a later fault breaks.
Orders are replayed open loop, at their times in the run, with the number that a page has in the
twin; an order that is impossible without the fault fails.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from simulator.play.play import Progress, Responders, play
from simulator.responders import Responder
from simulator.responders.playbook import Follower
from simulator.responders.replay import Replay
from simulator.run import NO_FAULT, NONE, Player, Run
from simulator.run.counterfactuals import REFERENCE, OrderNumber, fault_twins, twin_orders
from simulator.setting import Setting


@dataclass(frozen=True)
class Twin:
    """A run of the same seed with one difference.

    Attributes
    ----------
    name : str
        The name of its folder; `no-fault` and `without-ID` say which faults it leaves out.
    answers : str
        `nobody`, the `reference` playbook, or the `orders` of the run.
    omitted : frozenset of OrderNumber
        The orders of the run that it leaves out.
    """

    name: str
    answers: Literal["nobody", "reference", "orders"]
    omitted: frozenset[OrderNumber] = frozenset()


NO_FAULT_TWIN, NONE_TWIN = Twin(NO_FAULT, "nobody"), Twin(NONE, "nobody")
REFERENCE_TWIN = Twin(REFERENCE, "reference")


def independent_twins(setting: Setting, reference: bool = True) -> tuple[Twin, ...]:
    """The twins without the orders of responders: all of the same drill and seed have them.

    Facilitators' orders are part of the drill: the twins of a run with any follow from the run.

    Parameters
    ----------
    reference : bool
        Whether the reference is among them: not if the run itself is its own reference.
    """
    twins = (NO_FAULT_TWIN, NONE_TWIN)
    has_reference = reference and setting.reference_playbook is not None
    return (*twins, REFERENCE_TWIN) if has_reference else twins


def twins_with_orders(run: Run) -> tuple[Twin, ...]:
    """The twins with the orders of a run: one fault less, if there are several; one order less."""
    orders = [Twin(order.twin, "orders", order.numbers) for order in twin_orders(run)]
    return (*(Twin(name, "orders") for name in fault_twins(run).values()), *orders)


def is_reference(setting: Setting, responders: Responders) -> bool:
    """Whether the run of these responders is its own reference: played by exactly its playbook."""
    reference = setting.reference_playbook
    return (
        reference is not None
        and isinstance(responders, Follower)
        and responders.playbook == reference
    )


def play_twin(
    setting: Setting,
    seed: int,
    twin: Twin,
    run: Run | None = None,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Run:
    """Play a twin.

    Parameters
    ----------
    run : Run, optional
        The run whose orders it has, if it has any; of a run with facilitators, every twin has
        theirs.
    folder : Path, optional
        An existing folder for its files.
    progress : callable, optional
        Called with the simulated time, ms.
    """
    has_orders = twin.answers == "orders"
    assert run is not None or not has_orders, f"{twin.name} needs the orders of a run"
    players: list[Player] = []
    responders: dict[str, Responder] = {}
    name = "none"
    if run is not None:
        players = list(run.header.players) if has_orders else facilitators_of(run.header.players)
        responders = {player.name: Replay(run, player.name) for player in players}
        name = run.header.responder if has_orders else name
    if twin.answers == "reference":
        playbook = setting.reference_playbook
        assert playbook is not None, "the scenario has no reference"
        team = setting.scenario.plays
        name, responders[team] = playbook.name, Follower(playbook)
        players.append(Player(team, team))
    return play(
        setting, seed, responders, players=players, name=name, twin=twin.name,
        omitted=twin.omitted, folder=folder, progress=progress,
    )  # fmt: skip


def facilitators_of(players: Iterable[Player]) -> list[Player]:
    """The players who direct a live drill."""
    return [player for player in players if player.role == "facilitator"]


def play_again(setting: Setting, past: Run) -> Run:
    """Play a finished run or twin again, with its orders at their times.

    A twin with one order less has the orders of its run: its own log lacks the order's number.
    """
    if past.folder is not None and past.header.twin.startswith("without-order-"):
        run = Run.open(past.folder.resolve().parents[1], twins=False)
        twins = {twin.name: twin for twin in twins_with_orders(run)}
        if past.header.twin in twins:
            return play_twin(setting, run.header.seed, twins[past.header.twin], run)
    return play_twin(setting, past.header.seed, Twin(past.header.twin, "orders"), past)
