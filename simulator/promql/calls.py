"""Function calls as nodes of a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulator.promql.functions.mathematics import greater, lesser
from simulator.promql.plan_nodes import (
    Batch,
    RangeNode,
    ScalarNode,
    Times,
    VectorNode,
    without_name,
)
from simulator.promql.rowwise import Renamed, as_is
from simulator.promql.selector_nodes import Latest, Samples
from simulator.promql.window import Kernel
from simulator.telemetry.store import Bools, Floats, Labels

MOMENTS = 20  # evaluated at once: more need more memory, and are no faster


class OverRange(Renamed):
    """A function of a range vector: one kernel for each table's window."""

    def __init__(
        self,
        inner: RangeNode,
        kernel: Kernel,
        arguments: Sequence[ScalarNode] = (),
        keep_name: bool = False,
        picky: bool = False,
    ) -> None:
        super().__init__(inner, as_is if keep_name else without_name, *arguments)
        self.inner, self.kernel, self.arguments = inner, kernel, arguments
        # A picky kernel may refuse its arguments, and a subquery may ask for too much.
        told = all(argument.sure for argument in arguments) and not picky
        self.sure = bool(self.same.unique) and isinstance(inner, Samples) and told

    def at(self, times: Times) -> Batch:
        shape = (len(times.ms), len(self.labels))
        arguments = [argument.at(times) for argument in self.arguments]
        values, present = np.zeros(shape), np.zeros(shape, dtype=bool)
        step = MOMENTS if all((argument == argument[0]).all() for argument in arguments) else 1
        for first in range(0, len(times.ms), step):
            some = slice(first, first + step)
            given = [float(argument[first]) for argument in arguments]
            self._fill(values[some], present[some], given, times.moved(times.ms[some]))
        self.same.check(present)
        return Batch(values, present)

    def _fill(self, values: Floats, present: Bools, given: list[float], times: Times) -> None:
        """The answers at some moments: at once, or where that cannot be one after the other."""
        windows = self.inner.rolling(times) if len(times.ms) > 1 else None
        for rows, window in windows or ():
            columns = window.columns // len(times.ms)
            found = self.kernel(window, [*given, times.ms.repeat(columns)])
            values[:, rows], present[:, rows] = (one.reshape(-1, columns) for one in found)
        for row, t in enumerate(times.ms.tolist() if windows is None else ()):
            for rows, answer in self.inner.through(self.kernel, [*given, float(t)], t, times):
                if answer is not None:
                    values[row, rows], present[row, rows] = answer


class Map(Renamed):
    """A function of each value, with scalars for its other arguments."""

    def __init__(
        self, inner: VectorNode, function: Callable[..., Floats], arguments: Sequence[ScalarNode]
    ) -> None:
        super().__init__(inner, without_name, *arguments)
        self.inner, self.function, self.arguments = inner, function, arguments
        self.sure = inner.sure and bool(self.same.unique) and all(one.sure for one in arguments)

    def at(self, times: Times) -> Batch:
        values, present = self.inner.at(times)
        self.same.check(present)
        arguments = [argument.column(times) for argument in self.arguments]
        return Batch(self.function(values, *arguments), present)


class Clamp(Map):
    """`clamp`: nothing at all where the lower bound is above the upper."""

    def __init__(self, inner: VectorNode, low: ScalarNode, high: ScalarNode) -> None:
        super().__init__(inner, lambda v, a, b: greater(a, lesser(b, v)), (low, high))

    def at(self, times: Times) -> Batch:
        values, present = super().at(times)
        low, high = (bound.column(times) for bound in self.arguments)
        return Batch(values, present & ~(low > high))


class Sampled(Renamed):
    """`timestamp`: when a selector's samples were taken, else the moment asked for; seconds."""

    def __init__(self, inner: VectorNode, epoch: int = 0) -> None:
        super().__init__(inner, without_name)
        self.inner, self.epoch = inner, epoch
        self.sure = inner.sure and bool(self.same.unique)

    def at(self, times: Times) -> Batch:
        if isinstance(self.inner, Latest):
            taken, present = self.inner.sampled(times)
        else:
            values, present = self.inner.at(times)
            taken = np.broadcast_to(times.ms[:, None], values.shape).astype(float)
        self.same.check(present)
        return Batch((taken + self.epoch) / 1000.0, present)


class Sorted(VectorNode):
    """`sort`, `sort_desc`: the same vector, listed by value."""

    def __init__(self, inner: VectorNode, order: str) -> None:
        self.inner, self.labels, self.order = inner, inner.labels, order
        self.reads(inner)

    def at(self, times: Times) -> Batch:
        return self.inner.at(times)


class Absent(VectorNode):
    """`absent`: 1 under the labels that the selector pins down, where nothing is there."""

    def __init__(self, inner: VectorNode, labels: Labels) -> None:
        self.inner, self.labels, self.sure = inner, [labels], inner.sure
        self.reads(inner)

    def at(self, times: Times) -> Batch:
        gone = np.logical_not(self.inner.at(times).present.any(axis=1, keepdims=True))
        return Batch(np.ones((len(times.ms), 1)), gone)


class AsVector(VectorNode):
    """`vector(scalar)`."""

    def __init__(self, inner: ScalarNode) -> None:
        self.inner, self.labels, self.sure = inner, [()], inner.sure
        self.reads(inner)

    def at(self, times: Times) -> Batch:
        return Batch(self.inner.at(times)[:, None], np.ones((len(times.ms), 1), dtype=bool))


class AsScalar(ScalarNode):
    """`scalar(vector)`: the value of a lone sample, else NaN."""

    def __init__(self, inner: VectorNode) -> None:
        self.inner, self.sure = inner, inner.sure
        self.reads(inner)

    def at(self, times: Times) -> Floats:
        values, present = self.inner.at(times)
        lone = np.count_nonzero(present, axis=1) == 1
        found: Floats = np.where(present, values, 0.0).sum(axis=1)
        return np.where(lone, found, np.nan)


class Now(ScalarNode):
    """`time()`: the moment asked for, in seconds since 1970."""

    sure = True

    def __init__(self, epoch: int = 0) -> None:
        self.epoch = epoch

    def at(self, times: Times) -> Floats:
        return (times.ms + self.epoch) / 1000.0


class Negative(ScalarNode):
    """`-scalar`."""

    def __init__(self, inner: ScalarNode) -> None:
        self.inner, self.sure = inner, inner.sure
        self.reads(inner)

    def at(self, times: Times) -> Floats:
        return -self.inner.at(times)
