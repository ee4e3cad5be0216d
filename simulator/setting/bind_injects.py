"""Binds the injects of a scenario to the components of its pipeline."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from simulator.actions import ACTIONS, RESPONDER, references
from simulator.director.injects import BoundInject
from simulator.faults import FAULTS, Fault
from simulator.pipeline.model import releases
from simulator.pipeline.rows import Column
from simulator.registry import Part, Refers
from simulator.scenario import Inject, Pipeline, part_at
from simulator.setting.bind_conditions import bind_condition
from simulator.setting.components import serving_stage
from simulator.setting.estimator import hyperparameter_names
from simulator.setting.name_checker import KeyPath, NameChecker
from simulator.units import did_you_mean

# Roles that a message may be sent to: whoever plays the team has all of them.
TEAM_ROLES = ("primary", "incident-commander", "responder")


class InjectBinder:
    """Binds the injects of one scenario.

    Parameters
    ----------
    checker : NameChecker
        Collects the complaints.
    objectives : collection of str
        The names of its objectives.
    columns : sequence of Column
        Of its data set.
    targets : mapping of str to list of str
        The components that faults can have as targets, by kind; without the kinds whose
        components are unknown.
    """

    def __init__(
        self,
        checker: NameChecker,
        pipeline: Pipeline,
        objectives: Collection[str],
        columns: Sequence[Column],
        targets: Mapping[str, list[str]],
    ) -> None:
        self.checker, self.pipeline, self.targets = checker, pipeline, targets
        self.objectives = objectives
        self.references = (
            ("feature", "column", [column.name for column in columns]),
            ("quantity", "numeric column", [c.name for c in columns if not c.categorical]),
            ("category", "column of levels", [c.name for c in columns if c.categorical]),
            ("job", "job", targets["job"]),
            ("serving pool", "serving pool", list(serving_stage(pipeline)[1].pools)),
            ("hyperparameter", "hyperparameter", hyperparameter_names(pipeline)),
        )

    def bind(self, injects: Sequence[Inject]) -> Iterator[BoundInject]:
        """The injects without complaints, bound."""
        binders = {"fault": self._fault, "change": self._change, "message": self._message}
        for i, written in enumerate(injects):
            at, inject = ("injects", i), None
            with self.checker.complaints.collecting():
                inject = binders[written.kind](i, written)
            when = bind_condition(self.checker, (*at, "when"), written.when, self.objectives)
            unless = bind_condition(self.checker, (*at, "unless"), written.unless, self.objectives)
            if inject is not None:
                latest = written.when.by if written.when is not None else None
                yield replace(inject, at=written.earliest, when=when, latest=latest, unless=unless)

    def _fault(self, i: int, written: Inject) -> BoundInject | None:
        at: KeyPath = ("injects", i)
        extra = {"target": written.target} if written.target else {}
        fault = part_at(self.checker.document, at, "fault", FAULTS, extra=extra)
        if fault.target_kind in self.targets:
            target = self._target(at, fault, self.targets[fault.target_kind])
            if target is None:
                return None
            fault = fault.model_copy(update={"target": target})
        elif not fault.target_kind and written.target:
            self.checker.complain((*at, "target"), f"{fault.kind} has no target; leave it out")
        for key, noun, names in self.references:
            for name, _ in _references(fault, key):
                self.checker.check((*at, "args", name), names, noun)
        self._check_nodes(at, fault)
        return BoundInject(
            id=written.id or "",
            type="fault",
            name=fault.kind,
            target=fault.target,
            args=dict(written.args),
            lasts=written.for_,
            fault=fault,
        )

    def _target(self, at: KeyPath, fault: Fault, names: list[str]) -> str | None:
        """The target of a fault, None after a complaint; a single candidate need not be named."""
        if not names:
            text = f"the target of {fault.kind} is a {fault.target_kind}, and the pipeline has none"
            self.checker.complain(at, text)
            return None
        if not fault.target and len(names) > 1:
            text = f"target is missing; expected one of {', '.join(names)}"
            self.checker.complain(at, text)
            return None
        if fault.target and not self.checker.check((*at, "target"), names, fault.target_kind):
            return None
        return fault.target or names[0]

    def _check_nodes(self, at: KeyPath, fault: Fault) -> None:
        """Check the numbers of nodes: of the accelerator fleet and of the model server."""
        cluster = self.pipeline.cluster
        count = {"server": cluster.nodes}
        if cluster.accelerators is not None:
            count["node"] = cluster.accelerators.nodes
        for key in ("node", "server"):
            for name, number in _references(fault, key):
                if key not in count:
                    text = f"{fault.kind} needs nodes: cluster.accelerators is missing"
                    self.checker.complain(at, text)
                elif int(number) >= count[key]:
                    text = f"there is no node {number}; the cluster has {count[key]}"
                    self.checker.complain((*at, "args", name), text)

    def _change(self, i: int, written: Inject) -> BoundInject:
        at: KeyPath = ("injects", i)
        action = part_at(self.checker.document, at, "change", ACTIONS)
        if RESPONDER not in action.roles:
            text = f"{action.kind} is an order of a facilitator, and no change"
            self.checker.complain((*at, "change"), text)
        if written.change in ("release", "rollback") and "target" in written.args:
            names = [releases.MODEL, releases.SERVING, *self.targets["job"]]
            self.checker.check((*at, "args", "target"), names, "component")
        by_kind = {key: (noun, names) for key, noun, names in self.references}
        for path, kind, name in references(action.kind, written.args):
            noun, names = by_kind.get(kind, (kind, [name]))
            if name not in names:
                text = f"unknown {noun} {name!r}{did_you_mean(name, names)}"
                self.checker.complain((*at, "args", *path), text)
        for issue in action.issues():
            self.checker.complain((*at, "args", *issue.path), issue.text)
        return BoundInject(
            id=written.id or "",
            type="change",
            name=action.kind,
            target=written.target or "",
            args=dict(written.args),
        )

    def _message(self, i: int, written: Inject) -> BoundInject:
        assert written.message is not None
        message = written.message
        return BoundInject(
            id=written.id or "",
            type="message",
            name=message.to,
            target="",
            args={},
            text=message.text,
            sender=message.from_,
        )


def _references(part: Part, kind: str) -> list[tuple[str, str]]:
    """The fields of a part that name a component of a kind, with the names."""
    return [
        (field, str(getattr(part, field)))
        for field, info in type(part).model_fields.items()
        if any(isinstance(mark, Refers) and mark.to == kind for mark in info.metadata)
    ]
