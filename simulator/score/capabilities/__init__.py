"""The capabilities of a run, one file each: `ls` lists them, `drill catalogue capabilities` prints
them.

A capability turns measures into a score from 0 to 1, from which its rating and the index follow.
It is N/A where the drill gave no chance to show it, which is never a pass::

    @part
    class Acknowledgement(IncidentCapability):
        '''Somebody takes the page soon.'''

        measures = ("time_to_acknowledge",)

        def score_incident(self, grading, incident):
            measured = grading.measured_incident("time_to_acknowledge", incident)
            if measured is None:
                return CapabilityScore.not_shown("no page came")
            ...

Its weight in the index stands in the rubric under the name of its file.
"""
