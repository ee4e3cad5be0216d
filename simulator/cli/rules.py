"""`drill rules`: what every alert rule did in a run, because of what, and for whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from simulator.alerting.review import Course, Spell
    from simulator.run import Run


@click.command(epilog="Example: drill rules first-shift --seed 7")
@click.argument("what", metavar="SCENARIO|RUN")
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
@click.option("--force", is_flag=True, help="Replace a run that the folder holds.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(
    what: str, responder: str, seed: int, out: Path | None, force: bool, as_json: bool
) -> None:
    """Say of every alert rule when it was pending and firing, why, and whom it paged.

    A run's folder is read; a scenario is played first, with nobody answering unless
    --responder says otherwise. `because of` compares with the twins: a fault, if the alert
    fires with the faults and not at that time without, and of several faults the one without
    which it does not; `anyway`, if it fires without them too; `an order`, if only this run
    has it. `at best` is the first scrape after the onset
    at which the expression held: how early the rule could have fired without its `for`.
    """
    from simulator.cli.playing import play, status
    from simulator.run import Run

    folder = Path(what)
    if (folder / "log.jsonl").is_file():
        run = Run.open(folder)
    else:
        run, _, folder = play(what, (), responder, seed, out, force, quiet=as_json)
    with status("looking at the rules", as_json):
        found = _courses(run, folder)
    if as_json:
        import json

        click.echo(json.dumps(_plain(run, found), indent=2, ensure_ascii=False))
        return
    _tell(run, found)
    if run.folder and not Path(what).is_dir():
        click.echo(f"\nrun  {run.folder}")


def _courses(run: Run, folder: Path) -> list[Course]:
    from simulator.alerting.review import courses
    from simulator.setting import bind, inputs, parse

    # The names only: what was measured is in the run.
    document, scenario = parse(inputs.scenario_of(folder))
    bound = bind.check(document, scenario)
    epoch = int(scenario.starts_at.timestamp() * 1000)
    return courses(run, bound.groups, scenario.alerting.prometheus, epoch)


def cause(run: Run, spell: Spell) -> str:
    """What brought an alert about: the ids of faults, `anyway`, `an order`, or unknown."""
    from simulator.score.attribution import Attribution, alert_identity
    from simulator.score.onsets import onsets

    twins = Attribution(run, run.twins)
    if spell.firing is None or not twins.has_twins:
        return ""
    alert = alert_identity({"alert": dict(spell.labels)["alertname"], "labels": dict(spell.labels)})
    since = spell.firing if spell.pending is None else spell.pending
    guilty = [
        fault.id for fault in onsets(run) if twins.caused_by(alert, spell.firing, fault, since)
    ]
    if guilty:
        # Without the twins that leave one out each of them can have been it.
        return (" and " if twins.separates_faults else " or ").join(guilty)
    return "an order" if twins.caused_by_responder(alert) else "anyway"


def _tell(run: Run, found: list[Course]) -> None:
    from simulator.alerting.review import first_onset, shown
    from simulator.cli.tables import table
    from simulator.score.truth import end_of
    from simulator.units.wording import format_duration, hhmmss

    # A rule of a run that was cut off may have gone on, or fired later.
    still, never = ("still", "never") if run.complete else ("cut off", "not yet")

    def when(t: int | None) -> str:
        return "-" if t is None else hhmmss(t)

    onset = first_onset(run)
    rows = []
    for course in found:
        best = "-"
        if course.earliest is not None and onset is not None:
            best = f"{hhmmss(course.earliest)} (+{format_duration(course.earliest - onset)})"
        for spell in course.spells:
            people = dict.fromkeys(told.who for told in spell.paged)
            receivers = dict.fromkeys(told.who for told in spell.notified)
            label = shown(spell.labels, course.rule)
            rows.append(
                (
                    course.rule.alert + (f" {{{label}}}" if label else ""),
                    when(spell.pending),
                    when(spell.firing),
                    still if spell.end is None else hhmmss(spell.end),
                    cause(run, spell) or "-",
                    best,
                    ", ".join(people or receivers) or ("-" if spell.firing is None else "nobody"),
                )
            )
        if not course.spells:
            rows.append((course.rule.alert, never, "-", "-", "-", best, "-"))
    if not run.complete:
        blind = "" if run.series else "; it has no series, so nothing says what was best"
        click.echo(
            f"the run was cut off at {hhmmss(end_of(run))}: what came then is not known{blind}"
        )
    if onset is not None:
        click.echo(f"the first fault set in at {hhmmss(onset)}\n")
    head = ("rule", "pending", "firing", "until", "because of", "at best", "paged")
    table(head, rows)


def _plain(run: Run, found: list[Course]) -> dict[str, Any]:
    from simulator.alerting.review import first_onset
    from simulator.score.truth import end_of

    def seconds(t: int | None) -> float | None:
        return None if t is None else t / 1000

    def told(entries: Any) -> list[dict[str, Any]]:
        return [{"at_seconds": one.t / 1000, "who": one.who} for one in entries]

    return {
        "scenario": run.header["scenario"],
        "seed": run.header["seed"],
        "digest": run.digest,
        "cut_off_seconds": None if run.complete else seconds(end_of(run)),
        "onset_seconds": seconds(first_onset(run)),
        "rules": [
            {
                "rule": course.rule.alert,
                "group": course.group.name,
                "file": course.group.file,
                "line": course.rule.line,
                "for_seconds": course.rule.hold / 1000,
                "at_best_seconds": seconds(course.earliest),
                "alerts": [
                    {
                        "labels": dict(spell.labels),
                        "pending_seconds": seconds(spell.pending),
                        "firing_seconds": seconds(spell.firing),
                        "until_seconds": seconds(spell.end),
                        "because_of": cause(run, spell) or None,
                        "notified": told(spell.notified),
                        "paged": told(spell.paged),
                    }
                    for spell in course.spells
                ],
            }
            for course in found
        ],
    }
