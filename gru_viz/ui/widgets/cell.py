"""The right half: one unit at one step in real numbers that add up, what is kept and written, what is believed."""

from __future__ import annotations

from decimal import Decimal
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_viz.analysis.digits import Shown, places_for, rounded, written
from gru_viz.analysis.equations import Equations
from gru_viz.palette import Palette
from gru_viz.ui.i18n import t
from gru_viz.ui.runs import Run
from gru_viz.ui.symbols import visible
from gru_viz.ui.widgets.picture import class_name, percent, shown_classes
from gru_viz.ui.widgets.transport import Selection

BARS = 5


def cell(run: Run, at: Selection, colours: Palette) -> None:
    """Draw equations, mix and belief as one element; everything that came from outside is escaped."""
    found = run.equations(at.layer, at.step, at.item, at.unit, at.convention)
    token = visible(run.tokens[at.step])
    head = t("cell.head", token=token, unit=at.unit, layer=at.layer + 1)
    body = [
        f'<div class="gv-head">{escape(head)}</div>',
        *_equations(found, at),
        _mix(found),
        _belief(run, at, colours),
    ]
    body += [_contributors(run, at), _legend()]
    st.html(f'<div class="gv-cell">{"".join(body)}</div>')


def _equations(found: Equations, at: Selection) -> list[str]:
    way = t(f"convention.{at.convention}")
    return [
        _row("r", f"σ( {_four(found.r)} ) = σ({written(found.r.total)})", found.r),
        _row("z", f"σ( {_four(found.z)} ) = σ({written(found.z.total)}) <small>{escape(way)}</small>", found.z),
        _row("n", f"tanh( {_candidate(found.n)} ) = tanh({written(found.n.total)})", found.n),
        _row("h", _mixture(found.h, at), found.h),
    ]


def _row(name: str, formula: str, shown: Shown) -> str:
    return (
        f'<div class="gv-eq st-key-equation-{name}" data-testid="equation-{name}"><i class="gv-{name}">{name}</i>'
        f'<div class="gv-sum">{formula}</div><div class="gv-value">{written(shown.value)}</div></div>'
    )


def _signed(value: Decimal, label: str, first: bool = False) -> str:
    sign = "" if first and value >= 0 else ("+ " if value >= 0 else written(Decimal("-0"))[0] + " ")
    if first and value < 0:
        sign = sign.strip()
    return f"<span>{sign}<b>{written(abs(value))}</b> <small>{label}</small></span>"


def _four(shown: Shown) -> str:
    labels = (t("term.input"), t("term.recurrent"), t("term.bias_ih"), t("term.bias_hh"))
    return " ".join(_signed(p, label, i == 0) for i, (p, label) in enumerate(zip(shown.parts, labels, strict=True)))


def _candidate(shown: Shown) -> str:
    a, b_ih, r, b, b_hh = shown.parts
    outside = f"{_signed(a, t('term.input'), True)} {_signed(b_ih, t('term.bias_ih'))}"
    inside = f"{_signed(b, t('term.recurrent'), True)} {_signed(b_hh, t('term.bias_hh'))}"
    return f'{outside} <span>+ <b class="gv-r">{written(r)}</b> · (</span> {inside} )'


def _mixture(shown: Shown, at: Selection) -> str:
    write, n, before = shown.parts
    keep = 1 - write
    z = write if at.convention == "new" else keep
    one_less = f'(1 − <b class="gv-z">{written(z)}</b>)'
    plain = f'<b class="gv-z">{written(z)}</b>'
    of_n, of_h = (plain, one_less) if at.convention == "new" else (one_less, plain)
    names = ("z", "(1 − z)") if at.convention == "new" else ("(1 − z)", "z")
    formula = f"{names[0]}·n + {names[1]}·h′"
    return (
        f'<span>{of_n} · <b class="gv-n">{written(n)}</b></span> '
        f'<span>+ {of_h} · <b class="gv-h">{written(before)}</b></span> <small>{formula}</small>'
    )


