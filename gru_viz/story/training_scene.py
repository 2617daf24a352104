"""A snapshot of a race as a scene: how the gates learned, on the input the study watches them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gru_viz.analysis.order import Order
from gru_viz.analysis.similarity import similarity_order
from gru_viz.cells.spec import FORWARD
from gru_viz.models.sequence import SequenceModel
from gru_viz.story import runs
from gru_viz.story.cell_scene import scene
from gru_viz.story.runs import Given, Loaded, Place, Run
from gru_viz.story.scene import Committed, Scene, Selection
from gru_viz.training import studies
from gru_viz.training.race import Runner, Snapshot, last_good
from gru_viz.training.sessions import Session
from gru_viz.training.studies import Study


def snapshot_scene(session: Session, runner: Runner, at: Snapshot, said: Committed, language: str) -> Scene:
    """What the player shows of a runner as it was at a snapshot.

    Args:
        said: what the visitor committed in the player, perhaps at another snapshot or another runner's.
    """
    ran = _read(session.model(runner, at), f"{session.identity}/{runner.name}/{at.step}", session.study)
    trace, last = ran.trace, len(ran.trace) - 1
    layer = said.layer if said.layer is not None and said.layer < trace.num_layers else 0
    direction = said.direction if said.direction in trace.directions else FORWARD
    order = _order(session, runner, layer, direction)
    looks = Selection(
        step=last if said.step is None else min(said.step, last),
        follows=said.step is None or said.step >= last,
        place=Place(layer, direction, 0),
        unit=min(said.unit, len(order) - 1) if said.unit is not None else int(order[len(order) // 2]),
        convention="new" if said.convention == "new" else "keep",
        order=Order.INDEX if said.order == Order.INDEX else Order.SIMILARITY,
        pins=tuple(pin for pin in said.pins or () if pin < len(order)),
    )
    return _ordered(scene(ran, looks, language), order)


def _read(model: SequenceModel, digest: str, study: Study) -> Run:
    """A run that no cache of all visitors keeps: it is this visitor's own, and quick."""
    fixed = study.fixed
    given = Given(text=fixed) if isinstance(fixed, str) else Given(numbers=np.asarray(fixed, dtype=np.float64))
    return runs.run_anew(Loaded(model, digest, "cpu"), given)


def _ordered(made: Scene, order: Sequence[int]) -> Scene:
    """The same rows for every snapshot, so that a unit stays where it is while it learns."""
    return replace(made, orders={Order.SIMILARITY.value: order, Order.INDEX.value: list(range(len(order)))}, key=None)


def _order(session: Session, runner: Runner, layer: int, direction: str) -> list[int]:
    """Units by likeness in the last good snapshot."""
    good = last_good(runner)
    assert good is not None
    key = (runner.name, good.step, layer, direction)
    if key not in session.orders:
        ran = _read(studies.trained(runner, session.study, good), "", session.study)
        session.orders[key] = similarity_order(ran.layer(layer, direction)["h"][:, 0]).tolist()
    return session.orders[key]
