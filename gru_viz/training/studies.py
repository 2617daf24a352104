"""What can be trained in front of one's eyes: each task's data, its fair contestants, its fixed input, its defaults."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeAlias

import torch

from gru_viz.errors import InputError, ModelError
from gru_viz.models.card import OPTIONAL, STRUCTURE, Card, structure
from gru_viz.models.reading import UNKNOWN
from gru_viz.models.seeding import unfilled
from gru_viz.models.sequence import SequenceModel
from gru_viz.models.zoo import load
from gru_viz.tasks import adding as adding_task
from gru_viz.tasks import recall as recall_task
from gru_viz.tasks.characters import CharacterProblem, Sizes
from gru_viz.tasks.delays import BATCH, Form
from gru_viz.tasks.family import BIGRU, GRU, LSTM, RNN, Variant, fresh, parameters
from gru_viz.tasks.sunspots import HELD_OUT_YEARS, SunspotsProblem
from gru_viz.tasks.task import Budget
from gru_viz.training import gpu_memory, own_data, streams
from gru_viz.training.best import WATCHED, told
from gru_viz.training.labelled import BATCH as TEXTS
from gru_viz.training.labelled import PROBED, Labelled, LabelledProblem
from gru_viz.training.race import Contest, Race, Runner, Snapshot, last_good

RACERS: dict[str, Variant] = {"GRU": GRU, "LSTM": LSTM, "RNN": RNN, "Bi-GRU": BIGRU}
"""Who can race."""
ONE_WAY = ("GRU", "LSTM", "RNN")
RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 1.0, 10.0)
"""Learning rates to pick from; the last ones show what too much does."""

DATA = tuple(
    folder / "data"
    for folder in (Path(__file__).resolve().parents[2] / "assets", Path(__file__).resolve().parents[1] / "assets")
)
"""Where the app's own data lie: in a source tree beside the package, in an installed wheel inside it."""


Upload: TypeAlias = "bytes | str | own_data.Rows | None"
"""What a visitor gave: a file, or the text or the rows that were read from one."""


@dataclass(frozen=True)
class Recipe:
    """What is to be trained and how.

    Attributes:
        width: units of the GRU; the other cells get the width that gives them as many parameters.
        patience: early stop, in steps; 0 trains to the end. See `Budget`.
        device: "cpu", "cuda" or "mps".
    """

    task: str = "names"
    cells: tuple[str, ...] = ("GRU", "LSTM", "RNN")
    width: int = 64
    layers: int = 1
    learning_rate: float = 1e-2
    steps: int = 400
    seed: int = 0
    patience: int = 0
    device: str = "cpu"


@dataclass(frozen=True)
class Study:
    """A task with its data, ready to make contestants.

    Attributes:
        batch: examples of one step; for a text, characters.
        fixed: the input on which the gates are watched: a text, or rows of numbers.
        card: (variant, width, layers) -> structure.
        problem: (model, seed) -> the problem that trains it.
        facts: what the card says besides.
        held_out: how many independent samples a held-out value is measured on, and what one is called ("name", "row",
            "sequence", "year", "character"); 0: not known.
        identity: tells one study from every other, for caches.
    """

    task: str
    batch: int
    fixed: str | Sequence[Sequence[float]]
    card: Callable[[Variant, int, int], Card]
    problem: Callable[[SequenceModel, int], Contest]
    facts: dict[str, Any]
    held_out: tuple[int, str] = (0, "")
    identity: str = field(default_factory=partial(token_hex, 8), compare=False)


def names(_: Upload) -> Study:
    """Surnames by origin, from the file that comes with the app."""
    facts = {
        "title": "Surnames by origin, trained on the Train page",
        "data_source": "assets/data/names.csv: surname lists of the Python packages Faker and mimesis",
        "licence": "The lists: MIT. The weights: yours.",
        "bad_at": "an origin of a name says nothing about a person; the lists are short and no census",
    }
    study = _of_texts(_surnames(), "rossellini", facts)
    hints = ["rossellini", "kowalczyk", "nakamura", "o'sullivan", "papadopoulos", "van den berg"]
    return replace(study, task="names", held_out=(study.held_out[0], "name"), facts=study.facts | {"hint": hints})


@cache
def _surnames() -> Labelled:
    file = next((folder / "names.csv" for folder in DATA if (folder / "names.csv").is_file()), None)
    if file is None:
        raise ModelError("training.no_data", "The file {file} is not installed.", file="assets/data/names.csv")
    return Labelled.of("names", own_data.table(file.read_bytes()), folds=True)


def own_table(given: Upload) -> Study:
    """Texts and labels of one's own: a file, or rows that were read from it."""
    data = Labelled.of("own", own_data.table(_there(given)), folds=False)
    if not data.test or len({label for _, label in data.train}) < 2:
        raise InputError("own.split", "The rows are too few to hold some of every kind out: add more.")
    longest = max(data.test, key=lambda row: (min(len(row[0]), 24), row[0]))[0]
    return replace(_of_texts(data, longest[:40], _OWN | {"title": "Own texts with labels"}), task="table")


