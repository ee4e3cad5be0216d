"""`orders_on_healthy`: orders on what was neither faulty nor related to it."""

from collections.abc import Sequence

from simulator.analysis import Timeline
from simulator.analysis.mistakes import orders_on_healthy
from simulator.analysis.order_records import OrderRecord
from simulator.registry import part
from simulator.score.mistake_count import MistakeCount


@part
class OrdersOnHealthy(MistakeCount):
    """Orders on what neither had a fault nor was related to one."""

    unit = "orders"

    def mistakes(self, record: Timeline) -> Sequence[OrderRecord]:
        return orders_on_healthy(record)
