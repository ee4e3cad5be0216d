"""The model's decisions determine the observed outcomes."""

from simulator.faults import FaultTick, OwnerFault, Params, World, part
from simulator.pipeline.model.label_recording import SelectiveLabels
from simulator.units import IncidentType, Ratio


@part
class FeedbackLoop(OwnerFault):
    """Rows predicted negative are never reviewed and are recorded as negative.

    Measured accuracy rises. Every retrain learns from the selection of the model before and
    predicts fewer positives. Recorded labels agree with the champion, so a gate on accuracy refuses
    a large step and lets many small ones pass; to a gate on precision each step is a gain. The
    owner of the label source has a sample of the others reviewed (`fix_upstream`).
    """

    type = IncidentType.DRIFT
    leaves = ("poisoned_model",)

    share: Ratio = 1.0
    """Of the rows predicted negative."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share > 0:
            params.bends.label_recording.append(SelectiveLabels(tick.fault, self.share))
