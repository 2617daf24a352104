"""A race: everybody in turn, measured without being disturbed, kept from the initialisation on, lost with a reason."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
import torch

import gru_viz as gv
from gru_viz.errors import InputError, ModelError
from gru_viz.models import seeded
from gru_viz.models.pack import pack
from gru_viz.models.zoo import unpacked
from gru_viz.training import own_data
from gru_viz.training.race import SNAPSHOTS, Race, last_good, marks
from gru_viz.training.studies import OFFERS, Recipe, race, trained, untrained, width_of

NAMES = OFFERS["names"].make(None)
SHORT = Recipe("names", cells=("GRU", "LSTM", "RNN", "Bi-GRU"), width=8, steps=12)
TEXT = ("the quick brown fox jumps over the lazy dog.\n" * 80).encode()
FILES = {
    "table": b"text,label\n"
    + b"".join(f"{'ab' * (i % 9 + 1)}{i},{'even' if i % 2 else 'odd'}\n".encode() for i in range(80)),
    "text": TEXT,
}


def run(made: Race) -> Race:
    while made.advance():
        pass
    return made


def initial(made: Race, name: str) -> dict[str, torch.Tensor]:
    return dict(made.runner(name).snapshots[0].weights)


def same(one: dict, other: dict) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_runners_take_their_steps_in_turn() -> None:
    made = race(NAMES, SHORT)
    for step in range(1, 6):
        for runner in made.runners:
            made.advance()
            assert runner.training.step == step
    assert {runner.training.step for runner in made.runners} == {5}


@pytest.mark.parametrize("task", OFFERS)
def test_every_task_trains_every_cell_it_offers(task: str) -> None:
    offer = OFFERS[task]
    study = offer.make(FILES.get(task))
    made = run(race(study, replace(offer.start, cells=offer.cells, width=8, steps=8, learning_rate=3e-3)))
    for at, runner in zip(made.standings(), made.runners, strict=True):
        assert at.fault is None
        assert (at.step, at.curve[0].step, at.curve[-1].step) == (8, 0, 8)
        assert all(math.isfinite(point.loss) and math.isfinite(point.held_out) for point in at.curve)
        model = trained(runner, study)
        again = unpacked(pack(model), "mine.safetensors")
        trace, expected = again.trace(study.fixed), model.trace(study.fixed)
        torch.testing.assert_close(trace.layer(0).h, expected.layer(0).h)
        assert again.card["curve"]["step"] == [point.step for point in at.curve]
        assert again.predict(trace).isfinite().all()


def test_measuring_does_not_disturb_the_run() -> None:
    alone = race(NAMES, replace(SHORT, cells=("GRU",)))
    plain = alone.runners[0].training
    for _ in range(12):
        plain.advance()
    watched = run(race(NAMES, SHORT)).runner("GRU")
    assert same(plain.problem.model.state_dict(), watched.problem.model.state_dict())


def test_another_learning_rate_starts_from_the_same_initialisation() -> None:
    slow, fast = run(race(NAMES, SHORT)), run(race(NAMES, replace(SHORT, learning_rate=0.1)))
    for name in SHORT.cells:
        assert same(initial(slow, name), initial(fast, name))
        assert not same(dict(slow.runner(name).snapshots[-1].weights), dict(fast.runner(name).snapshots[-1].weights))
    assert not same(initial(race_begun(replace(SHORT, seed=1)), "GRU"), initial(slow, "GRU"))


def race_begun(recipe: Recipe) -> Race:
    made = race(NAMES, recipe)
    for _ in made.runners:
        made.advance()
    return made


def test_the_last_snapshot_is_the_trained_model_and_gates_are_its_own() -> None:
    runner = run(race(NAMES, SHORT)).runner("GRU")
    model = runner.problem.model
    assert same(dict(runner.snapshots[-1].weights), model.state_dict())
    layer, read = model.trace("rossellini").layer(0), runner.standing().gates
    assert read is not None
    assert read.step == 12
    np.testing.assert_allclose(read.values["z"], layer.z[:, 0].detach().numpy(), atol=1e-6)


def test_equal_parameters_for_every_cell() -> None:
    made = race(NAMES, replace(SHORT, width=64))
    sizes = [sum(p.numel() for p in runner.problem.model.parameters()) for runner in made.runners]
    assert max(sizes) <= 1.05 * min(sizes)
    assert width_of(NAMES, "GRU", replace(SHORT, width=64)) == 64


def test_a_rate_too_high_is_lost_with_a_reason_and_the_last_good_weights_stay() -> None:
    runner = run(race(NAMES, replace(SHORT, cells=("GRU",), width=64, learning_rate=10.0, steps=60))).runners[0]
    at = runner.standing()
    assert at.fault is not None
    assert at.fault.code in ("training.lost", "training.diverged")
    assert at.over
    assert at.step < 60
    good = last_good(runner)
    assert good is not None
    assert good.point.loss <= 1.25 * at.curve[0].loss
    assert all(value.isfinite().all() for value in good.weights.values())


def test_nan_drops_one_runner_and_the_others_go_on() -> None:
    made = race_begun(SHORT)
    with torch.no_grad():
        made.runner("LSTM").problem.model.rnn.weight_hh_l0.fill_(torch.nan)
    run(made)
    lost = made.runner("LSTM").standing()
    assert lost.fault is not None
    assert lost.fault.code == "training.diverged"
    assert [at.step for at in made.standings() if at.name != "LSTM"] == [12, 12, 12]
    good = last_good(made.runner("LSTM"))
    assert good is not None
    assert all(value.isfinite().all() for value in good.weights.values())


def test_marks_begin_dense_and_end_at_the_end() -> None:
    found = sorted(marks(600, SNAPSHOTS))
    assert found[-1] == 600
    assert len(found) == SNAPSHOTS
    assert found[1] - found[0] < found[-1] - found[-2]
    assert marks(3, 40) == {1, 2, 3}


def test_a_trained_model_goes_on_from_its_weights(tmp_path: Path) -> None:
    runner = run(race(NAMES, SHORT)).runner("Bi-GRU")
    file = tmp_path / "mine.safetensors"
    file.write_bytes(pack(trained(runner, NAMES)))
    model = gv.load(file)
    assert same(model.state_dict(), runner.problem.model.state_dict())
    more = race(NAMES, replace(SHORT, learning_rate=1e-3), start=model)
    assert [one.name for one in more.runners] == ["Bi-GRU"]
    more.advance()
    assert same(initial(more, "Bi-GRU"), runner.problem.model.state_dict())
    with pytest.raises(InputError) as caught:
        race(OFFERS["recall"].make(None), SHORT, start=model)
    assert caught.value.code == "training.other_task"


@pytest.mark.parametrize("spoil", [lambda b: b[:200], lambda b: b"\x00" * 50, lambda b: b[:-40], lambda b: b""])
def test_a_damaged_file_is_refused(spoil, tmp_path: Path) -> None:
    blob = pack(gv.load("names"))
    file = tmp_path / "mine.safetensors"
    file.write_bytes(spoil(blob))
    with pytest.raises(ModelError, match=r"mine\.safetensors"):
        gv.load(file)


def test_a_card_that_claims_a_giant_is_refused_before_it_is_built() -> None:
    for claim in ({"hidden_size": 10**6}, {"num_layers": 10**6}, {"input_size": 10**8}):
        model = gv.load("names")
        model.card |= claim
        with pytest.raises(ModelError) as caught:
            unpacked(pack(model))
        assert caught.value.code == "model.damaged_file"


def test_nobody_racing_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        race(OFFERS["sunspots"].make(None), replace(SHORT, task="sunspots", cells=("Bi-GRU",)))
    assert caught.value.code == "training.nobody"


def rows(count: int, labels: int = 2) -> bytes:
    return b"text,label\n" + b"".join(f"word{i},{i % labels}\n".encode() for i in range(count))


@pytest.mark.parametrize(
    ("blob", "code"),
    [
        (b"", "table.empty"),
        (b"word\na\nb\n", "own.columns"),
        (b"word,kind\na,b\n", "own.rows"),
        (b"text;category\na;b\n", "own.rows"),
        (rows(3), "own.rows"),
        (b"text,label\n" + b"same,a\n" * 100, "own.rows"),
        (rows(60, labels=1), "own.one_class"),
        (rows(300, labels=150), "own.classes"),
        (b"x" * (50 * 2**20), "table.large"),
        (b"text,label\n\x00\xff\xfe\xfa\n", "table.encoding"),
        (b'text,label\n"a\x00b', "table.encoding"),
        (b"PK\x03\x04", "table.packed"),
    ],
)
def test_a_table_that_cannot_be_learnt_is_refused(blob: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        own_data.table(blob)
    assert caught.value.code == code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_table_is_read_whatever_separates_its_columns(separator: str, encoding: str) -> None:
    lines = ["", separator.join(("id", "Label", " TEXT "))]
    lines += [separator.join((str(i), "ab"[i % 2], f'"wörd, so;\n""{i}"""')) for i in range(30)]
    found = own_data.table("\r\n".join(lines).encode(encoding))
    assert len(found) == 30
    assert ('wörd, so;\n"7"', "b") in found


