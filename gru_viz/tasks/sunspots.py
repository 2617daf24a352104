"""sunspots: next year's sunspot number from all the years before it.

The yearly numbers 1700-2008 as the statsmodels package ships them (public domain). The last years are held out in one
piece, and forecast one step ahead from the true numbers up to the year before.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from gru_viz.errors import ModelError
from gru_viz.models.card import Card, structure
from gru_viz.models.number_input import as_steps
from gru_viz.models.sequence import SequenceModel
from gru_viz.tasks.family import GRU, INITIALISATION, Variant, fresh, matched
from gru_viz.tasks.task import Budget, refuse_own_data

FIRST_YEAR = 1700
HELD_OUT_YEARS = 59
HIDDEN = 16
NOISE = 0.1
WINDOW = 60
BATCH = 32


class Sunspots:
    """One-step forecast of the yearly sunspot number."""

    seed = 0
    budget = Budget(steps=800, learning_rate=1e-2, weight_decay=0.05, warmup=0.2)

    def __init__(self, variant: Variant = GRU) -> None:
        self.variant, self.name = variant, variant.of("sunspots")

    def prepare(self, data: Path | None = None) -> SunspotsProblem:
        refuse_own_data(self.name, data)
        return SunspotsProblem(yearly_numbers(), self.seed, self.variant)


def yearly_numbers() -> list[float]:
    """The sunspot number of every year from 1700 on."""
    try:
        table = files("statsmodels").joinpath("datasets", "sunspots", "sunspots.csv").read_text(encoding="utf-8")
    except (ImportError, OSError) as error:
        raise ModelError(
            "corpus.packages",
            "The {task} data come from the package {packages}: pip install -r {file}.",
            task="sunspots",
            packages="statsmodels",
            file="requirements-train.txt",
        ) from error
    rows = list(csv.DictReader(table.splitlines()))
    if [int(row["YEAR"]) for row in rows] != list(range(FIRST_YEAR, FIRST_YEAR + len(rows))):
        raise ModelError(
            "corpus.changed", "The sunspot numbers no longer run year by year from {year}.", year=FIRST_YEAR
        )
    return [float(row["SUNACTIVITY"]) for row in rows]


class SunspotsProblem:
    """One series, cut once: what comes before is learnt, what comes after only measured."""

    def __init__(self, numbers: list[float], seed: int, variant: Variant = GRU) -> None:
        self._numbers = numbers
        self._learnt = len(numbers) - HELD_OUT_YEARS
        past = torch.tensor(numbers[: self._learnt], dtype=torch.float64)
        scale = {"mean": round(past.mean().item(), 4), "deviation": round(past.std().item(), 4)}

        def card_of(one: Variant, hidden: int) -> Card:
            kind = (one.of("sunspots"), "forecast")
            return structure(*kind, cell=one.cell, input_size=1, hidden_size=hidden, normalisation=scale)

        self.model = fresh(matched(card_of, variant, HIDDEN), seed)
        self._steps = self.model.encode(numbers)
        self._dice = torch.Generator().manual_seed(seed)

    def loss(self) -> Tensor:
        """Mean squared error in squared deviations, over windows that begin in any year; inputs carry some noise."""
        starts = torch.randint(self._learnt - WINDOW, (BATCH,), generator=self._dice)
        places = starts + torch.arange(WINDOW + 1)[:, None]
        windows = self._steps[places]
        noise = torch.randn(windows[:-1].shape, generator=self._dice) * NOISE
        device = self.model.device
        return F.mse_loss(self.model((windows[:-1] + noise).to(device))[0], windows[1:].to(device))

    def probe(self) -> tuple[str, float]:
        """The held-out years' root mean square error, in sunspot numbers."""
        error = measured(self.model, self._numbers, HELD_OUT_YEARS)["root_mean_square_error"]
        return "root_mean_square_error", error

    def metrics(self) -> dict[str, Any]:
        """Errors on the held-out years, in sunspot numbers, beside forecasting no change."""
        return measured(self.model, self._numbers, HELD_OUT_YEARS)

    def facts(self) -> dict[str, Any]:
        last = FIRST_YEAR + len(self._numbers) - 1
        return FACTS | {
            "data": f"yearly sunspot numbers {FIRST_YEAR}-{last}",
            "split": f"the last {HELD_OUT_YEARS} years ({last - HELD_OUT_YEARS + 1}-{last}) are held out; "
            "normalisation is measured on the years before",
            "series": {"first": FIRST_YEAR, "step": "year", "values": self._numbers, "held_out": HELD_OUT_YEARS},
            "hint": hints(self._numbers),
        }


@torch.no_grad()
def measured(model: SequenceModel, numbers: list[float], held_out_years: int) -> dict[str, Any]:
    """Errors of a forecast model on the last years of a series, each told all true numbers before it."""
    scale = model.card["normalisation"]
    forecast = model(model.embed(model.encode(numbers)))[0][:-1, 0, 0].cpu() * scale["deviation"] + scale["mean"]
    truth = as_steps(numbers, 1)[:, 0]
    errors = (forecast - truth[1:])[-held_out_years:]
    persistence = (truth[:-1] - truth[1:])[-held_out_years:]
    trend = (2 * truth[1:-1] - truth[:-2] - truth[2:])[-held_out_years:]
    return {
        "mean_absolute_error": round(errors.abs().mean().item(), 3),
        "root_mean_square_error": round(errors.square().mean().sqrt().item(), 3),
        "baseline_persistence_mean_absolute_error": round(persistence.abs().mean().item(), 3),
        "baseline_persistence_root_mean_square_error": round(persistence.square().mean().sqrt().item(), 3),
        "baseline_trend_root_mean_square_error": round(trend.square().mean().sqrt().item(), 3),
        "held_out_years": held_out_years,
    }


def hints(numbers: list[float]) -> list[str]:
    """Parts of the series to paste: the whole, the held-out years, the quiet times around 1800, the last cycles."""
    quiet, recent = 1795 - FIRST_YEAR, 1985 - FIRST_YEAR
    parts = (numbers, numbers[-HELD_OUT_YEARS:], numbers[quiet : quiet + 40], numbers[recent:])
    return [" ".join(f"{value:g}" for value in part) for part in parts]


FACTS: dict[str, Any] = {
    "title": "Sunspots, year by year",
    "task": "forecast the next year's sunspot number",
    "data_source": "the data set sunspots of the Python package statsmodels; there from the National Geophysical Data "
    "Center (NOAA), after the yearly means of SIDC/SILSO (old series, before the revision of 2015)",
    "licence": "The numbers: public domain, as statsmodels says. The weights: Apache-2.0.",
    "preprocessing": (
        "(x - mean) / deviation, both on the card; windows of "
        f"{WINDOW} years beginning anywhere, normal noise of {NOISE} deviations on the inputs in training."
    ),
    "initialisation": INITIALISATION,
    "bad_at": (
        "Anything that is not the sun: other series need values of the same size and an eleven-year beat. It "
        "forecasts one step; it knows 250 years only and underrates the strongest cycles."
    ),
    "measured": "every held-out year forecast from all true numbers before it, in sunspot numbers",
}
