"""Runs are kept for everybody: what one visitor's model calls its classes is not what another's calls them."""

from __future__ import annotations

import gru_viz as gv
from gru_viz.models.sequence import SequenceModel
from gru_viz.story.runs import Given, ready, run


def test_two_models_of_the_same_weights_are_told_apart_by_their_cards() -> None:
    mine = gv.load("names")
    yours = SequenceModel(mine.card | {"labels": [f"kind {place}" for place, _ in enumerate(mine.labels)]}).eval()
    yours.load_state_dict(mine.state_dict())
    runs = [run(ready(model, "cpu"), Given(text="quxx")) for model in (mine, yours)]
    assert [one.model.labels for one in runs] == [mine.labels, yours.labels]
    assert runs[0].key != runs[1].key
    again = run(ready(gv.load("names"), "cpu"), Given(text="quxx"))
    assert again is runs[0], "the same model read the same before"