def _mix(found: Equations) -> str:
    keep = 100 * found.keep_share
    kept = t("mix.kept", percent=percent(found.keep_share), value=written(rounded(found.kept, 3)))
    new = t("mix.written", percent=percent(1 - found.keep_share), value=written(rounded(found.written, 3)))
    inside = [kept if keep >= 35 else "", new if keep <= 65 else ""]
    outside = " · ".join(words for words, there in zip((kept, new), inside, strict=True) if not there)
    bar = (
        f'<div class="gv-kept" style="width:{keep:.2f}%"><span>{escape(inside[0])}</span></div>'
        f'<div class="gv-written" style="width:{100 - keep:.2f}%"><span>{escape(inside[1])}</span></div>'
    )
    return f'<div class="gv-mix">{bar}</div><div class="gv-note">{escape(outside)}&nbsp;</div>'


def _contributors(run: Run, at: Selection) -> str:
    voices = run.contributors(at.layer, at.step, at.item, at.unit)
    loudest = max([abs(value) for _, value in voices] + [1e-12])
    digits = places_for(loudest)
    rows = []
    for unit, value in voices:
        share, side = 50 * abs(value) / loudest, "left:50%" if value >= 0 else "right:50%"
        rows.append(
            f'<div class="gv-bar"><div>{escape(t("unit.number", unit=unit))}</div><div class="gv-track gv-signed">'
            f'<div class="gv-{"positive" if value >= 0 else "negative"}" style="{side};width:{share:.1f}%"></div></div>'
            f"<div>{written(rounded(value, digits))}</div></div>"
        )
    head = escape(t("contributors.head", unit=at.unit))
    return f'<div class="gv-belief"><div class="gv-head">{head}</div>{"".join(rows)}</div>'


def _legend() -> str:
    scales = "".join(
        f'<span>{escape(t(f"legend.{name}"))} <i>{low}</i><b class="gv-scale gv-scale-{name}"></b><i>{high}</i></span>'
        for name, low, high in (("gates", "0", "1"), ("states", "−1", "1"))
    )
    return f'<div class="gv-legend">{scales}</div>'


def _belief(run: Run, at: Selection, colours: Palette) -> str:
    bars: list[str] = []
    if run.belief is None:
        head = t("belief.none")
    elif run.model.kind == "forecast":
        head = t("belief.forecast_is", value=f"{float(run.belief[at.step, 0]):.4g}")
    else:
        head = t(f"belief.head_{run.model.kind}", token=visible(run.tokens[at.step]))
        bars = _bars(run, run.belief, at, colours)
    inside = f'<div class="gv-head">{escape(head)}</div>{"".join(bars)}'
    return f'<div class="gv-belief st-key-belief" data-testid="belief">{inside}</div>'


def _bars(run: Run, belief: NDArray[np.float32], at: Selection, colours: Palette) -> list[str]:
    here = belief[at.step]
    best = [int(i) for i in np.argsort(-here, kind="stable")[:BARS]]
    if run.model.kind == "classify":
        slots = shown_classes(belief[at.window], colours)
        named = [(class_name(run, i), colours.classes[slots[i]] if i in slots else colours.rest) for i in best]
    else:
        named = [(visible(run.model.labels[i]), colours.classes[0]) for i in best]
    return [_bar(name, float(here[i]), hue, i == best[0]) for i, (name, hue) in zip(best, named, strict=True)]


def _bar(name: str, share: float, hue: str, first: bool) -> str:
    value = t("number.percent", value=f"{100 * share:.1f}")
    return (
        f'<div class="gv-bar{" gv-first" if first else ""}"><div>{escape(name)}</div>'
        f'<div class="gv-track"><div style="width:{100 * share:.2f}%;background:{hue}"></div></div>'
        f"<div>{escape(value)}</div></div>"
    )
