"""Injects of a scenario against the pipeline that they bite on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simulator.actions import ACTIONS
from simulator.exercise.injects import Inject
from simulator.faults import FAULTS, Fault
from simulator.pipeline.model import releases
from simulator.pipeline.rows import Column
from simulator.registry import Part, Refers
from simulator.scenario import Inject as Written
from simulator.scenario import Pipeline, part_at
from simulator.setting.name_checks import Naming
from simulator.source import Key

# What a contingency inject can wait for: actions of the played team, done.
EVENTS = {
    "acknowledged": "acknowledge",
    "declared": "declare",
    "diagnosed": "diagnose",
    "escalated": "escalate",
    "paged": "page",
    "told": "status_update",
    "closed": "close",
}
# Roles that a message may be sent to: whoever plays the team has them all.
ROLES = ("primary", "incident-commander", "responder")


class Injects:
    """Binds the injects of one scenario.

    Parameters
    ----------
    naming : Naming
        Gets what is wrong.
    pipeline : Pipeline
    columns : sequence of Column
        Of its data set.
    things : mapping of str to list of str
        What faults can bite on, by kind; a kind of which nothing can be known is not there.
    """

    def __init__(
        self,
        naming: Naming,
        pipeline: Pipeline,
        columns: Sequence[Column],
        things: Mapping[str, list[str]],
    ) -> None:
        self.naming, self.pipeline, self.things = naming, pipeline, things
        self.refers = (
            ("feature", "column", [column.name for column in columns]),
            ("quantity", "numeric column", [c.name for c in columns if not c.categorical]),
            ("category", "column of levels", [c.name for c in columns if c.categorical]),
            ("job", "job", things["job"]),
        )

    def bind(self, written: Sequence[Written]) -> Iterator[Inject]:
        """Those that can be bound."""
        kinds = {"fault": self.fault, "change": self.change, "message": self.message}
        for i, one in enumerate(written):
            found = None
            with self.naming.complaints.collecting():
                found = kinds[one.kind](i, one)
            if found is not None:
                yield found

    def fault(self, i: int, one: Written) -> Inject | None:
        at: tuple[Key, ...] = ("injects", i)
        extra = {"target": one.target} if one.target else {}
        part = part_at(self.naming.document, at, "fault", FAULTS, extra=extra)
        if part.on in self.things:
            target = self.target(at, part, self.things[part.on])
            if target is None:
                return None
            part = part.model_copy(update={"target": target})
        elif not part.on and one.target:
            text = f"{part.kind} bites on no one thing; leave the target out"
            self.naming.complain((*at, "target"), text)
        for key, noun, known in self.refers:
            for name, _ in refers(part, key):
                self.naming.name((*at, "args", name), known, noun)
        self.machines(at, part)
        return Inject(
            id=one.id or "",
            type="fault",
            name=part.kind,
            at=one.at or 0,
            target=part.target,
            args=dict(one.args),
            lasts=one.for_,
            fault=part,
        )

    def target(self, at: tuple[Key, ...], part: Fault, known: list[str]) -> str | None:
        """What a fault bites on, of what there is; the only one need not be named."""
        if not known:
            text = f"{part.kind} bites on a {part.on}, and the pipeline has none"
            self.naming.complain(at, text)
            return None
        if not part.target and len(known) > 1:
            text = f"target is missing; {part.kind} bites on one of {', '.join(known)}"
            self.naming.complain(at, text)
            return None
        if part.target and not self.naming.name((*at, "target"), known, part.on):
            return None
        return part.target or known[0]

    def machines(self, at: tuple[Key, ...], part: Fault) -> None:
        """Nodes are there: those that train, and those of the model server."""
        cluster = self.pipeline.cluster
        count = {"server": cluster.nodes}
        if cluster.accelerators is not None:
            count["node"] = cluster.accelerators.nodes
        for key in ("node", "server"):
            for name, number in refers(part, key):
                if key not in count:
                    text = f"{part.kind} needs machines: cluster.accelerators is missing"
                    self.naming.complain(at, text)
                elif int(number) >= count[key]:
                    text = f"there is no node {number}; the cluster has {count[key]}"
                    self.naming.complain((*at, "args", name), text)

    def change(self, i: int, one: Written) -> Inject:
        at: tuple[Key, ...] = ("injects", i)
        part = part_at(self.naming.document, at, "change", ACTIONS)
        if one.change in ("release", "rollback") and "target" in one.args:
            known = [releases.MODEL, releases.SERVING, *self.things["job"]]
            self.naming.name((*at, "args", "target"), known, "component")
        for wrong in part.wrongs():
            self.naming.complain((*at, "args", *wrong.path), wrong.text)
        return Inject(
            id=one.id or "",
            type="change",
            name=part.kind,
            at=one.at or 0,
            target=one.target or "",
            args=dict(one.args),
        )

    def message(self, i: int, one: Written) -> Inject:
        assert one.message is not None
        said = one.message
        at = one.at if one.unless is None else one.unless.by
        if one.unless is not None:
            self.naming.name(("injects", i, "unless", "event"), [*EVENTS], "event")
        return Inject(
            id=one.id or "",
            type="message",
            name=said.to,
            at=at or 0,
            target="",
            args={},
            unless=one.unless.event if one.unless else "",
            text=said.text,
            sender=said.from_,
        )


def refers(part: Part, to: str) -> list[tuple[str, str]]:
    """The fields of a part that name something of the pipeline, with what they name."""
    return [
        (name, str(getattr(part, name)))
        for name, info in type(part).model_fields.items()
        if any(isinstance(mark, Refers) and mark.to == to for mark in info.metadata)
    ]
