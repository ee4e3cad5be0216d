"""`orders_in_vain`: orders that failed or changed nothing."""

from collections.abc import Sequence

from simulator.analysis import Timeline
from simulator.analysis.mistakes import orders_in_vain
from simulator.analysis.order_records import OrderRecord
from simulator.registry import part
from simulator.score.mistake_count import MistakeCount


@part
class OrdersInVain(MistakeCount):
    """Orders to change something that failed, or that changed nothing."""

    unit = "orders"

    def mistakes(self, record: Timeline) -> Sequence[OrderRecord]:
        return orders_in_vain(record)
