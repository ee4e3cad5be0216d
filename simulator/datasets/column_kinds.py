"""Counts of numbers and texts in a column, over all rows of a file."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass
class ColumnKinds:
    """How many values of a column are numbers and texts, and the first text with its row.

    Examples
    --------
    >>> kinds = ColumnKinds()
    >>> kinds.count(pd.Series(["1.5", None, "n/a"]), 0)
    >>> kinds
    ColumnKinds(numbers=1, texts=1, first_text=(3, 'n/a'))
    """

    numbers: int = 0
    texts: int = 0
    first_text: tuple[int, str] = (0, "")

    def count(self, values: pd.Series, rows_before: int) -> None:
        """Add a block's values of the column."""
        if values.dtype.kind in "iufM":
            self.numbers += int(values.notna().sum())
            return
        present = values.notna().to_numpy()
        number = present & pd.to_numeric(values, errors="coerce").notna().to_numpy()
        text = np.flatnonzero(present & ~number)
        if len(text) and not self.texts:
            self.first_text = (rows_before + int(text[0]) + 1, str(values.iloc[text[0]])[:40])
        self.numbers += int(number.sum())
        self.texts += len(text)
