"""After a race, or while it is stopped: how the gates learned, snapshot by snapshot, in the player; and what next."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from gru_viz.models.pack import pack
from gru_viz.models.sequence import SequenceModel
from gru_viz.story.training_scene import snapshot_scene
from gru_viz.story.training_told import METRICS, snapshot_name
from gru_viz.training.race import Runner, Snapshot, last_good
from gru_viz.training.sessions import Session
from gru_viz.ui.explore.page import explore
from gru_viz.ui.kit import player_view
from gru_viz.ui.kit.downloads import download
from gru_viz.ui.kit.i18n import sentence, speaker, spoken, t
from gru_viz.ui.kit.link import settle
from gru_viz.ui.kit.markdown import plain
from gru_viz.ui.kit.trained import take
from gru_viz.ui.train.stage import watched

_PLAYER = "train-player"
_PLAYING = "train-playing"
"""Where in the session stands which slider moves by itself."""
PACE = 0.8
"""Seconds a snapshot is shown while they are played."""


def snapshots(session: Session) -> None:
    """Snapshots in the player, and what can be done with a trained model; by itself again and again while it plays."""
    assert session.race is not None
    runner = session.race.runner(watched([at.name for at in session.standings()]))
    if _slider(session, runner) not in st.session_state:
        st.session_state[_PLAYING] = None  # it was out of sight meanwhile: it does not move by itself any more
    playing = _plays(session, runner)

    def look() -> None:
        if playing:
            _step_on(session, runner)
        _draw(session, runner)
        if _plays(session, runner) != playing:
            st.rerun()  # whether it comes again by itself is settled once a run of the page

    st.fragment(look, run_every=PACE if playing else None)()


def _draw(session: Session, runner: Runner) -> None:
    at = runner.standing()
    if at.fault is not None:
        st.warning(f"**{at.name}**: {plain(sentence(at.fault))} {t('train.offered')}", icon=":material/info:")
    with st.container(key="train-after", gap="xsmall"):
        shown = _snapshot(session, runner)
        said = player_view.committed(_PLAYER)
        player_view.player(snapshot_scene(session, runner, shown, said, spoken()), key=_PLAYER)
    _actions(session.model(runner, shown))


def _slider(session: Session, runner: Runner) -> str:
    """The key of a runner's slider: a new one when there are more snapshots."""
    return f"train-snapshot-{session.identity}-{runner.name}-{len(runner.snapshots)}"


def _plays(session: Session, runner: Runner) -> bool:
    return st.session_state.get(_PLAYING) == _slider(session, runner)


def _step_on(session: Session, runner: Runner) -> None:
    """To the next snapshot; behind the last one it ends."""
    key = _slider(session, runner)
    later = [one.step for one in runner.snapshots if one.step > st.session_state[key]]
    if later:
        st.session_state[key] = later[0]
    else:
        st.session_state[_PLAYING] = None


def _play_or_pause(session: Session, runner: Runner) -> None:
    """From the last snapshot it begins again with the first."""
    key, steps = _slider(session, runner), [one.step for one in runner.snapshots]
    st.session_state[_PLAYING] = None if _plays(session, runner) else key
    if st.session_state[key] == steps[-1]:
        st.session_state[key] = steps[0]


def _snapshot(session: Session, runner: Runner) -> Snapshot:
    """The slider over a runner's snapshots, and what moves it by itself; it opens at the last good one."""
    kept = {one.step: one for one in runner.snapshots}
    good = last_good(runner)
    assert good is not None
    say, share = speaker(), METRICS[session.recipe.task].share

    def named(step: int) -> str:
        return snapshot_name(kept[step], share, say)

    key = _slider(session, runner)
    if len(kept) < 2:
        st.caption(named(good.step))
        return good
    settle(key, st.session_state.get(key, good.step))
    with st.container(key="train-snapshots", horizontal=True, gap="medium", vertical_alignment="center"):
        plays = _plays(session, runner)
        st.button(
            t("train.pause_snapshots" if plays else "train.play_snapshots"),
            icon=":material/pause:" if plays else ":material/play_arrow:",
            key="train-play",
            on_click=_play_or_pause,
            args=(session, runner),
        )
        step = st.select_slider(t("train.snapshots"), list(kept), format_func=named, key=key, width="stretch")
    return kept[step]


def _actions(model: SequenceModel) -> None:
    with st.container(key="train-actions", horizontal=True, gap="small", vertical_alignment="center"):
        if st.button(t("train.open"), icon=":material/open_in_new:", key="train-open", type="primary"):
            open_in_explore(model)
        file = f"{model.name}-{datetime.now(UTC):%Y%m%d}.safetensors"
        download("train.download", file, lambda: pack(model), key="train-download", help=t("train.download_help"))
        st.caption(t("train.again"), width="stretch")


def open_in_explore(model: SequenceModel) -> None:
    """Leave the model where Explore finds it, and go there."""
    take(model)
    st.switch_page(st.Page(explore, title=t("page.explore"), default=True), query_params={"model": model.name})
