"""docs/models.md says what the cards say. `GOLDEN=write python -m pytest tests/unit/test_docs_models.py` writes it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from gru_viz.models import load
from gru_viz.tasks import TASKS
from gru_viz.tasks.delays import DELAYS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "models.md"
BLOCK = re.compile(r"(?<=<!-- tables -->\n).*(?=<!-- end of tables -->)", re.DOTALL)

Column = tuple[str, Callable[[dict[str, Any]], object]]


def metric(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda card: card["metrics"][name]


WHO: tuple[Column, ...] = (
    ("model", lambda card: f"`{card['name']}`"),
    ("cell", lambda card: card["cell"] + {1: "", 2: ", both ways"}[len(card["directions"])]),
    ("units", lambda card: card["hidden_size"]),
    ("parameters", lambda card: f"{card['parameters']:,}"),
)
TIME: Column = ("seconds", lambda card: f"{card['training_seconds']:.0f}")
WRITING: tuple[Column, ...] = (
    ("bits a character", metric("bits_per_character")),
    ("baseline", metric("baseline_bits_per_character")),
    ("next character right", metric("next_character_accuracy")),
)
NAMES: tuple[Column, ...] = (
    ("accuracy", metric("accuracy")),
    ("baseline", metric("baseline_accuracy")),
    ("among its best three", metric("top3_accuracy")),
    ("mean over origins", metric("macro_accuracy")),
)
SYNTAX: tuple[Column, ...] = (
    ("accuracy", metric("accuracy")),
    ("baseline", metric("baseline_accuracy")),
    ("first character of a keyword", lambda card: card["metrics"]["accuracy_by_position_in_word"]["keyword"]["1"]),
    ("of a name", lambda card: card["metrics"]["accuracy_by_position_in_word"]["name"]["1"]),
)
SUNSPOTS: tuple[Column, ...] = (
    ("root mean square error", metric("root_mean_square_error")),
    ("of no change", metric("baseline_persistence_root_mean_square_error")),
    ("mean absolute error", metric("mean_absolute_error")),
    ("of no change ", metric("baseline_persistence_mean_absolute_error")),
)


def table(cards: Iterable[dict[str, Any]], columns: tuple[Column, ...]) -> str:
    rows = [[str(value(card)) for _, value in columns] for card in cards]
    lines = [[head.strip() for head, _ in columns], ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def trust(letters: int) -> Column:
    def shown(card: dict[str, Any]) -> str:
        found = card["metrics"]["calibration_by_letters_read"][str(letters)]
        return f"{found['confidence']:.2f}, {found['right'] / found['texts']:.2f}"

    return str(letters), shown


AFTER_LETTERS = "After so many letters, the mean confidence of the best guess and how often it is right:"
TRUST: tuple[Column, ...] = (("model", lambda card: f"`{card['name']}`"), *(trust(k) for k in range(1, 11)))


def by_delay(budget: str) -> tuple[Column, ...]:
    def at(delay: int) -> Column:
        def shown(card: dict[str, Any]) -> str:
            found = card["metrics"][budget]["accuracy_by_delay"][str(delay)]
            return f"{found['mean']:.2f} ({found['low']:.2f} to {found['high']:.2f})"

        return str(delay), shown

    steps: Column = ("steps", lambda card: ", ".join(map(str, sorted(set(card["metrics"][budget]["steps"])))))
    return (*WHO, steps, *(at(delay) for delay in DELAYS))


def tables() -> str:
    cards = {name: load(name).card for name in TASKS}

    def of(*tasks: str) -> list[dict[str, Any]]:
        return [card for name, card in cards.items() if name.split("-")[0] in tasks]

    parts = [
        ("## names", table(of("names"), (*WHO, *NAMES, TIME))),
        (AFTER_LETTERS, table(of("names"), TRUST)),
        ("## english, python, tang", table(of("english", "python", "tang"), (*WHO, *WRITING, TIME))),
        ("## syntax", table(of("syntax"), (*WHO, *SYNTAX, TIME))),
    ]
    for task in ("recall", "copy", "adding"):
        title = f"## {task}: {cards[task]['task']}"
        parts += [
            (f"{title}\n\nSame steps:", table(of(task), by_delay("same_steps"))),
            ("Until it stops:", table(of(task), by_delay("until_it_stops"))),
        ]
    parts.append(("## sunspots", table(of("sunspots"), (*WHO, *SUNSPOTS, TIME))))
    return "\n" + "\n\n".join(f"{head}\n\n{body}" for head, body in parts) + "\n\n"


def test_the_page_says_what_the_cards_say() -> None:
    text, wanted = PAGE.read_text(encoding="utf-8"), tables()
    if os.environ.get("GOLDEN") == "write":
        text = BLOCK.sub(lambda _: wanted, text)
        PAGE.write_text(text, encoding="utf-8")
    found = BLOCK.search(text)
    assert found is not None
    assert found[0] == wanted, "the cards changed; write the page anew with GOLDEN=write"


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_names_every_family(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in TASKS if "-" not in name)
