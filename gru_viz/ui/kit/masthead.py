"""The slim row on top: title, page, device and time of this run, the proof that it is torch's truth, language."""

from __future__ import annotations

from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz.devices import devices
from gru_viz.locale import LANGUAGES
from gru_viz.locale.digits import duration, scientific
from gru_viz.story.runs import Run
from gru_viz.ui.kit.i18n import browser_language, speak, t
from gru_viz.ui.kit.link import keep, shared
from gru_viz.ui.kit.notices import notice
from gru_viz.ui.kit.pickers import pick


def language() -> None:
    """Choose the language before anything is written: the view's or the URL's, else the browser's."""
    speak(shared("lang") or browser_language())


def masthead() -> DeltaGenerator:
    """Draw title and language; return the place for the chips, which are known only after the run. (The pages' names
    between them are Streamlit's own.)"""
    with st.container(key="masthead", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<p><span class="gv-title">{t("app.title")}</span></p>', width="content")
        chips = st.container(
            key="chips", gap="small", horizontal=True, horizontal_alignment="right", vertical_alignment="center"
        )
        _language_switch()
    return chips


def _language_switch() -> None:
    shown = shared("lang") or browser_language()
    pick("lang", LANGUAGES, "language.label", "language.{}", value=shown, changed=_language_chosen)


def _language_chosen() -> None:
    """What the browser speaks anyhow needs no place in the link."""
    chosen = st.session_state["lang"]
    if shared("lang") is not None or chosen != browser_language():
        keep(lang=chosen)


def chips(place: DeltaGenerator, *runs: Run) -> None:
    """The device with the measured time of these runs of one input, and the largest difference from torch."""
    steps, seconds = len(runs[0].trace), sum(run.seconds for run in runs)
    key = "chip.device_one" if steps == 1 else "chip.device"
    label = t(key, device=t(f"device.{runs[0].loaded.device}"), time=duration(seconds), steps=steps)
    for full in {run.loaded.full for run in runs} - {None}:
        notice(t("notice.device_full", device=t(f"device.{full}")))
    with place:
        with st.popover(label, key="timing", help=t("chip.device_help", each=duration(seconds / steps))):
            device_choice()
            if len(devices()) == 1:
                st.caption(t("device.only_cpu"))
        with st.container(key="proof", width="content"):
            told = "chip.proof" if all(run.proof.holds for run in runs) else "chip.no_proof"
            proof = escape(t(told, gap=scientific(max(run.proof.gap for run in runs))))
            st.html(f'<span class="gv-chip" title="{escape(t("chip.proof_help"))}">{proof}</span>', width="content")


def device() -> str:
    """The device chosen, if this machine has it; else the CPU."""
    chosen = shared("device")
    return chosen if chosen in devices() else "cpu"


def device_choice(disabled: bool = False) -> None:
    """The switch of where models run."""
    keep(device=device())
    pick("device", devices(), "device.label", "device.{}", disabled=disabled, label_visibility="visible")
