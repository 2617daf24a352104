"""Colours by name. A scene says which one, the palette what it is: a theme that changes makes no sentence again.

"class-3" and "kind-3" are places in the palette's two rows of colours; "rest" is everything without a place; a quantity
("h") or a cell ("GRU") stands for its own hue; "" for none.
"""

from __future__ import annotations

from collections.abc import Sequence

CLASS_PLACES = 7
"""So many classes have a colour at once."""
KIND_PLACES = 7
"""So many kinds, which stand cell by cell without a name beside them."""
REST = "rest"


def class_slot(place: int) -> str:
    """The colour of a class at a place."""
    return f"class-{place}"


def kind_slot(place: int) -> str:
    """The colour of a kind at a place."""
    return f"kind-{place}"


def class_places(ranked: Sequence[int]) -> dict[int, int]:
    """Class index -> its place, no place twice.

    A class asks for a place of its own that depends on nothing else, and yields only to a likelier one, so that colours
    stay while a text is typed.
    """
    taken: dict[int, int] = {}
    for index in ranked[:CLASS_PLACES]:
        place = index * 3 % CLASS_PLACES
        while place in taken.values():
            place = (place + 1) % CLASS_PLACES
        taken[index] = place
    return taken
