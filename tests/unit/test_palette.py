"""Colours of classes that stand cell by cell can be told apart, by everybody, in the light and in the dark."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gru_viz.draw.palette import DARK, LIGHT, Palette, rgb

# Machado, Oliveira and Fernandes 2009 at full severity, on linear RGB.
VISION = {
    "all cones": np.eye(3),
    "no long cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no middle cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no short cones": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# Ottosson 2020: linear RGB to cone responses, and their cube roots to OKLab.
CONES = np.array(
    [[0.41222147, 0.53633254, 0.05144599], [0.2119035, 0.68069955, 0.10739696], [0.08830246, 0.28171884, 0.6299787]]
)
OKLAB = np.array(
    [[0.21045426, 0.79361779, -0.00407205], [1.9779985, -2.42859221, 0.45059371], [0.02590404, 0.78277177, -0.80867577]]
)


def seen(colour: str, vision: str) -> np.ndarray:
    """A colour in OKLab, in hundredths, as somebody sees it."""
    value = np.array(rgb(colour)) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return 100 * OKLAB @ np.cbrt(CONES @ np.clip(VISION[vision] @ linear, 0, 1))


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda colours: colours.kind)
def test_kinds_are_told_apart(colours: Palette, vision: str) -> None:
    for one, other in itertools.combinations(colours.kinds, 2):
        assert np.linalg.norm(seen(one, vision) - seen(other, vision)) > 8, (one, other)
    for kind in colours.kinds:
        assert np.linalg.norm(seen(kind, vision) - seen(colours.panel, vision)) > 8, kind


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda colours: colours.kind)
def test_a_kind_is_no_gate(colours: Palette) -> None:
    for kind, hue in itertools.product(colours.kinds, colours.hues.values()):
        assert np.linalg.norm(seen(kind, "all cones") - seen(hue, "all cones")) > 8, (kind, hue)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda colours: colours.kind)
def test_cells_are_told_apart_and_are_no_quantity(colours: Palette, vision: str) -> None:
    cells = colours.cells.values()
    for one, other in itertools.combinations(cells, 2):
        assert np.linalg.norm(seen(one, vision) - seen(other, vision)) > 8, (one, other)
    # Cells and quantities have places of their own on a page: seen with fewer cones they may come nearer, never meet.
    for cell, hue in itertools.product(cells, colours.hues.values()):
        bar = 8 if vision == "all cones" else 4
        assert np.linalg.norm(seen(cell, vision) - seen(hue, vision)) > bar, (cell, hue)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda colours: colours.kind)
def test_a_cell_is_no_class_and_can_be_read(colours: Palette) -> None:
    for cell, other in itertools.product(colours.cells.values(), (*colours.classes, *colours.kinds, colours.ink)):
        assert np.linalg.norm(seen(cell, "all cones") - seen(other, "all cones")) > 8, (cell, other)
    for cell, ground in itertools.product(colours.cells.values(), (colours.paper, colours.panel)):
        assert contrast(cell, ground) >= 4.5, (cell, ground)


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours."""
    value = np.array([rgb(one), rgb(other)]) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    low, high = np.sort(linear @ np.array([0.2126, 0.7152, 0.0722]))
    return (high + 0.05) / (low + 0.05)
