"""SequenceModel with every cell and every way of reading. Laws:

- what a model scores while it trains is what `predict` says of a trace, whatever the cell and the directions;
- a backward reader is the backward half of a bidirectional one: its belief depends on what comes later only;
- old cards, which know no directions, mean a forward reader.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import gru_viz as gv
from gru_viz.errors import ModelError
from gru_viz.models import SequenceModel, Vocabulary
from gru_viz.models.card import OPTIONAL, check, structure
from gru_viz.models.sequence import MODULE_OF, TiedHead
from gru_viz.tracing.modules import BackwardGRU

LETTERS = Vocabulary.of("abcdefgh ")
BOTH = ("forward", "backward")
READERS = [*MODULE_OF]


def built(kind: str, cell: str, directions: tuple[str, ...], **options: object) -> SequenceModel:
    symbols = {"symbols": list(LETTERS.symbols), "folds": False}
    card = structure(
        *("small", kind),  # type: ignore[arg-type]
        cell=cell,
        directions=directions,
        input_size=4,
        hidden_size=7,
        num_layers=2,
        vocabulary=symbols,
        labels=("left", "right") if kind == "classify" else (),
        **options,  # type: ignore[arg-type]
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return SequenceModel(card).eval()


@pytest.mark.parametrize(("cell", "directions"), READERS)
def test_what_a_model_trains_on_is_what_it_predicts_from_a_trace(cell: str, directions: tuple[str, ...]) -> None:
    model = built("classify", cell, directions)
    trace = model.trace("abcabxh")
    assert trace.directions == directions
    assert trace.cell == cell
    scores, _ = model(model.encode("abcabxh")[:, None])
    torch.testing.assert_close(model.predict(trace), scores[:, 0].softmax(-1), atol=1e-6, rtol=0)
    assert gv.difference(model.rnn, trace) < 2e-6


@pytest.mark.parametrize(("cell", "directions"), READERS)
def test_a_belief_depends_on_what_its_reader_has_read(cell: str, directions: tuple[str, ...]) -> None:
    model = built("classify", cell, directions)
    start, middle, end = (model.predict(model.trace(text)) for text in ("ebcdefg", "abcdefg", "abcdefa"))
    # Behind the first character a backward reader does not know it; before the last, a forward reader does not.
    assert torch.equal(start[1:], middle[1:]) == (directions == ("backward",))
    assert torch.equal(end[:-1], middle[:-1]) == (directions == ("forward",))


def test_a_backward_gru_is_the_backward_half_of_a_bidirectional_one() -> None:
    torch.manual_seed(0)
    whole, half = nn.GRU(3, 4, bidirectional=True), BackwardGRU(3, 4)
    half.load_state_dict(
        {
            name.removesuffix("_reverse"): value
            for name, value in whole.state_dict().items()
            if name.endswith("_reverse")
        }
    )
    x, h0 = torch.randn(6, 2, 3), torch.randn(1, 2, 4)
    output, last = half(x, h0)
    expected, states = whole(x, torch.cat([torch.zeros_like(h0), h0]))
    torch.testing.assert_close(output, expected[..., 4:])
    torch.testing.assert_close(last, states[1:])
    both, alone = gv.trace(whole, x, torch.cat([torch.zeros_like(h0), h0])), gv.trace(half, x, h0)
    assert alone.directions == ("backward",)
    for name in ("z", "r", "n", "h", "h_prev", "x"):
        there, here = both.layer(0, "backward").quantity(name), alone.layer(0, "backward").quantity(name)
        torch.testing.assert_close(here, there)
    torch.testing.assert_close(alone.output, output)


def test_a_backward_gru_takes_batch_first_single_and_packed_sequences() -> None:
    torch.manual_seed(0)
    rnn = BackwardGRU(3, 4, batch_first=True)
    x = torch.randn(2, 5, 3)
    output, _ = rnn(x)
    torch.testing.assert_close(rnn(x[1])[0], output[1])
    packed, last = rnn(pack_padded_sequence(x, torch.tensor([5, 3]), batch_first=True))
    padded, _ = pad_packed_sequence(packed, batch_first=True)
    torch.testing.assert_close(padded[0], output[0])
    torch.testing.assert_close(padded[1, :3], rnn(x[1, :3])[0])
    torch.testing.assert_close(last[0, 1], padded[1, 0])


def test_record_and_clamp_work_on_a_backward_reader() -> None:
    model = built("classify", "GRU", ("backward",))
    with gv.record(model) as traces:
        model(model.encode("abcd")[:, None])
    seen = traces["rnn"][0]
    assert seen.directions == ("backward",)
    expected = model.trace("abcd")
    torch.testing.assert_close(seen.layer(1, "backward").z, expected.layer(1, "backward").z, atol=2e-6, rtol=0)
    frozen = gv.clamp("z", 1.0, steps=[1], layer=0, direction="backward")
    held = model.trace("abcd", interventions=[frozen]).layer(0, "backward")
    torch.testing.assert_close(held.h[1], held.h[2])


@pytest.mark.parametrize("cell", ["GRU", "LSTM", "RNN"])
def test_every_cell_writes_on_from_its_own_state(cell: str) -> None:
    writer = built("next", cell, ("forward",))
    steps = list(writer.generate("ab", 12, seed=4))
    beliefs = writer.predict(writer.trace("ab" + "".join(step.token for step in steps)))
    for place, step in enumerate(steps, start=1):
        known = beliefs[place, 1:] / beliefs[place, 1:].sum()
        assert step.probability == pytest.approx(known[writer.labels.index(step.token) - 1].item(), abs=1e-5)


def test_an_lstm_goes_on_from_the_pair_it_ended_with() -> None:
    model = built("classify", "LSTM", ("forward",))
    first = model.trace("abc")
    second = model.trace("def", hx=first.final)
    whole = model.trace("abcdef")
    torch.testing.assert_close(second.layer(1).c, whole.layer(1).c[3:], atol=1e-6, rtol=0)


def test_a_tied_head_compares_with_the_embedding_and_holds_it_once() -> None:
    model = built("next", "GRU", ("forward",), tied=True)
    assert isinstance(model.head, TiedHead)
    assert model.embedding is not None
    assert sorted(name for name in model.state_dict() if "rnn" not in name) == [
        *("embedding.weight", "head.bias", "head.projection.bias", "head.projection.weight")
    ]
    states = torch.randn(3, 7)
    likeness = model.head.projection(states) @ model.embedding.weight.T
    torch.testing.assert_close(model.head(states), likeness + model.head.bias)
    scores, _ = model(model.encode("abc")[:, None])
    torch.testing.assert_close(model.predict(model.trace("abc")), scores[:, 0].softmax(-1), atol=1e-6, rtol=0)


def test_a_card_without_the_optional_fields_is_a_forward_reader() -> None:
    card = structure("old", "none", input_size=2, hidden_size=3)
    old = {field: value for field, value in card.items() if field not in OPTIONAL}
    model = SequenceModel(old)
    assert model.trace([[1.0, 2.0]]).directions == ("forward",)
    assert check(old) == card
    assert "directions" not in old


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cell", "MGU"),
        ("cell", "gru"),
        ("directions", "forward"),
        ("directions", ["sideways"]),
        ("directions", ["backward", "forward"]),
        ("directions", []),
        ("directions", ["backward"]),
        ("directions", list(BOTH)),
        ("tied", 1),
        ("tied", True),
        ("labels_at", "the start"),
    ],
)
def test_a_forecaster_cannot_be_built_so(field: str, value: object) -> None:
    with pytest.raises(ModelError) as caught:
        check(structure("sun", "forecast", input_size=1, hidden_size=3) | {field: value})
    assert caught.value.params["field"] == field


@pytest.mark.parametrize("cell", ["LSTM", "RNN"])
def test_backward_alone_there_is_a_gru_only(cell: str) -> None:
    with pytest.raises(ModelError) as caught:
        built("classify", cell, ("backward",))
    assert caught.value.params["field"] == "directions"