@pytest.mark.parametrize("head", ["name,label\n", "name,kind\n", "", "a,b\n"])
def test_a_table_needs_no_particular_names(head: str) -> None:
    content = head + "".join(f"Ann{'a' * i},{'xy'[i % 2]}\n" for i in range(40))
    found = own_data.table(content.encode())
    assert len(found) == 40
    assert ("Annaa", "x") in found


def test_the_column_with_the_fewest_kinds_holds_the_labels_where_nobody_says() -> None:
    content = "n,kind,who,when\n" + "".join(f"{i},{'xy'[i % 2]},Ann{'a' * i},2020\n" for i in range(40))
    assert own_data.columns(own_data.opened(content.encode())) == ("who", "kind")


@pytest.mark.parametrize(("blob", "code"), [(b"short", "own.short"), (bytes(range(1, 256)) * 30, "table.encoding")])
def test_a_text_that_cannot_be_learnt_is_refused(blob: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        own_data.passage(blob)
    assert caught.value.code == code


def test_a_text_without_a_common_character_is_refused() -> None:
    rare = "".join(chr(0x4E00 + i) for i in range(3000)).encode()
    with pytest.raises(InputError) as caught:
        OFFERS["text"].make(rare)
    assert caught.value.code == "own.no_symbols"


@pytest.mark.parametrize("task", ["table", "text"])
def test_without_a_file_there_is_nothing_to_learn(task: str) -> None:
    with pytest.raises(InputError) as caught:
        OFFERS[task].make(None)
    assert caught.value.code == "own.missing"


def test_the_apps_names_are_what_the_packages_say() -> None:
    from tools.names_data import FILE, table

    assert FILE.read_text(encoding="utf-8") == table()


def test_the_same_seed_gives_the_same_initialisation_whoever_else_builds_models() -> None:
    recipe, over = replace(SHORT, cells=("GRU",)), Event()

    def others() -> None:
        while not over.is_set():
            gv.load("names")
            seeded(3)

    expected = untrained(NAMES, "GRU", recipe).state_dict()
    thread = Thread(target=others)
    thread.start()
    try:
        made = [untrained(NAMES, "GRU", recipe).state_dict() for _ in range(40)]
    finally:
        over.set()
        thread.join()
    assert all(same(one, expected) for one in made)
