"""A bottom-k sample of the rows of a long file, in one pass."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from simulator.pipeline.arrays import Floats, Ints
from simulator.streams import uniforms

# Parts are merged past this number: even a part of few rows takes several KiB.
MAX_PARTS = 32


@dataclass
class RowSample:
    """The `size` rows with the lowest priorities so far.

    A row's priority is a uniform number keyed by the row's number, so that the same file gives
    the same sample whatever its blocks.

    Examples
    --------
    >>> sample = RowSample(2)
    >>> sample.add(pd.DataFrame({"x": [10, 20, 30]}))
    >>> table, numbers = sample.result()
    >>> len(table), sample.rows
    (2, 3)
    """

    size: int
    rows: int = 0
    threshold: float = 1.0
    parts: list[tuple[pd.DataFrame, Ints, Floats]] = field(default_factory=list)

    def add(self, chunk: pd.DataFrame) -> None:
        """Add a block of rows."""
        number = np.arange(self.rows, self.rows + len(chunk))
        self.rows += len(chunk)
        priority = uniforms(number, "rows of a table", 0)
        low = np.flatnonzero(priority <= self.threshold)
        self.parts.append((chunk.iloc[low], number[low], priority[low]))
        size = sum(len(part) for part, _, _ in self.parts)
        if size > 2 * self.size or len(self.parts) > MAX_PARTS:
            self._evict()

    def result(self) -> tuple[pd.DataFrame, Ints]:
        """The sampled rows in the file's order, and their numbers from 1."""
        self._evict()
        table, number, _ = self.parts[0]
        return table.reset_index(drop=True), number.astype(np.int64) + 1

    def _evict(self) -> None:
        priority = np.concatenate([part for _, _, part in self.parts])
        if len(priority) <= self.size:
            low = np.arange(len(priority))
        else:
            low = np.sort(np.argpartition(priority, self.size - 1)[: self.size])
            self.threshold = float(priority[low].max())
        # Blocks may disagree about the type of a column: `ColumnKinds` counts that.
        table = pd.concat([part for part, _, _ in self.parts], ignore_index=True)
        number = np.concatenate([part for _, part, _ in self.parts])
        self.parts = [(table.iloc[low], number[low], priority[low])]
