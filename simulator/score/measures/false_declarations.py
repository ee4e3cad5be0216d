"""`false_declarations`: declarations while nothing was wrong."""

from collections.abc import Sequence

from simulator.analysis import Timeline
from simulator.analysis.mistakes import false_declarations
from simulator.analysis.order_records import OrderRecord
from simulator.registry import part
from simulator.score.mistake_count import MistakeCount


@part
class FalseDeclarations(MistakeCount):
    """Declarations of SEV1 to SEV3 while nothing was wrong."""

    unit = "declarations"

    def mistakes(self, record: Timeline) -> Sequence[OrderRecord]:
        return false_declarations(record)
