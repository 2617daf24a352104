"""After a run, or while it is stopped: how the gates learned, snapshot by snapshot, in the player; and what next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_viz.analysis.order import Order
from gru_viz.models.pack import pack
from gru_viz.models.sequence import SequenceModel
from gru_viz.player.wire import Scene
from gru_viz.training import studies
from gru_viz.training.race import Runner, Snapshot, last_good
from gru_viz.ui import appearance, player_view, runs
from gru_viz.ui.i18n import sentence, speaker, t
from gru_viz.ui.link import settle
from gru_viz.ui.runs import Given, Loaded, Place
from gru_viz.ui.scenes import scene
from gru_viz.ui.selection import Selection
from gru_viz.ui.trained import take
from gru_viz.ui.training.session import Run
from gru_viz.ui.training.watch import METRICS, written

_PLAYER = "train-player"


def afterwards(run: Run) -> None:
    """Snapshots in the player, and what can be done with a trained model."""
    assert run.race is not None
    runner = run.race.runner(_runner_shown(run))
    at = runner.standing()
    if at.fault is not None:
        st.warning(f"**{at.name}**: {sentence(at.fault)} {t('train.offered')}", icon=":material/info:")
    with st.container(key="train-after", gap="xsmall"):
        shown = _snapshot(run, runner)
        model = _model(run, runner, shown)
        _player(run, runner, shown, model)
    _actions(model)


def choose_runner(names: Sequence[str]) -> None:
    """Which runner's gates are watched and whose snapshots are played."""
    if len(names) < 2:
        return
    before = st.session_state.get("train-watch")
    settle("train-watch", before if before in names else names[0])
    st.segmented_control(
        t("train.watch"), names, key="train-watch", required=True, label_visibility="collapsed", width="content"
    )


def _runner_shown(run: Run) -> str:
    names = [at.name for at in run.standings()]
    chosen = st.session_state.get("train-watch")
    return chosen if chosen in names else names[0]


def _snapshot(run: Run, runner: Runner) -> Snapshot:
    """The slider over a runner's snapshots; it opens at the last good one."""
    kept = {one.step: one for one in runner.snapshots}
    good = last_good(runner)
    assert good is not None
    say = speaker()
    share = METRICS[run.recipe.task].share

    def named(step: int) -> str:
        value = written(kept[step].point.held_out, share)
        return (
            say("train.snapshot", step=f"{step:,}", value=value) if step else say("train.snapshot_first", value=value)
        )

    key = f"train-snapshot-{run.identity}-{runner.name}-{len(kept)}"
    if len(kept) < 2:
        st.caption(named(good.step))
        return good
    with st.container(key="train-snapshots"):
        step = st.select_slider(t("train.snapshots"), list(kept), good.step, format_func=named, key=key)
    return kept[step]


def _model(run: Run, runner: Runner, shown: Snapshot) -> SequenceModel:
    """The model as it was at a snapshot, with its card."""
    made = st.session_state.get("train-model-shown")
    key = (run.identity, runner.name, shown.step, runner.standing().step)
    if made is None or made[0] != key:
        made = key, studies.trained(runner, run.study, shown)
        st.session_state["train-model-shown"] = made
    return made[1]


def _player(run: Run, runner: Runner, shown: Snapshot, model: SequenceModel) -> None:
    loaded = Loaded(model, f"{run.identity}/{runner.name}/{shown.step}", "cpu")
    ran = runs.run(loaded, _given(run))
    said = player_view.committed(_PLAYER)
    order = _order(run, runner)
    last = len(ran.trace) - 1
    step = last if said.step is None else min(said.step, last)
    at = Selection(
        step=step,
        follows=said.step is None or said.step >= last,
        place=Place(0, said.direction if said.direction in ran.trace.directions else "forward", 0),
        unit=min(said.unit, len(order) - 1) if said.unit is not None else int(order[len(order) // 2]),
        convention="new" if said.convention == "new" else "keep",
        order=Order.SIMILARITY,
        pins=(),
    )
    player_view.player(_ordered(scene(ran, at, appearance.colours()), order), key=_PLAYER)


def _ordered(made: Scene, order: NDArray[np.intp]) -> Scene:
    """The same rows for every snapshot, so that a unit stays where it is while it learns."""
    orders = {Order.SIMILARITY.value: order.tolist(), Order.INDEX.value: list(range(len(order)))}
    return replace(made, orders=orders)


def _order(run: Run, runner: Runner) -> NDArray[np.intp]:
    """Units by likeness in the last good snapshot."""
    good = last_good(runner)
    assert good is not None
    key = f"{run.identity}/{runner.name}/{good.step}"
    return _similar(key, _given(run), lambda: studies.trained(runner, run.study, good))


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Given: lambda given: given.digest})
def _similar(key: str, given: Given, _make: object) -> NDArray[np.intp]:
    from gru_viz.analysis.similarity import similarity_order

    ran = runs.run(Loaded(_make(), key, "cpu"), given)  # type: ignore[operator]
    return similarity_order(ran.layer(0)["h"][:, 0])


def _given(run: Run) -> Given:
    fixed = run.study.fixed
    return Given(text=fixed) if isinstance(fixed, str) else Given(numbers=np.asarray(fixed, dtype=np.float64))


def _actions(model: SequenceModel) -> None:
    with st.container(key="train-actions", horizontal=True, gap="small", vertical_alignment="center"):
        if st.button(t("train.open"), icon=":material/open_in_new:", key="train-open", type="primary"):
            open_in_explore(model)
        st.download_button(
            t("train.download"),
            pack(model),
            f"{model.name}-{datetime.now(UTC):%Y%m%d}.safetensors",
            "application/octet-stream",
            key="train-download",
            icon=":material/download:",
            on_click="ignore",
            help=t("train.download_help"),
        )
        st.caption(t("train.again"), width="stretch")


def open_in_explore(model: SequenceModel) -> None:
    """Leave the model where Explore finds it, and go there."""
    from gru_viz.ui.pages.explore import explore

    take(model)
    st.switch_page(st.Page(explore, title=t("page.explore"), default=True), query_params={"model": model.name})
