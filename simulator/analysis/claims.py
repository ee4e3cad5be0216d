"""Claims of a cause, and the true causes."""

from collections.abc import Sequence

from simulator.analysis.order_records import OrderRecord


def claimed_cause(diagnosis: OrderRecord) -> str:
    """The cause that a diagnosis names."""
    cause = diagnosis.result.get("cause") or diagnosis.args.get("cause", "")
    return str(cause)


class TrueCauses:
    """The true causes by the scenario's `expect`, `data.unit_change` for example.

    Examples
    --------
    >>> causes = TrueCauses(["data.unit_change"])
    >>> causes.match("unit_change", fault="unit_change")
    True
    >>> causes.match("data.nulls", fault="unit_change")
    False
    """

    def __init__(self, causes: Sequence[str]) -> None:
        self.causes = causes

    def match(self, claim: str, fault: str, only_fault: bool = True) -> bool:
        """Whether a claim names the cause of a fault."""
        if not self.causes:
            return leaf(claim) == fault
        return self.match_any(claim) and (only_fault or leaf(claim) == fault)

    def match_any(self, claim: str) -> bool:
        """Whether a claim names any of the causes, in full or by its leaf."""
        return any(claim in (cause, leaf(cause)) for cause in self.causes)


def leaf(cause: str) -> str:
    """The last part of a cause's name in the catalogue's tree."""
    return cause.rpartition(".")[2]
