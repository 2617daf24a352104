"""What is said of a measured time: when it was, or why there is none."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gru_viz.analysis.stopwatch import Failed, Measured, Outcome
from gru_viz.locale import Say


def trouble(found: Outcome | None, say: Say) -> str:
    """Why there is no time; empty where there is one."""
    if isinstance(found, Measured):
        return ""
    if found is None:
        return say("timing.measuring")
    return say("timing.failed", reason=found.reason) if isinstance(found, Failed) else say("timing.busy")


def when(found: Outcome | None, zone: str | None, say: Say) -> str:
    """When a time was measured, and that it is kept; empty where there is none.

    Args:
        zone: of the visitor's clock, by its IANA name; UTC where it is not known.
    """
    if not isinstance(found, Measured):
        return ""
    try:
        clock = ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        clock = ZoneInfo("UTC")
    return say("timing.when", time=f"{datetime.fromtimestamp(found.at, clock):%Y-%m-%d %H:%M}", zone=clock.key)