def own_text(given: Upload) -> Study:
    """A text of one's own, to be continued: a file, or what was read from it."""
    text = own_data.passage(_there(given))
    cut = int(len(text) * 0.9)
    sizes = Sizes(embedding=32, hidden=64, streams=16, window=48)
    made = CharacterProblem("text", [text[:cut]], [text[cut:]], sizes, 0, {})
    symbols = {"symbols": list(made.model.labels), "folds": False}
    if made.model.labels == (UNKNOWN,):
        raise InputError("own.no_symbols", "No character of the text comes ten times: there is nothing to learn.")

    def card(variant: Variant, hidden: int, layers: int) -> Card:
        return structure(
            *("text", "next"),
            cell=variant.cell,
            input_size=sizes.embedding,
            hidden_size=hidden,
            num_layers=layers,
            vocabulary=symbols,
        )

    def problem(model: SequenceModel, seed: int) -> Contest:
        found = CharacterProblem(
            "text", [text[:cut]], [text[cut:]], sizes, seed, {"task": "foretell the next character"}
        )
        found.model = model
        return found

    facts = _OWN | {
        "title": "Own text",
        "split": "the last tenth of the text is held out",
        "hint": [text[cut : cut + 32]],
    }
    fixed, held_out = text[cut : cut + 32], (made.probed, "character")
    return Study("text", sizes.streams * sizes.window, fixed, card, problem, facts, held_out)


def sunspots(_: Upload) -> Study:
    """Yearly sunspot numbers, from the card of the shipped model."""
    known = load("sunspots").card
    numbers = [float(value) for value in known["series"]["values"]]

    def card(variant: Variant, hidden: int, layers: int) -> Card:
        return structure(
            *("sunspots", "forecast"),
            cell=variant.cell,
            input_size=1,
            hidden_size=hidden,
            num_layers=layers,
            normalisation=known["normalisation"],
        )

    def problem(model: SequenceModel, seed: int) -> Contest:
        found = SunspotsProblem(numbers, seed)
        found.model = model
        return found

    facts = {key: known[key] for key in ("title", "data_source", "licence", "bad_at", "series", "hint") if key in known}
    fixed, held_out = [[value] for value in numbers[-40:]], (HELD_OUT_YEARS, "year")
    return Study("sunspots", 32 * 60, fixed, card, problem, facts, held_out)


def recall(_: Upload) -> Study:
    """Name the letter that stood in capitals."""
    return _of_form(recall_task.FORM, "hgBfedcadefghabcd")


def adding(_: Upload) -> Study:
    """Add the two flagged numbers."""
    drawn = adding_task.FORM.sequences(20, 1, 3)
    return _of_form(adding_task.FORM, [[round(v, 2) for v in row] for row in drawn.inputs[:, 0].tolist()])


def _of_form(form: Form, fixed: str | Sequence[Sequence[float]]) -> Study:
    facts = {"title": f"{form.facts['title']}, trained on the Train page", "licence": "The weights: yours."}
    card, problem = partial(streams.card, form), partial(streams.StreamProblem, form)
    return Study(form.name, BATCH, fixed, card, problem, facts, (streams.PROBED, "sequence"))


_OWN: dict[str, Any] = {
    "data_source": "a file of the visitor's own",
    "licence": "as the file's",
    "bad_at": "everything that is not in the file",
}


def _of_texts(data: Labelled, fixed: str, facts: dict[str, Any]) -> Study:
    hints = [text for text, _ in sorted(data.test, key=lambda row: (-len(row[0]), row))[:40:8]]
    return Study(
        data.name,
        min(TEXTS, len(data.train)),
        fixed,
        data.card,
        lambda model, seed: LabelledProblem(data, model, seed),
        facts | {"hint": [fixed, *hints]},
        (min(PROBED, len(data.test)), "row"),
    )


def _there(given: Upload) -> Any:
    if given is None:
        raise InputError("own.missing", "There is no file yet: choose one.")
    return given


@dataclass(frozen=True)
class Offer:
    """A task on the page: how its study is made, who may race, and where one starts."""

    make: Callable[[Upload], Study]
    cells: tuple[str, ...]
    start: Recipe
    wants_file: bool = False


_ALL = tuple(RACERS)
OFFERS: dict[str, Offer] = {
    "names": Offer(names, _ALL, Recipe("names")),
    "recall": Offer(recall, _ALL, Recipe("recall", width=32, steps=600)),
    "adding": Offer(adding, ONE_WAY, Recipe("adding", width=32, steps=1000)),
    "sunspots": Offer(sunspots, ONE_WAY, Recipe("sunspots", width=16, steps=400)),
    "table": Offer(own_table, _ALL, Recipe("table", width=32, steps=400), wants_file=True),
    "text": Offer(own_text, ONE_WAY, Recipe("text", width=64, steps=400), wants_file=True),
}
"""Every task by its name. What comes next cannot be asked of a reader that has seen it: there no Bi-GRU races."""


