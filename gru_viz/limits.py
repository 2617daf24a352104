"""What one visitor whom nobody knows may cost: every cap in one place. docs/reliability.md says what each is against.

A cap is where a page says so in words and goes on; none is where the server falls over.
"""

from __future__ import annotations

import os

TEXT_CHARACTERS = 2000
"""The longest text a page reads, and a link carries."""
INPUT_ROWS = 2000
"""The most rows of numbers that are run."""
GAME_DELAY = 500
"""The longest delay a memory game is played at."""

SENT_MEGABYTES = 200
"""The largest file that is taken in at all (`server.maxUploadSize`): far more than is read, so that the page can say so
in the visitor's words."""
FILE_BYTES = 5 * 2**20
"""The largest file that is read."""
CELL_CHARACTERS = 16 * 2**20
"""The longest cell of a table, more than a file holds: the standard library's own limit is too small for a text."""

TRAIN_ROWS = 20_000
"""So many rows of a visitor's table are learnt from."""
TRAIN_LABELS = 100
"""The most classes a visitor's table may have."""
TRAIN_TEXT = 200
"""Characters of one row's text; what is longer is cut."""
TRAIN_CHARACTERS = 1_000_000
"""So much of a visitor's own text is learnt from."""
TRAIN_WIDTHS = (8, 256)
TRAIN_LAYERS = (1, 3)
TRAIN_STEPS = (10, 20_000)
"""Fewest and most units, layers and steps of a training."""
SNAPSHOT_BYTES = 24 * 2**20
"""One runner's snapshots take at most this; larger models keep fewer."""

TURN_SECONDS = 20.0
"""So long a training may work while others wait; there are as many places as cores (`training.workers`)."""
GRACE_SECONDS = 60.0
"""So long a training is kept after its visitor has gone."""


def cores() -> int:
    """How many cores this process may use: so much can go on at once."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
