"""postmortem.md: a blameless draft from the log, for the team to finish.

It names roles and systems, never a person at fault; the team fills in the rest.
"""

from collections.abc import Iterator
from pathlib import Path

from simulator.analysis import Timeline
from simulator.analysis.claims import claimed_cause
from simulator.analysis.marks import Incident
from simulator.analysis.postmortem_sections import TO_FILL, sealed
from simulator.analysis.worth import Worth
from simulator.report.entry import StoryEntry, fold_repeats
from simulator.report.fault_times import COLUMNS, fault_times
from simulator.report.hot_wash import luck, strengths, weaknesses
from simulator.report.markdown import escape_markdown, sentence, table_row
from simulator.report.need_lines import COLUMNS as NEED_COLUMNS
from simulator.report.need_lines import need_lines, need_sentences
from simulator.report.order_lines import OrderLine, order_lines
from simulator.report.page_lines import COLUMNS as PAGE_COLUMNS
from simulator.report.page_lines import page_lines, page_sentences
from simulator.report.phrases import format_limit, format_players
from simulator.report.scorecard import (
    VERDICT_TEXTS,
    capability_rows,
    format_measurement,
    format_value,
    index_sentence,
    other_notes,
)
from simulator.report.story import story
from simulator.report.worth_tables import worth_sentences, worth_tables
from simulator.run.folder import write_text
from simulator.score.scores import Scores
from simulator.units.wording import format_amount, format_count, format_duration, hhmmss, join_words


def write(timeline: Timeline, scores: Scores, path: Path) -> None:
    """Write the draft, usually to postmortem.md in the run's folder."""
    write_text(path, sealed(draft(timeline, scores)))


