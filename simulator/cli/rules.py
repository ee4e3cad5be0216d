"""`drill rules`: when every alert rule fired in a run, why, and whom it paged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from simulator.analysis import Timeline
    from simulator.analysis.alert_spans import AlertSpan
    from simulator.analysis.rule_history import AlertEpisode, Recipient, RuleHistory


@click.command(epilog="Example: drill rules first-shift --seed 7")
@click.argument("target", metavar="SCENARIO|RUN")
@click.option(
    "--responder", metavar="R", default="none", show_default=True, help="A playbook, or none."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The run's folder, for a scenario.  [default: reports/NAME-SEED]",
)
@click.option("--force", is_flag=True, help="Replace an existing run in the folder.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    target: str, responder: str, seed: int, out: Path | None, force: bool, as_json: bool
) -> None:
    """Show when every alert rule fired in a run, why, and whom it paged.

    RUN is a run's folder. A SCENARIO is played first, without a responder unless --responder is
    set.

    The cause follows from the twins. It is a fault if the alert fires with the faults but, at
    that time, not without them; of several faults, those without which it does not fire. It is
    `no fault` if the alert fires without the faults too, and `an order` if it fires in this run
    only. `earliest` is the first scrape after the onset at which the expression held: the
    earliest time at which the rule could have fired without its `for`.
    """
    from simulator.analysis import Timeline
    from simulator.cli.playing import play_and_grade, status
    from simulator.run import Run

    folder = Path(target)
    if (folder / "log.jsonl").is_file():
        timeline = Timeline(Run.open(folder))
    else:
        timeline, _, folder = play_and_grade(target, (), responder, seed, out, force, quiet=as_json)
    with status("evaluating the rules", as_json):
        histories = _histories(timeline, folder)
    if as_json:
        import json

        click.echo(json.dumps(_as_dict(timeline, histories), indent=2, ensure_ascii=False))
        return
    _print(timeline, histories)
    if timeline.run.folder and not Path(target).is_dir():
        click.echo(f"\nrun  {timeline.run.folder}")


def _histories(timeline: Timeline, folder: Path) -> list[RuleHistory]:
    from simulator.analysis.rule_history import rule_histories
    from simulator.setting import inputs, parse
    from simulator.setting.bind import bind_names

    # Names only: the measurements are in the run.
    document, scenario = parse(inputs.scenario_file(folder))
    bound = bind_names(document, scenario)
    return rule_histories(timeline, bound.groups, scenario.alerting.prometheus)


def cause(timeline: Timeline, alert: AlertSpan) -> str:
    """The cause of an alert: the ids of faults, `no fault`, `an order`; empty if unknown."""
    attribution = timeline.attribution
    if alert.firing is None or not attribution.has_twins:
        return ""
    since = alert.firing if alert.pending is None else alert.pending
    faults = [
        fault.id
        for fault in timeline.onsets
        if attribution.caused_by(alert.alert, alert.firing, fault, since)
    ]
    if faults:
        # Without the twins that leave out one fault, any of them may be the cause.
        return (" and " if attribution.separates_faults else " or ").join(faults)
    return "an order" if attribution.caused_by_responder(alert.alert) else "no fault"


def _first_onset(timeline: Timeline) -> int | None:
    return timeline.onsets[0].t if timeline.onsets else None


def _print(timeline: Timeline, histories: list[RuleHistory]) -> None:
    from simulator.cli.tables import table
    from simulator.units.wording import format_duration, hhmmss

    onset = _first_onset(timeline)
    rows = []
    for history in histories:
        earliest = "-"
        if history.earliest is not None and onset is not None:
            after = format_duration(history.earliest - onset)
            earliest = f"{hhmmss(history.earliest)} (+{after})"
        rows += [_alert_row(timeline, history, alert, earliest) for alert in history.episodes]
        if not history.episodes:
            never = "never" if timeline.complete else "not yet"
            rows.append((history.rule.alert, never, "-", "-", "-", earliest, "-"))
    if not timeline.complete:
        no_series = "; without series, the earliest times are unknown too"
        no_series = "" if timeline.run.series else no_series
        click.echo(
            f"the run was cut off at {hhmmss(timeline.end)}: "
            f"what happened later is unknown{no_series}"
        )
    if onset is not None:
        click.echo(f"the first fault began at {hhmmss(onset)}\n")
    table(("rule", "pending", "firing", "until", "cause", "earliest", "paged"), rows)


def _alert_row(
    timeline: Timeline, history: RuleHistory, alert: AlertEpisode, earliest: str
) -> tuple[str, ...]:
    from simulator.analysis.rule_history import distinguishing_labels
    from simulator.units.wording import hhmmss

    span = alert.span
    people = dict.fromkeys(page.who for page in alert.paged)
    receivers = dict.fromkeys(notification.who for notification in alert.notified)
    labels = distinguishing_labels(span.labels, history.rule)
    pending, firing, end = (
        None if t is None else hhmmss(t) for t in (span.pending, span.firing, span.end)
    )
    return (
        history.rule.alert + (f" {{{labels}}}" if labels else ""),
        pending or "-",
        firing or "-",
        # A rule of a run that was cut off may have lasted longer.
        end or ("still" if timeline.complete else "cut off"),
        cause(timeline, span) or "-",
        earliest,
        ", ".join(people or receivers) or ("nobody" if firing else "-"),
    )


def _as_dict(timeline: Timeline, histories: list[RuleHistory]) -> dict[str, Any]:
    header = timeline.header

    def seconds(t: int | None) -> float | None:
        return None if t is None else t / 1000

    def recipients(entries: Sequence[Recipient]) -> list[dict[str, Any]]:
        return [{"at_seconds": entry.t / 1000, "who": entry.who} for entry in entries]

    return {
        "scenario": header.scenario,
        "seed": header.seed,
        "digest": timeline.run.digest,
        "cut_off_seconds": None if timeline.complete else seconds(timeline.end),
        "onset_seconds": seconds(_first_onset(timeline)),
        "rules": [
            {
                "rule": history.rule.alert,
                "group": history.group.name,
                "file": history.group.file,
                "line": history.rule.line,
                "for_seconds": history.rule.hold / 1000,
                "at_best_seconds": seconds(history.earliest),
                "alerts": [
                    {
                        "labels": dict(alert.span.labels),
                        "pending_seconds": seconds(alert.span.pending),
                        "firing_seconds": seconds(alert.span.firing),
                        "until_seconds": seconds(alert.span.end),
                        "because_of": cause(timeline, alert.span) or None,
                        "notified": recipients(alert.notified),
                        "paged": recipients(alert.paged),
                    }
                    for alert in history.episodes
                ],
            }
            for history in histories
        ],
    }
