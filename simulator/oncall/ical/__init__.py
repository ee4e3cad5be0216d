"""Calendar files: schedules from calendars, and schedules as calendars."""