@cache
def shared_study(task: str) -> Study:
    """The study of a task that needs no file: one for everybody."""
    return OFFERS[task].make(None)


def race(study: Study, recipe: Recipe, start: SequenceModel | None = None) -> Race:
    """The race a recipe asks for; the same recipe makes the same initialisation and sees the same batches.

    Args:
        start: a model trained before, which goes on from its weights; then it races alone.

    Raises:
        InputError: nobody races, or the model does not fit the task.
    """
    if start is not None:
        check_fits(study, start)
        entrants = [(cell_of(start), start)]
    else:
        entrants = [
            (cell, untrained(study, cell, recipe)) for cell in recipe.cells if cell in OFFERS[recipe.task].cells
        ]
    if not entrants:
        raise InputError("training.nobody", "Choose at least one cell to train.")
    budget = Budget(recipe.steps, recipe.learning_rate, weight_decay=0.05, warmup=0.2, patience=recipe.patience)
    runners = [
        Runner(name, study.problem(model.to(recipe.device), recipe.seed), budget, study.fixed, recipe.seed)
        for name, model in entrants
    ]
    return Race(runners, study.batch)


def check_fits(study: Study, model: SequenceModel) -> None:
    """Raises an InputError for a model that was not trained on the study's task."""
    wanted, found = study.card(GRU, 8, 1), model.card
    same = all(found[key] == wanted[key] for key in ("kind", "vocabulary", "labels", "normalisation"))
    if not same or (model.vocabulary is None and found["input_size"] != wanted["input_size"]):
        raise InputError("training.other_task", "The model {name} was not trained on this task.", name=model.name)


def width_of(study: Study, cell: str, recipe: Recipe) -> int:
    """The width that gives a cell as many parameters as a GRU of the recipe's width, to the nearest."""

    def size(variant: Variant, width: int) -> int:
        return parameters(study.card(variant, width, recipe.layers))

    wanted, variant = size(GRU, recipe.width), RACERS[cell]
    upper = bisect_left(range(1, 3 * recipe.width + 2), wanted, key=lambda width: size(variant, width)) + 1
    return min((max(1, upper - 1), upper), key=lambda width: abs(size(variant, width) - wanted))


def untrained(study: Study, cell: str, recipe: Recipe) -> SequenceModel:
    """The model a runner starts from."""
    return fresh(_wanted(study, cell, recipe), recipe.seed)


def _wanted(study: Study, cell: str, recipe: Recipe) -> Card:
    return study.card(RACERS[cell], width_of(study, cell, recipe), recipe.layers)


def fits(study: Study, recipe: Recipe, start: SequenceModel | None = None) -> bool:
    """Whether the device of a recipe has the memory its race will take, by estimate; only CUDA can tell."""
    if recipe.device != "cuda":
        return True
    cells = [cell for cell in recipe.cells if cell in OFFERS[recipe.task].cells]
    cards = [start.card] if start is not None else [_wanted(study, cell, recipe) for cell in cells]
    return gpu_memory.needed(cards, study.batch) <= gpu_memory.free()


def cell_of(model: SequenceModel) -> str:
    """A model's cell as the page calls it."""
    made = model.card["cell"], tuple(model.card["directions"])
    return next((name for name, one in RACERS.items() if (one.cell, one.directions) == made), str(made[0]))


def trained(runner: Runner, study: Study, at: Snapshot | None = None) -> SequenceModel:
    """A runner's model as it was at a snapshot (by default the last good one), its card written, apart from the race.

    Raises:
        InputError: the runner has not begun.
    """
    at = at or last_good(runner)
    if at is None:
        raise InputError("training.not_begun", "There is nothing to take along yet: training has not begun.")
    problem = runner.problem
    model = unfilled(problem.model.card).eval()
    model.load_state_dict({name: value.clone() for name, value in at.weights.items()}, assign=True)
    watched = runner.best is not None
    curve = [point for point in runner.standing().curve if point.step <= at.step]
    model.card = {
        **{key: model.card[key] for key in (*STRUCTURE, *OPTIONAL)},
        **problem.facts(),
        **study.facts,
        "name": f"trained-{study.task}-{runner.name.lower()}",
        "seed": runner.seed,
        "command": "trained on the Train page",
        "parameters": sum(p.numel() for p in model.parameters()),
        "training": asdict(runner.training.budget) | {"optimiser": "AdamW", "schedule": "OneCycle"},
        "steps_done": at.step,
        **({"early_stop": told(runner.training.budget.patience, runner.training.step, runner.best)} if watched else {}),
        "chosen_on": WATCHED if watched else {},
        "metrics": {runner.metric: at.point.held_out},
        "date": datetime.now(UTC).date().isoformat(),
        "torch_version": str(torch.__version__),
        "curve": {
            "metric": runner.metric,
            "step": [point.step for point in curve],
            "loss": [round(point.loss, 4) for point in curve],
            "held_out": [point.held_out for point in curve],
        },
    }
    model.name = model.card["name"]
    return model