def draft(timeline: Timeline, scores: Scores) -> str:
    """The draft as text."""
    header = timeline.header
    parts = [
        [f"# Postmortem: {escape_markdown(header.title)}"],
        [
            f"Drill `{header.scenario}`, seed {header.seed}, "
            f"{escape_markdown(format_players(header))}; "
            f"{VERDICT_TEXTS[scores.verdict].lower()}. A draft from the run's log: the team "
            f"replaces each {TO_FILL}. It is blameless: it asks what made sense at the time, and "
            "which properties of the system let it happen."
        ],
        _section("Summary", _summary(timeline, scores)),
        _section("Impact", _impact(timeline, scores)),
        _section("Root cause", _cause(timeline, scores)),
        _section("Detection", _detection(timeline, scores)),
        _section("Response", _response(timeline, scores)),
        _section("Grade", _grade(scores)),
        _section("Whom it needed", _needs(timeline)),
        _section("Who was paged", _pages(timeline)),
        _section("What went well", strengths(timeline, scores)),
        _section("What went less well", weaknesses(timeline, scores)),
        _section("Where we were lucky", luck(timeline, scores)),
        _section("Action items", _action_items()),
        _section("Timeline", _timeline_rows(timeline)),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _section(title: str, lines: Iterator[str]) -> list[str]:
    return [f"## {title}", "", *lines]


def _summary(timeline: Timeline, scores: Scores) -> Iterator[str]:
    several = len(timeline.incidents) > 1
    for incident in timeline.incidents:
        if incident.marks.onset is not None:
            yield _incident_summary(timeline, incident, several)
    yield ""
    yield f"Verdict: **{VERDICT_TEXTS[scores.verdict].lower()}**. " + " ".join(
        sentence(reason.text) for reason in scores.why
    )


def _incident_summary(timeline: Timeline, incident: Incident, several: bool) -> str:
    harm, truth = timeline.harm, timeline.truth
    marks, which = incident.marks, f" (`{incident.id}`)" if several else ""
    text = f"At T+{hhmmss(marks.onset or 0)} something changed{which}"
    if not len(truth.times):
        return f"{text}; its effect is unknown, because the run has no series."
    breached = truth.breached() if harm is None else harm.breached_objectives(incident.id)
    if marks.impact is not None:
        text += f" that harmed {join_words(breached)} from T+{hhmmss(marks.impact)} on"
    elif breached:
        text += f" that was followed by a breach of {join_words(breached)}"
    else:
        text += " that breached no objective"
    if marks.cause_removed is not None:
        by_itself = timeline.fault_end(incident.id).by_itself is not None
        over = "its duration ended" if by_itself else "its cause was removed"
        text += f"; {over} at T+{hhmmss(marks.cause_removed)}"
    if marks.mitigate is not None:
        later = format_duration(marks.mitigate - (marks.impact or marks.onset or 0))
        back = "every objective was back inside" if harm is None else "the harm was over"
        text += f"; {back} at T+{hhmmss(marks.mitigate)}, {later} later"
    elif breached:
        text += f"; it was not mitigated by the end of the drill, T+{hhmmss(timeline.end)}"
    return f"{text}."


def _impact(timeline: Timeline, scores: Scores) -> Iterator[str]:
    yield "| objective | limit | outside for | worst | at the end |"
    yield "|---|---|---|---|---|"
    truth = timeline.truth
    for objective in truth.objectives:
        unit, values = objective.unit, truth.values[objective.name][truth.graded]
        seconds = truth.seconds_outside(objective.name)
        cells = [
            objective.name,
            format_limit(objective),
            format_duration(1000 * seconds) if seconds else "–",
            format_amount(objective.worst(values), unit),
            format_amount(float(values[-1]), unit) if len(values) else "–",
        ]
        yield table_row(cells)
    yield ""
    if times := fault_times(timeline, scores):
        yield table_row(COLUMNS)
        yield f"|{'---|' * len(COLUMNS)}"
        for fault, *cells in times:
            yield table_row([f"`{fault}`", *cells])
        yield ""
    yield f"Who was harmed, and the cost: {TO_FILL}"


def _cause(timeline: Timeline, scores: Scores) -> Iterator[str]:
    claims = [(t, claimed_cause(order)) for t, order in timeline.done_times("diagnose")]
    for t, claim in claims:
        yield f"- T+{hhmmss(t)}: the responder diagnosed `{claim}`."
    for incident in timeline.incidents:
        if incident.marks.diagnose is not None:
            yield f"- Correct: the injected fault was `{incident.fault}` (`{incident.id}`)."
        elif claims:
            yield f"- No final diagnosis matched the injected fault, `{incident.fault}`."
        else:
            yield f"- Not diagnosed during the drill. The injected fault was `{incident.fault}`."
    yield ""
    yield f"What made this possible, and why nothing prevented it: {TO_FILL}"


def _detection(timeline: Timeline, scores: Scores) -> Iterator[str]:
    fired = list(dict.fromkeys(span.alert.name for span in timeline.firings))
    yield f"Alerts that fired: {join_words(fired) or 'none'}."
    for incident in timeline.incidents:
        marks = incident.marks
        if marks.detect is not None and marks.onset is not None:
            way = "by its own declaration" if marks.detect == marks.declare else "by a page"
            yield (
                f"`{incident.id}` was detected {way} at T+{hhmmss(marks.detect)}, "
                f"{format_duration(marks.detect - marks.onset)} after its onset."
            )
        elif len(timeline.incidents) > 1 and timeline.attribution.has_twins:
            yield f"`{incident.id}` was not detected by the end of the drill."
        else:
            yield f"`{incident.id}`: {scores.measures['time_to_detect'].why}."
    yield ""
    yield f"What could have told us sooner: {TO_FILL}"


def _order_entry(line: OrderLine) -> StoryEntry:
    order = line.order
    state = f" ({order.state})" if order.state not in {"done", "under way"} else ""
    return StoryEntry(order.t, order.who, f"{line.text}{state}{line.note_suffix}", "order")


def _response(timeline: Timeline, scores: Scores) -> Iterator[str]:
    lines = list(order_lines(timeline))
    if not lines:
        yield "There was no response."
    for entry in fold_repeats(map(_order_entry, lines)):
        text = escape_markdown(f"{entry.who} {entry.counted_text}")
        yield f"- T+{hhmmss(entry.t)} {text}"
    yield ""
    for name, measured in scores.measures.items():
        if name.startswith("time_to_"):
            why = escape_markdown(measured.why)
            par = "" if measured.par is None else f", par {format_value(measured.par, 'seconds')}"
            yield f"- {name.replace('_', ' ')}: {format_measurement(measured)}{par} ({why})"
    if scores.worth is not None:
        yield ""
        yield from _worth(timeline, scores.worth)


def _worth(timeline: Timeline, worth: Worth) -> Iterator[str]:
    yield escape_markdown(" ".join(worth_sentences(timeline, worth)))
    for table in worth_tables(timeline, worth):
        yield ""
        yield f"What each {table.title} did, {table.note}:"
        yield ""
        for line in table.lines:
            yield f"- {line.at} {escape_markdown(f'{line.name}: {line.words}')}".replace("  ", " ")


def _grade(scores: Scores) -> Iterator[str]:
    """The index, the capabilities with what caps their ratings, and what people observed."""
    yield escape_markdown(index_sentence(scores))
    yield ""
    if rows := capability_rows(scores):
        yield table_row(("capability", "rating", "score", "weight", "why"))
        yield f"|{'---|' * 5}"
        for row in rows:
            why = "; ".join(filter(None, (row.why, *row.limits, *row.observed)))
            cells = (row.name, row.rating, row.value, f"{row.weight:.2f}", why)
            yield table_row(map(escape_markdown, cells))
    if notes := other_notes(scores):
        yield ""
        yield from (f"- {escape_markdown(note)}" for note in notes)


def _needs(timeline: Timeline) -> Iterator[str]:
    if lines := need_lines(timeline):
        yield table_row(NEED_COLUMNS)
        yield f"|{'---|' * len(NEED_COLUMNS)}"
        yield from (table_row(map(escape_markdown, line[:-1])) for line in lines)
        yield ""
    yield from map(escape_markdown, need_sentences(timeline))


def _pages(timeline: Timeline) -> Iterator[str]:
    if lines := page_lines(timeline):
        yield table_row(PAGE_COLUMNS)
        yield f"|{'---|' * len(PAGE_COLUMNS)}"
        yield from (table_row(map(escape_markdown, line[:-1])) for line in lines)
        yield ""
    yield from page_sentences(timeline)


def _action_items() -> Iterator[str]:
    yield "| action | owner | due | type |"
    yield "|---|---|---|---|"
    for kind in ("prevent", "detect", "mitigate", "process"):
        yield f"| {TO_FILL} | {TO_FILL} | {TO_FILL} | {kind} |"


def _timeline_rows(timeline: Timeline) -> Iterator[str]:
    yield "| T+ | who | what |"
    yield "|---|---|---|"
    entries, left_out = story(timeline)
    for entry in entries:
        cells = [entry.who, entry.counted_text]
        yield table_row([hhmmss(entry.t), *map(escape_markdown, cells)])
    if left_out:
        yield ""
        yield f"{format_count(left_out, 'less important entries')} in `log.jsonl`."
