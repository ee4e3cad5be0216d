"""The graph of a pipeline's components: what depends on what, directly and at any distance.

Rows flow from sources through views into the model server; jobs fill views and make models;
credentials, pools and volumes serve jobs; monitoring is a chain of its own, which looks on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from simulator.actions import Action
from simulator.director.injects import BoundInject
from simulator.pipeline.cluster.nodes import CLUSTER
from simulator.pipeline.cluster.quota import QUOTA
from simulator.pipeline.jobs.dag import SCHEDULER
from simulator.pipeline.model.releases import MODEL, SERVING
from simulator.pipeline.monitoring import ALERTMANAGER, PROMETHEUS
from simulator.scenario import Features, Job, Pipeline, Source, Training
from simulator.setting.components import job_credentials, serving_stage
from simulator.setting.scrape_targets import scrape_jobs

# From what is needed to what needs it.
Edge = tuple[str, str]
# The jobs whose work ends up in the model.
MODEL_WORK = ("label_join", "train", "evaluate", "release")


@dataclass(frozen=True)
class ComponentGraph:
    """The components of a pipeline and its monitoring.

    Attributes
    ----------
    columns : sequence of str
        Of the rows.
    receivers : sequence of str
        Of the Alertmanager.
    """

    pipeline: Pipeline
    columns: Sequence[str] = ()
    receivers: Sequence[str] = ()

    @cached_property
    def related(self) -> dict[str, tuple[str, ...]]:
        """By component: all components upstream and downstream of it, at any distance."""
        edges = list(self._edges())
        down, up = _reach(edges), _reach((to, of) for of, to in edges)
        names = sorted({name for edge in edges for name in edge} | {*self.pipeline.stages})
        return {name: tuple(sorted((down[name] | up[name]) - {name})) for name in names}

    def of_action(self, action: Action) -> tuple[str, ...]:
        """The components that an order acts on."""
        return tuple(map(self._named, action.acted_on()))

    def of_inject(self, inject: BoundInject) -> str:
        """The component that a fault is in; empty without a fault."""
        if inject.fault is None:
            return ""
        return inject.target or self._named(inject.fault.component)

    def _named(self, name: str) -> str:
        """The name of the model server's stage, for `serving`; others as they are."""
        return serving_stage(self.pipeline)[0] if name == SERVING else name

    def _edges(self) -> Iterator[Edge]:
        yield from self._edges_of_stages()
        yield from self._edges_of_jobs()
        yield from self._edges_of_rows()
        yield from self._edges_of_serving()
        for job in scrape_jobs(self.pipeline):
            yield job, PROMETHEUS
        yield PROMETHEUS, ALERTMANAGER
        for receiver in self.receivers:
            yield ALERTMANAGER, receiver

    def _edges_of_stages(self) -> Iterator[Edge]:
        for name, stage in self.pipeline.stages.items():
            for other in (*stage.after, *getattr(stage, "needs", ())):
                yield other, name
            if isinstance(stage, Source) and stage.credential:
                yield stage.credential, name
            if isinstance(stage, Training):
                yield CLUSTER, name
                if stage.checkpoint is not None:
                    yield stage.checkpoint.store, name

    def _edges_of_jobs(self) -> Iterator[Edge]:
        for name, job in self.pipeline.stages.items():
            if not isinstance(job, Job):
                continue
            yield SCHEDULER, name
            needed = (*job_credentials(self.pipeline, job), job.pool, job.volume)
            for other in filter(None, needed):
                yield other, name
            if job.view is not None:
                yield name, job.view
            if job.does in MODEL_WORK:
                yield name, MODEL

    def _edges_of_rows(self) -> Iterator[Edge]:
        """Columns come from views and sources, else with the requests."""
        stages = self.pipeline.stages.items()
        trainings = [name for name, s in stages if isinstance(s, Job) and s.does == "train"]
        for name, stage in stages:
            if isinstance(stage, Source | Features):
                for column in stage.columns:
                    yield name, column
        for column in self.columns:
            for reader in (self._named(SERVING), *trainings):
                yield column, reader

    def _edges_of_serving(self) -> Iterator[Edge]:
        name, server = serving_stage(self.pipeline)
        yield MODEL, name
        yield CLUSTER, name
        if server.dependency is not None:
            yield server.dependency.name, name
        if self.pipeline.cluster.quota is not None:
            yield QUOTA, name


def _reach(edges: Iterable[Edge]) -> defaultdict[str, set[str]]:
    """What can be reached from each name."""
    following: defaultdict[str, list[str]] = defaultdict(list)
    for of, to in edges:
        following[of].append(to)
    reached: defaultdict[str, set[str]] = defaultdict(set)
    for name in list(following):
        open_names = [name]
        while open_names:
            new = [to for to in following.get(open_names.pop(), ()) if to not in reached[name]]
            reached[name].update(new)
            open_names += new
    return reached
