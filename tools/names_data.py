"""Write assets/data/names.csv: the surnames the Train page learns from, so that it needs nothing beside the app.

    python -m tools.names_data      # needs requirements-train.txt; says how many names of how many origins

Only lists under the MIT licence go in: Faker's person providers and mimesis' Turkish surnames, romanised as for the
shipped names model. Of each origin those names are taken whose SHA-256 is lowest.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from gru_viz.tasks import surnames
from gru_viz.tasks.task import order_by_hash

FILE = Path(__file__).resolve().parent.parent / "assets" / "data" / "names.csv"
MOST = 300
"""Names an origin: enough to learn from in seconds."""
NOT_MIT = ("Japanese",)
"""Origins completed by a dictionary under another licence; here they have Faker's names only."""


def table() -> str:
    """The file's content: text,label, sorted."""
    found = []
    for origin in surnames.ORIGINS:
        names = {origin.latin(name) for place in origin.providers for name in surnames._provider(*place)}
        if origin.label not in NOT_MIT:
            names |= set(origin.more())
        plain = sorted({spelling for name in names if (spelling := surnames.spelled(name))}, key=order_by_hash)
        found += [(spelling, origin.label) for spelling in sorted(plain[:MOST])]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("text", "label"), *found])
    return out.getvalue()


def main() -> None:
    """Write the file."""
    text = table()
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text, encoding="utf-8")
    print(f"{text.count(chr(10)) - 1} names of {len(surnames.ORIGINS)} origins, {len(text)} bytes")


if __name__ == "__main__":
    main()
