"""Kafka through its exporter: offsets of the sources' topics."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of

PARTITIONS = 3


class KafkaExporter(Exporter):
    """Offsets of each source's topic; rows are spread evenly over the partitions."""

    job = "kafka-exporter"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.topics = list(facts["sources"])

    def series(self) -> list[Labels]:
        return [
            labels_of(
                __name__="kafka_topic_partition_current_offset", topic=topic, partition=str(i)
            )
            for topic in self.topics
            for i in range(PARTITIONS)
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        rows = scrape.totals.arrived
        offsets = [(rows + PARTITIONS - 1 - i) // PARTITIONS for i in range(PARTITIONS)]
        return np.array(offsets * len(self.topics), np.float64)
