"""The debts that hold a fault off while it lasts."""

from simulator.actions import ACTIONS
from simulator.debts import by_rank
from simulator.faults import Fault


def debts_against(fault: Fault) -> tuple[str, ...]:
    """The debts of its right moves, and those against any fault of its type, by name.

    Examples
    --------
    >>> from simulator.faults import FAULTS
    >>> debts_against(FAULTS.get("overload").model_construct())
    ('extra_replicas', 'shed_traffic')
    """
    steps = (step for move in fault.right_moves for step in move.steps)
    left = {name for step in steps for name in ACTIONS.get(step.action).leaves}
    return tuple(debt.kind for debt in by_rank() if debt.kind in left or fault.type in debt.against)
