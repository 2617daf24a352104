"""The one place of colours: every figure, widget and style sheet takes its hues from here, light and dark.

Hues of the quantities: Okabe and Ito's colour-blind safe set where it has one (blue, vermillion, green), beside them
purple, amber and slate. Classes have a palette of their own, from the hues between: a belief is never read as a gate.
Kinds are for classes that stand cell by cell without a name beside them: any two differ by 8 hundredths or more in
OKLab (Ottosson 2020) for every kind of colour vision as Machado, Oliveira and Fernandes simulate it (2009).

Cells and readers have one set on every page, as far apart as kinds, no quantity's hue and no class's, and dark (in the
dark: light) enough to be read as words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gru_viz.cells.quantities import Quantity
from gru_viz.story.slots import REST

Scale = list[list[float | str]]

CELL_NAMES = ("RNN", "LSTM", "GRU", "MinGRU", "Bi-GRU", "GRU ←")
"""Whatever stands side by side where models are compared; "GRU ←" is the reader that comes from the right."""


@dataclass(frozen=True)
class Palette:
    """Colours of one appearance; every value is a CSS colour `#rrggbb`."""

    kind: Literal["light", "dark"]
    paper: str
    panel: str
    ink: str
    quiet: str
    rule: str
    negative: str
    middle: str
    positive: str
    rest: str
    hues: dict[Quantity, str] = field(repr=False)
    classes: tuple[str, ...] = field(repr=False)
    kinds: tuple[str, ...] = field(repr=False)
    cells: dict[str, str] = field(repr=False)

    def hue(self, quantity: Quantity) -> str:
        """The hue in which this quantity is drawn and written everywhere."""
        return self.hues[quantity]

    def cell(self, name: str) -> str:
        """The hue of a kind of cell or of a reader, one of `CELL_NAMES`, wherever several stand side by side."""
        return self.cells[name]

    def slot(self, name: str) -> str:
        """The colour a scene names (`story.slots`)."""
        if name in ("", REST):
            return self.rest if name else ""
        if name in self.cells:
            return self.cell(name)
        kind, _, place = name.partition("-")
        return {"class": self.classes, "kind": self.kinds}[kind][int(place)] if place else self.hue(Quantity(name))

    def sequential(self, quantity: Quantity) -> Scale:
        """Colour scale of a gate, 0 to 1: from the panel's colour to the gate's own hue."""
        return [[0.0, self.panel], [1.0, self.hue(quantity)]]

    def diverging(self) -> Scale:
        """Colour scale of a state, symmetric around 0: blue, white (near-black in the dark), red."""
        return [[0.0, self.negative], [0.5, self.middle], [1.0, self.positive]]

    def likelihood(self) -> Scale:
        """Colour scale of a probability that belongs to no gate."""
        return [[0.0, self.panel], [1.0, self.classes[0]]]


def _quantities(z: str, r: str, n: str, h: str, o: str, c: str) -> dict[Quantity, str]:
    q = Quantity
    return {q.Z: z, q.F: z, q.I: z, q.R: r, q.N: n, q.G: n, q.H: h, q.O: o, q.C: c}


LIGHT = Palette(
    kind="light",
    paper="#ffffff",
    panel="#fbfbf8",
    ink="#1b1b1f",
    quiet="#65676f",
    rule="#dedfd8",
    negative="#2b62ae",
    middle="#ffffff",
    positive="#b2332b",
    rest="#d9d9d3",
    hues=_quantities("#0072b2", "#d55e00", "#009e73", "#7b3fa0", "#b8860b", "#4b5d78"),
    classes=("#c8517f", "#e3cf57", "#8a8f2a", "#f2b5c8", "#7a1f48", "#9c6b4e", "#dcbd9f"),
    kinds=("#dcdcd6", "#72b7f2", "#922c66", "#f0809f", "#f5b400", "#25252a", "#847b1a"),
    cells=dict(zip(CELL_NAMES, ("#064b00", "#db1c53", "#4b5aff", "#5a6900", "#59134a", "#a05b97"), strict=True)),
)

DARK = Palette(
    kind="dark",
    paper="#111318",
    panel="#181b21",
    ink="#eceff4",
    quiet="#a0a5b0",
    rule="#30343d",
    negative="#5b8fe0",
    middle="#181b21",
    positive="#e5645a",
    rest="#3a3e47",
    hues=_quantities("#4aa5e0", "#ef8a42", "#38c795", "#b98be0", "#dcae3c", "#93a6c4"),
    classes=("#d9628f", "#efe491", "#9aa03a", "#f0b3c7", "#96325f", "#a8765a", "#e0c4a8"),
    kinds=("#3a3e47", "#3f8fb0", "#b8307a", "#f2a2cc", "#d4d43a", "#ffffff", "#a3860c"),
    cells=dict(zip(CELL_NAMES, ("#b5f9af", "#d57264", "#7b87e6", "#a5d296", "#e69dff", "#a578a5"), strict=True)),
)


def palette(kind: str | None) -> Palette:
    """The palette of an appearance; anything but "dark" is light."""
    return DARK if kind == "dark" else LIGHT


def rgb(colour: str) -> tuple[int, int, int]:
    """`#rrggbb` as three numbers 0..255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def readable_on(colour: str) -> str:
    """Black or white, whichever stands out more on `colour` (WCAG relative luminance)."""
    linear = [(v / 255 / 12.92) if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) ** 2 > 0.0525 else "#ffffff"


def css_properties(colours: Palette) -> str:
    """The palette as CSS custom properties, `--gv-z: #0072b2;` and so on, for style sheets and the player."""
    return _declared(_named(colours))


def css_properties_of_both() -> str:
    """Both palettes as CSS custom properties that follow the `color-scheme` of where they are used."""
    dark = _named(DARK)
    return _declared({name: f"light-dark({value}, {dark[name]})" for name, value in _named(LIGHT).items()})


def _declared(named: dict[str, str]) -> str:
    return " ".join(f"--gv-{name}: {value};" for name, value in named.items())


_CSS_NAMES = {"GRU ←": "gru-backward"}


def _named(colours: Palette) -> dict[str, str]:
    named = {
        name: getattr(colours, name)
        for name in ("paper", "panel", "ink", "quiet", "rule", "rest", "negative", "middle", "positive")
    }
    named |= {quantity.value: colours.hue(quantity) for quantity in colours.hues}
    named |= {f"cell-{_CSS_NAMES.get(name, name.lower())}": hue for name, hue in colours.cells.items()}
    named |= {"on-z": readable_on(colours.hue(Quantity.Z)), "on-n": readable_on(colours.hue(Quantity.N))}
    return named
