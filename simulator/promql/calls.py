"""Function calls as nodes of a plan."""

from collections.abc import Callable, Sequence

import numpy as np

from simulator.promql.functions.mathematics import go_max, go_min
from simulator.promql.plan_nodes import (
    EvalTimes,
    RangeNode,
    ScalarNode,
    VectorNode,
    Vectors,
    without_name,
)
from simulator.promql.rowwise import RowwiseNode, same_labels
from simulator.promql.selector_nodes import InstantSelector, RangeSelector
from simulator.promql.window import Kernel
from simulator.telemetry.store import Bools, Floats, Labels

TIMES_AT_ONCE = 20  # evaluated together: more need more memory, and are no faster


class RangeFunction(RowwiseNode):
    """A function of a range vector: one kernel for each table's window.

    A kernel that `may_reject` raises for some values of its arguments.
    """

    def __init__(
        self,
        inner: RangeNode,
        kernel: Kernel,
        arguments: Sequence[ScalarNode] = (),
        keep_name: bool = False,
        may_reject: bool = False,
    ) -> None:
        super().__init__(inner, same_labels if keep_name else without_name, *arguments)
        self.inner, self.kernel, self.arguments = inner, kernel, arguments
        # A subquery may exceed the limit of samples; a range selector cannot.
        arguments_safe = all(argument.cannot_fail for argument in arguments) and not may_reject
        inner_safe = isinstance(inner, RangeSelector)
        self.cannot_fail = bool(self.label_sets.unique) and inner_safe and arguments_safe

    def at(self, times: EvalTimes) -> Vectors:
        shape = (len(times.ms), len(self.labels))
        arguments = [argument.at(times) for argument in self.arguments]
        values, present = np.zeros(shape), np.zeros(shape, dtype=bool)
        constant = all((argument == argument[0]).all() for argument in arguments)
        step = TIMES_AT_ONCE if constant else 1
        for first in range(0, len(times.ms), step):
            part = slice(first, first + step)
            scalars = [float(argument[first]) for argument in arguments]
            self._fill(values[part], present[part], scalars, times.with_ms(times.ms[part]))
        self.label_sets.check(present)
        return Vectors(values, present)

    def _fill(self, values: Floats, present: Bools, scalars: list[float], times: EvalTimes) -> None:
        """Evaluate some times together, or one after the other where windows do not roll."""
        windows = self.inner.rolling(times) if len(times.ms) > 1 else None
        for rows, window in windows or ():
            columns = window.columns // len(times.ms)
            result = self.kernel(window, [*scalars, times.ms.repeat(columns)])
            values[:, rows], present[:, rows] = (part.reshape(-1, columns) for part in result)
        for row, t in enumerate(times.ms.tolist() if windows is None else ()):
            results = self.inner.apply(self.kernel, [*scalars, float(t)], t, times)
            for rows, kernel_result in results:
                if kernel_result is not None:
                    values[row, rows], present[row, rows] = kernel_result


class ElementwiseFunction(RowwiseNode):
    """A function of each value, with scalars for its other arguments."""

    def __init__(
        self, inner: VectorNode, function: Callable[..., Floats], arguments: Sequence[ScalarNode]
    ) -> None:
        super().__init__(inner, without_name, *arguments)
        self.inner, self.function, self.arguments = inner, function, arguments
        arguments_safe = all(argument.cannot_fail for argument in arguments)
        self.cannot_fail = inner.cannot_fail and bool(self.label_sets.unique) and arguments_safe

    def at(self, times: EvalTimes) -> Vectors:
        values, present = self.inner.at(times)
        self.label_sets.check(present)
        arguments = [argument.column(times) for argument in self.arguments]
        return Vectors(self.function(values, *arguments), present)


class Clamp(ElementwiseFunction):
    """`clamp`: an empty vector where the lower bound is above the upper."""

    def __init__(self, inner: VectorNode, low: ScalarNode, high: ScalarNode) -> None:
        super().__init__(inner, lambda v, a, b: go_max(a, go_min(b, v)), (low, high))

    def at(self, times: EvalTimes) -> Vectors:
        values, present = super().at(times)
        low, high = (bound.column(times) for bound in self.arguments)
        return Vectors(values, present & ~(low > high))


class Timestamp(RowwiseNode):
    """`timestamp`: the time of a selector's samples, else the evaluation time; seconds."""

    def __init__(self, inner: VectorNode, epoch: int = 0) -> None:
        super().__init__(inner, without_name)
        self.inner, self.epoch = inner, epoch
        self.cannot_fail = inner.cannot_fail and bool(self.label_sets.unique)

    def at(self, times: EvalTimes) -> Vectors:
        if isinstance(self.inner, InstantSelector):
            sample_times, present = self.inner.sample_times(times)
        else:
            values, present = self.inner.at(times)
            sample_times = np.broadcast_to(times.ms[:, None], values.shape).astype(float)
        self.label_sets.check(present)
        return Vectors((sample_times + self.epoch) / 1000.0, present)


class Sort(VectorNode):
    """`sort`, `sort_desc`: the same vector, ordered by value in an instant query."""

    def __init__(self, inner: VectorNode, order: str) -> None:
        self.inner, self.labels, self.order = inner, inner.labels, order
        self.read_from(inner)

    def at(self, times: EvalTimes) -> Vectors:
        return self.inner.at(times)


class Absent(VectorNode):
    """`absent`: 1 where the vector is empty, under the labels that its selector fixes."""

    def __init__(self, inner: VectorNode, labels: Labels) -> None:
        self.inner, self.labels, self.cannot_fail = inner, [labels], inner.cannot_fail
        self.read_from(inner)

    def at(self, times: EvalTimes) -> Vectors:
        absent = np.logical_not(self.inner.at(times).present.any(axis=1, keepdims=True))
        return Vectors(np.ones((len(times.ms), 1)), absent)


class ScalarToVector(VectorNode):
    """`vector(scalar)`."""

    def __init__(self, inner: ScalarNode) -> None:
        self.inner, self.labels, self.cannot_fail = inner, [()], inner.cannot_fail
        self.read_from(inner)

    def at(self, times: EvalTimes) -> Vectors:
        present = np.ones((len(times.ms), 1), dtype=bool)
        return Vectors(self.inner.at(times)[:, None], present)


class VectorToScalar(ScalarNode):
    """`scalar(vector)`: the value of a lone sample, else NaN."""

    def __init__(self, inner: VectorNode) -> None:
        self.inner, self.cannot_fail = inner, inner.cannot_fail
        self.read_from(inner)

    def at(self, times: EvalTimes) -> Floats:
        values, present = self.inner.at(times)
        lone = np.count_nonzero(present, axis=1) == 1
        value: Floats = np.where(present, values, 0.0).sum(axis=1)
        return np.where(lone, value, np.nan)


class TimeNode(ScalarNode):
    """`time()`: the evaluation time in seconds since 1970."""

    cannot_fail = True

    def __init__(self, epoch: int = 0) -> None:
        self.epoch = epoch

    def at(self, times: EvalTimes) -> Floats:
        return (times.ms + self.epoch) / 1000.0


class Negation(ScalarNode):
    """`-scalar`."""

    def __init__(self, inner: ScalarNode) -> None:
        self.inner, self.cannot_fail = inner, inner.cannot_fail
        self.read_from(inner)

    def at(self, times: EvalTimes) -> Floats:
        return -self.inner.at(times)
