"""`documentation_quality`: the postmortem that people wrote, against the log."""

from pathlib import Path

from simulator.analysis import Timeline
from simulator.analysis.key_moments import key_moments, logged_moments
from simulator.analysis.postmortem_sections import (
    FILE,
    PostmortemSection,
    is_untouched,
    sections_of,
)
from simulator.registry import part
from simulator.score.document_parts import (
    action_items_part,
    impact_part,
    moments_part,
    template_part,
)
from simulator.score.grading import Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement


@part
class DocumentationQuality(Measure):
    """The mean of four parts: a complete template, a timeline as in the log, the impact within a
    tenth, action items with owner, due date and type.
    """

    unit = "ratio"
    lower_is_better = False

    def measure(self, grading: Grading) -> Measurement:
        """The mean; None until people have written a postmortem: a draft earns nothing."""
        folder = grading.timeline.run.folder
        text = _read(folder / FILE) if folder else ""
        if not text or is_untouched(text):
            return Measurement.missing("nobody has written a postmortem", unit=self.unit)
        parts = _parts(grading.timeline, sections_of(text))
        values = [value for value in parts.values() if value is not None]
        return Measurement(
            sum(values) / len(values),
            self.unit,
            parts=parts,
            why="; ".join(
                f"{name} {value:.2f}" for name, value in parts.items() if value is not None
            ),
        )


def _parts(timeline: Timeline, sections: dict[str, PostmortemSection]) -> dict[str, float | None]:
    """The parts; None for what the draft had complete, or where there is nothing to say."""
    moments = sections.get("Timeline", PostmortemSection(""))
    impact = sections.get("Impact", PostmortemSection(""))
    items = sections.get("Action items", PostmortemSection(""))
    truth = timeline.truth
    outside = {
        name: seconds
        for name in timeline.header.objectives
        if (seconds := truth.seconds_outside(name))
    }
    return {
        "template": template_part(sections),
        "timeline": None
        if moments.drafted
        else moments_part(moments.text, key_moments(timeline), logged_moments(timeline)),
        "impact": None
        if not outside
        else 0.0
        if impact.drafted
        else impact_part(impact.text, outside),
        "action_items": action_items_part(items.text),
    }


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
