"""Schedules of three zones, and who is on call in them, worked out by hand."""

from simulator.scenario.schedule import Schedule

# A hand-off at 02:30 every day, ana's on 2026-03-02; the clock skips it on 2026-03-08. Nights that
# begin on a Sunday or a holiday are dee's.
NEW_YORK = {
    "zone": "America/New_York",
    "layers": [
        {"people": ["ana", "ben"], "every": "1d", "hand_off": "02:30", "starts": "2026-03-02"},
        {"people": ["dee"], "between": "18:00-08:00", "days": ["Sun"], "starts": "2026-06-01"},
    ],
    "overrides": [
        {"from": "2026-03-10T09:00", "until": "2026-03-12T09:00", "person": "eli"},
        {"from": "2026-03-11T09:00", "until": "2026-03-11T12:00", "person": "fay"},
        {"from": "2026-07-02T12:00", "until": "2026-07-03T12:00", "person": "eli"},
        {"from": "2026-07-01T12:00", "until": "2026-07-02T18:00", "person": "fay"},
    ],
    "holidays": ["2026-12-25"],
}
# Weekly on Mondays, from a Wednesday on; around the autumn change twelve-hour shifts that begin at
# 02:30, which there is twice on 2026-10-25.
BERLIN = {
    "zone": "Europe/Berlin",
    "layers": [
        {"people": ["ana", "ben", "chi"], "hand_off": "Mon 09:00", "starts": "2026-03-18"},
        {"people": ["dee", "eli"], "every": "12h", "hand_off": "02:30", "starts": "2026-10-24",
         "until": "2026-10-27"},
    ],
}  # fmt: skip
# Summer time ends on 2026-04-05 and begins on 2026-10-04; office hours are chi's.
SYDNEY = {
    "zone": "Australia/Sydney",
    "layers": [
        {"people": ["ana", "ben"], "every": "1d", "hand_off": "09:00", "starts": "2026-04-03"},
        {"people": ["chi"], "between": "09:00-17:00", "days": ["Mon", "Tue", "Wed", "Thu", "Fri"],
         "starts": "2028-02-01"},
    ],
    "holidays": ["2028-03-01"],
}  # fmt: skip
TABLE = {
    str(document["zone"]): Schedule.model_validate(document)
    for document in (NEW_YORK, BERLIN, SYDNEY)
}

# Local times, but those with an offset.
WHO_IS_ON_CALL = {
    "America/New_York": (
        ("2026-03-02T02:29", None),
        ("2026-03-02T02:30", "ana"),
        # Clocks go from 02:00 to 03:00: 02:30 is read as 03:30.
        ("2026-03-07T02:30", "ben"),
        ("2026-03-08T01:59", "ben"),
        ("2026-03-08T03:00", "ben"),
        ("2026-03-08T03:29", "ben"),
        ("2026-03-08T03:30", "ana"),
        ("2026-03-08T02:30", "ana"),
        ("2026-03-09T02:29", "ana"),
        ("2026-03-09T02:30", "ben"),
        # An override that begins and ends inside another.
        ("2026-03-10T08:59", "ana"),
        ("2026-03-10T09:00", "eli"),
        ("2026-03-11T08:59", "eli"),
        ("2026-03-11T09:00", "fay"),
        ("2026-03-11T11:59", "fay"),
        ("2026-03-11T12:00", "eli"),
        ("2026-03-12T08:59", "eli"),
        ("2026-03-12T09:00", "ana"),
        # A Sunday night. 2026-06-07 is day 97.
        ("2026-06-07T17:59", "ben"),
        ("2026-06-07T18:00", "dee"),
        ("2026-06-08T07:59", "dee"),
        ("2026-06-08T08:00", "ana"),
        ("2026-06-08T18:00", "ana"),
        # Two overrides: the later one in the file wins, though it begins earlier.
        ("2026-07-01T12:00", "fay"),
        ("2026-07-02T12:00", "fay"),
        ("2026-07-02T17:59", "fay"),
        ("2026-07-02T18:00", "eli"),
        ("2026-07-03T12:00", "ben"),
        # Clocks go from 02:00 to 01:00: there is one 02:30. 2026-10-31 is day 243.
        ("2026-11-01T01:30:00-04:00", "ben"),
        ("2026-11-01T01:30:00-05:00", "ben"),
        ("2026-11-01T02:29", "ben"),
        ("2026-11-01T02:30", "ana"),
        # A holiday on a Friday, day 298.
        ("2026-12-24T20:00", "ben"),
        ("2026-12-25T17:59", "ana"),
        ("2026-12-25T18:00", "dee"),
        ("2026-12-26T07:59", "dee"),
        ("2026-12-26T08:00", "ben"),
    ),
    "Europe/Berlin": (
        ("2026-03-18T08:59", None),
        ("2026-03-18T09:00", "ana"),
        # 09:00 is 08:00 UTC before the spring change, and 07:00 UTC after it.
        ("2026-03-23T07:59:00+00:00", "ana"),
        ("2026-03-23T08:00:00+00:00", "ben"),
        ("2026-03-30T06:59:00+00:00", "ben"),
        ("2026-03-30T07:00:00+00:00", "chi"),
        ("2026-04-06T09:00", "ana"),
        # Of 02:30 on 2026-10-25 the first is the hand-off: the clock shows 02:15 after it, too.
        ("2026-10-24T02:29", "ben"),
        ("2026-10-24T02:30", "dee"),
        ("2026-10-24T14:30", "eli"),
        ("2026-10-25T02:29:00+02:00", "eli"),
        ("2026-10-25T02:30:00+02:00", "dee"),
        ("2026-10-25T02:15:00+01:00", "dee"),
        ("2026-10-25T02:30:00+01:00", "dee"),
        ("2026-10-25T14:29", "dee"),
        ("2026-10-25T14:30", "eli"),
        ("2026-10-26T02:30", "dee"),
        ("2026-10-27T02:29", "eli"),
        ("2026-10-27T02:30", "chi"),  # week 32
        # The week of the leap day is week 102.
        ("2028-02-28T08:59", "chi"),
        ("2028-02-28T09:00", "ana"),
        ("2028-02-29T12:00", "ana"),
        ("2028-03-06T09:00", "ben"),
    ),
    "Australia/Sydney": (
        # 09:00 is 22:00 UTC of the day before in summer, and 23:00 UTC in winter.
        ("2026-04-03T22:00:00+00:00", "ben"),
        ("2026-04-04T22:00:00+00:00", "ben"),
        ("2026-04-04T22:59:00+00:00", "ben"),
        ("2026-04-04T23:00:00+00:00", "ana"),
        # 2026-10-04 is day 184.
        ("2026-10-02T23:00:00+00:00", "ben"),
        ("2026-10-03T21:59:00+00:00", "ben"),
        ("2026-10-03T22:00:00+00:00", "ana"),
        # The leap day is a Tuesday, day 697; the day after it is a holiday.
        ("2028-02-29T08:59", "ana"),
        ("2028-02-29T09:00", "chi"),
        ("2028-02-29T16:59", "chi"),
        ("2028-02-29T17:00", "ben"),
        ("2028-03-01T12:00", "ana"),
        ("2028-03-02T12:00", "chi"),
    ),
}
ROWS = [(zone, moment, person) for zone, rows in WHO_IS_ON_CALL.items() for moment, person in rows]
