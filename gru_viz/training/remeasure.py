"""A shipped model measured again, on the data its own split holds out: what `gru-viz measure` runs.

New metrics come into cards this way without training anew. The figures a card has already must come out again: if they
do not, the data or the library are others than those of the training, and the card stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isclose
from pathlib import Path
from typing import Any

import torch

from gru_viz.atomic import replacing
from gru_viz.errors import ModelError
from gru_viz.models.card import STRUCTURE
from gru_viz.models.zoo import CARD, load
from gru_viz.tasks import TASKS
from gru_viz.tasks.delays import STUDIED
from gru_viz.tasks.task import task_of
from gru_viz.training.rebuild import default_folder, unwritable
from gru_viz.training.repeatable import threads_held
from gru_viz.training.study import CHOSEN_STEPS

NEAR = 1e-3
"""How far a figure measured again may be from the card's: kernels round otherwise from machine to machine."""


def remeasure(name: str, data: Path | None = None, *, folder: Path | None = None, threads: int | None = None) -> Path:
    """Measure a model of the zoo again and write what was found into its card; return the card's file.

    Args:
        data: where the held-out data are, as for training.
        folder: where the model's own folder is.
        threads: of torch, on the CPU.

    Raises:
        ModelError: no such task, its data are missing or are not those the card was written from.
        InputError: the card cannot be written; the old one stands.
    """
    task = task_of(name, TASKS)
    model = load(name if folder is None else folder / name)
    with threads_held(threads):
        with torch.random.fork_rng(devices=[]):
            problem = task.prepare(data)
        _same(name, {key: model.card[key] for key in STRUCTURE}, problem.model.card)
        problem.model = model
        found, facts = problem.metrics(), problem.facts()
    kept: dict[str, Any] = model.card["metrics"]
    _same(name, kept, found)
    studied = {}
    if "until_it_stops" in kept:
        kept = kept | {"until_it_stops": kept["until_it_stops"] | CHOSEN_STEPS}
        studied = STUDIED
    file = (folder or default_folder()) / name / CARD
    card = json.loads(file.read_text(encoding="utf-8")) | facts | studied | {"metrics": kept | found}
    try:
        with replacing(file) as unfinished:
            unfinished.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise unwritable(file, error) from error
    return file


def _same(name: str, kept: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Raises a ModelError naming the first figure that is in both and came out otherwise."""
    for key, value in kept.items():
        if key not in found:
            continue
        if isinstance(value, Mapping) and isinstance(found[key], Mapping):
            _same(name, value, found[key])
        elif not _near(value, found[key]):
            raise ModelError(
                "measure.other",
                "The card of {name} says {kept} of {field}, and here it is {found}: these are not the data, or not "
                "the versions, that it was measured with. Nothing was written.",
                name=name,
                field=key,
                kept=str(value)[:60],
                found=str(found[key])[:60],
            )


def _near(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_near(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_near(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)
    return one == other
