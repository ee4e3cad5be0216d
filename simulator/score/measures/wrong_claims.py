"""`wrong_claims`: claims of what was no cause."""

from collections.abc import Sequence

from simulator.analysis import Timeline
from simulator.analysis.mistakes import wrong_claims
from simulator.analysis.order_records import OrderRecord
from simulator.registry import part
from simulator.score.mistake_count import MistakeCount


@part
class WrongClaims(MistakeCount):
    """Claims of a cause that was none; withdrawn ones count, repeated ones once."""

    unit = "claims"

    def mistakes(self, record: Timeline) -> Sequence[OrderRecord]:
        return wrong_claims(record)
