"""postmortem.md: a blameless draft, filled with what the log knows, for the team to finish.

It names roles and systems, never who is at fault; what only people can know is left to fill.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simulator.report.hot_wash import TO_FILL, less_well, lucky, well
from simulator.report.incidents import HEAD, rows
from simulator.report.markdown import plain, row, sentence
from simulator.report.orders import order_records
from simulator.report.story import story
from simulator.report.terminal import WORDS, said
from simulator.run import Run, write_text
from simulator.score.attribution import Attribution, firings
from simulator.score.grade import Scores
from simulator.score.harm import HarmByFault
from simulator.score.players import claimed_cause, done_actions
from simulator.score.truth import end_of, objectives, true_values
from simulator.units.wording import format_amount, format_count, format_duration, hhmmss, join_words


def write(run: Run, scores: Scores, path: Path) -> None:
    """Write the draft.

    Parameters
    ----------
    run : Run
    scores : Scores
    path : Path
        The file to write, usually `postmortem.md` in the run's folder.
    """
    write_text(path, draft(run, scores))


def draft(run: Run, scores: Scores) -> str:
    """The draft as text."""
    header = run.header
    parts = [
        [f"# Postmortem: {plain(str(header.get('title') or header.get('scenario')))}"],
        [
            f"Drill `{header.get('scenario')}`, seed {header.get('seed')}, "
            f"{WORDS[scores.verdict].lower()}. A draft from the run's log: what stands in "
            f"{TO_FILL} only people know. It is blameless: it asks what made sense at the time, "
            "and what in the system let it happen."
        ],
        _section("Summary", _summary(run, scores)),
        _section("Impact", _impact(run, scores)),
        _section("Root cause", _cause(run, scores)),
        _section("Detection", _detection(run, scores)),
        _section("Response", _response(run, scores)),
        _section("What went well", well(run, scores)),
        _section("What went less well", less_well(run, scores)),
        _section("Where we were lucky", lucky(run, scores)),
        _section("Action items", _items()),
        _section("Timeline", _timeline(run)),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _section(title: str, lines: Iterator[str]) -> list[str]:
    return [f"## {title}", "", *lines]


def _summary(run: Run, scores: Scores) -> Iterator[str]:
    blame, several = HarmByFault.of(run, run.twins), len(scores.incidents) > 1
    for incident in scores.incidents:
        marks = incident.marks
        if marks.onset is None:
            continue
        which = f" (`{incident.id}`)" if several else ""
        told = f"At T+{hhmmss(marks.onset)} something changed{which} that"
        if not len(run.truth_times):
            yield f"{told} did nobody knows what: the run has no series."
            continue
        harmed = _harmed(run) if blame is None else blame.breached_objectives(incident.id)
        if marks.impact is not None:
            told += f" harmed {join_words(harmed)} from T+{hhmmss(marks.impact)} on"
        elif harmed:
            told += f" was followed by a breach of {join_words(harmed)}"
        else:
            told += " breached no objective"
        if marks.mitigate is not None:
            back = "every objective was back inside" if blame is None else "that was over"
            told += f"; {back} at T+{hhmmss(marks.mitigate)}"
            start = marks.impact or marks.onset
            told += f", {format_duration(marks.mitigate - start)} later"
        elif harmed:
            told += f"; it was not mitigated by the end of the drill, T+{hhmmss(end_of(run))}"
        yield f"{told}."
    yield ""
    yield f"Verdict: **{WORDS[scores.verdict].lower()}**. " + " ".join(
        sentence(why) for why in scores.why if why
    )


def _harmed(run: Run) -> list[str]:
    during = run.truth_times >= int(run.header.get("warm_up", 0))
    return [
        goal.name
        for goal in objectives(run)
        if not goal.holds(true_values(run, goal.name)[during]).all()
    ]


def _impact(run: Run, scores: Scores) -> Iterator[str]:
    yield "| objective | limit | outside for | worst | at the end |"
    yield "|---|---|---|---|---|"
    during = run.truth_times >= int(run.header.get("warm_up", 0))
    scrape = float(np.median(np.diff(run.truth_times))) if len(run.truth_times) > 1 else 0.0
    for goal in objectives(run):
        values = true_values(run, goal.name)[during]
        outside = (~goal.holds(values)).sum() * scrape
        finite = values[np.isfinite(values)]
        low = goal.limit == goal.low
        extreme = (finite.min() if low else finite.max()) if len(finite) else np.nan
        cells = [
            goal.name,
            f"{'min' if low else 'max'} {format_amount(goal.limit, goal.unit)}",
            format_duration(float(outside)) if outside else "–",
            format_amount(float(extreme), goal.unit),
            format_amount(float(values[-1]), goal.unit) if len(values) else "–",
        ]
        yield row(cells)
    yield ""
    if told := rows(run, scores):
        yield row(HEAD)
        yield f"|{'---|' * len(HEAD)}"
        for fault, *times in told:
            yield row([f"`{fault}`", *times])
        yield ""
    yield f"Who was harmed, and what it cost: {TO_FILL}"


def _cause(run: Run, scores: Scores) -> Iterator[str]:
    claims = [(event.t, claimed_cause(run, event)) for event in done_actions(run, "diagnose")]
    for t, claim in claims:
        yield f"- T+{hhmmss(t)}: the responder named `{claim}`."
    for incident in scores.incidents:
        if incident.marks.diagnose is not None:
            yield f"- That is what the drill had injected: `{incident.fault}` (`{incident.id}`)."
        elif claims:
            yield f"- No claim that stood named what the drill had injected: `{incident.fault}`."
        else:
            yield f"- Not diagnosed during the drill. It had injected `{incident.fault}`."
    yield ""
    yield f"What made this possible, and why nothing prevented it: {TO_FILL}"


def _detection(run: Run, scores: Scores) -> Iterator[str]:
    fired = list(dict.fromkeys(firing.alert.name for firing in firings(run)))
    yield f"Alerts that fired: {join_words(fired) or 'none'}."
    for incident in scores.incidents:
        marks = incident.marks
        if marks.detect is not None and marks.onset is not None:
            way = "by its own declaration" if marks.detect == marks.declare else "by a page"
            yield (
                f"`{incident.id}` was detected {way} at T+{hhmmss(marks.detect)}, "
                f"{format_duration(marks.detect - marks.onset)} after its onset."
            )
        elif len(scores.incidents) > 1 and Attribution(run, run.twins).has_twins:
            yield f"`{incident.id}` was not detected by the end of the drill."
        else:
            yield f"`{incident.id}`: {scores.measures['time_to_detect'].why}."
    yield ""
    yield f"What could have told us sooner: {TO_FILL}"


def _response(run: Run, scores: Scores) -> Iterator[str]:
    orders = list(order_records(run))
    if not orders:
        yield "Nobody answered."
    for doing in orders:
        end = f" ({doing.state})" if doing.state not in {"done", "under way"} else ""
        yield f"- T+{hhmmss(doing.t)} {plain(f'{doing.who} {doing.text}{end}{doing.noted}')}"
    yield ""
    for name, measure in scores.measures.items():
        if name.startswith("time_to_"):
            yield f"- {name.replace('_', ' ')}: {said(measure)} ({plain(measure.why)})"


def _items() -> Iterator[str]:
    yield "| action | owner | due | type |"
    yield "|---|---|---|---|"
    for kind in ("prevent", "detect", "mitigate", "process"):
        yield f"| {TO_FILL} | {TO_FILL} | {TO_FILL} | {kind} |"


def _timeline(run: Run) -> Iterator[str]:
    yield "| T+ | who | what |"
    yield "|---|---|---|"
    entries, left_out = story(run)
    for entry in entries:
        yield row([hhmmss(entry.t), plain(entry.who), plain(entry.told)])
    if left_out:
        yield ""
        more = format_count(left_out, "entries")
        yield f"Left out, as of less weight: {more}, to be found in `log.jsonl`."
