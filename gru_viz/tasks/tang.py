"""tang: the next character of a Tang poem (唐诗).

The poems come from the npm package chinese-poetry, whose JSON files follow the Complete Tang Poems (全唐诗) in
traditional characters; OpenCC writes them in simplified ones. Kept are poems of four or eight lines, all of five or
all of seven characters. A poem is a document, two lines a row as they are printed; 5 % of the poems, chosen by the
hash of their text, are held out.
"""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from gru_viz.errors import ModelError
from gru_viz.tasks.characters import CharacterProblem, Sizes
from gru_viz.tasks.task import Budget, held_out

HELD_OUT = 0.05
FOLDER = Path("node_modules") / "chinese-poetry"
"""Where `npm install chinese-poetry` puts the package, from the folder one stands in."""

_FILE = re.compile(r"(?:^|/)dist/quantangshi/poet\.tang\.(\d+)\.json$")
_COUPLET = re.compile(
    r"(?P<one>[\u4e00-\u9fff]{5}|[\u4e00-\u9fff]{7})，(?P<two>[\u4e00-\u9fff]{5}|[\u4e00-\u9fff]{7})。"
)


class Tang:
    """Character model of regular Tang poems."""

    name = "tang"
    seed = 0
    budget = Budget(steps=1200, learning_rate=8e-3, weight_decay=0.01)
    sizes = Sizes(embedding=96, hidden=256, streams=64, window=48, reset=1.0, dropout=0.01, most=3000, tied=True)

    def prepare(self, data: Path | None = None) -> TangProblem:
        sides: tuple[list[str], list[str]] = ([], [])
        for poem in poems(data or FOLDER):
            sides[held_out(f"tang/{poem}", HELD_OUT)].append(poem)
        if not all(sides):
            raise ModelError("corpus.small", "The text is too small to hold {share:.0%} of it out.", share=HELD_OUT)
        return TangProblem(self.name, *sides, self.sizes, self.seed, FACTS)


class TangProblem(CharacterProblem):
    """Whole poems, each from an empty state, so that a poem's first line tells how long the others are.

    (In a stream of poems the next row was often another poem's, and the model wrote lines of five and seven mixed.)
    """

    def __init__(
        self, name: str, train: list[str], test: list[str], sizes: Sizes, seed: int, facts: dict[str, Any]
    ) -> None:
        super().__init__(name, train, test, sizes, seed, facts)
        vocabulary = self.model.vocabulary
        assert vocabulary is not None
        # Regular poems have four lengths: a batch holds poems of one, and nothing is padded.
        shapes: dict[int, list[Tensor]] = {}
        for poem in train:
            ids = vocabulary.read(poem).ids
            shapes.setdefault(len(ids), []).append(ids)
        self._shapes = [torch.stack(shapes[length], 1) for length in sorted(shapes)]
        self._shares = torch.tensor([float(poems.shape[1]) for poems in self._shapes])

    def loss(self) -> Tensor:
        """Mean nats a character over some poems of one shape, as many characters in every batch."""
        poems = self._shapes[int(torch.multinomial(self._shares, 1, generator=self._dice))]
        count = max(1, self._sizes.streams * self._sizes.window // len(poems))
        ids = poems[:, torch.randint(poems.shape[1], (count,), generator=self._dice)]
        unseen = torch.rand(ids[:-1].shape, generator=self._dice) < self._sizes.dropout
        device = self.model.device
        scores, _ = self.model(ids[:-1].masked_fill(unseen, 0).to(device))
        return F.cross_entropy(scores.flatten(0, 1), ids[1:].flatten().to(device))

    def facts(self) -> dict[str, Any]:
        sizes = self._sizes
        return super().facts() | {
            "preprocessing": (
                f"one symbol a character; all but the {sizes.most} commonest are the unknown symbol (id 0); "
                f"{sizes.dropout:.1%} of the input characters are read as unknown in training. Two lines a row, a "
                "comma after the first and a full stop after the second. Batches of about "
                f"{sizes.streams * sizes.window} characters: whole poems of one form, each from an empty state."
            )
        }


def poems(package: Path) -> list[str]:
    """Every regular poem once, in simplified characters, sorted; from the unpacked package or its .tgz.

    Raises:
        ModelError: no such files, or OpenCC is not installed.
    """
    simplified = _simplifier()
    try:
        found = {
            poem for blob in _files(package) for entry in json.loads(blob) if (poem := regular(entry["paragraphs"]))
        }
    except (EOFError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, ModelError):
            raise
        raise _unreadable(package, error) from error
    return sorted({simplified(poem) for poem in found})


def regular(couplets: list[str]) -> str | None:
    """A poem of four or eight lines, all of five or all of seven characters, a couplet a row; None for any other."""
    matches = [_COUPLET.fullmatch(couplet.strip()) for couplet in couplets]
    if len(couplets) not in (2, 4) or not all(matches):
        return None
    widths = {len(match[half]) for match in matches if match for half in ("one", "two")}
    return "\n".join(match[0] for match in matches if match) + "\n" if len(widths) == 1 else None


def _files(package: Path) -> Iterator[bytes]:
    """The files of Tang poems, in the order of their numbers."""
    try:
        if package.is_file():
            with tarfile.open(package) as archive:
                members = {m.name: m for m in archive.getmembers()}
                for name in _in_order(list(members)):
                    stream = archive.extractfile(members[name])
                    assert stream is not None
                    yield stream.read()
            return
        names = _in_order([file.relative_to(package).as_posix() for file in package.glob("dist/quantangshi/*.json")])
        if not names:
            raise FileNotFoundError(2, "no dist/quantangshi/poet.tang.*.json in it")
        for name in names:
            yield (package / name).read_bytes()
    except (OSError, tarfile.TarError) as error:
        raise _unreadable(package, error) from error


def _unreadable(package: Path, error: Exception) -> ModelError:
    return ModelError(
        "corpus.poems",
        "The poems cannot be read from {place}: {why}. Get them with `npm pack chinese-poetry` and give the file, "
        "or the folder it unpacks to, with {option}.",
        place=package.name,
        why=getattr(error, "strerror", None) or str(error) or type(error).__name__,
        option="--data",
    )


def _in_order(names: list[str]) -> list[str]:
    numbered = [(int(match[1]), name) for name in names if (match := _FILE.search(name))]
    return [name for _, name in sorted(numbered)]


def _simplifier() -> Callable[[str], str]:
    try:
        return import_module("opencc").OpenCC("t2s").convert
    except ImportError as error:
        raise ModelError(
            "corpus.packages",
            "The {task} data come from the package {packages}: pip install -r {file}.",
            task="tang",
            packages="opencc",
            file="requirements-train.txt",
        ) from error


FACTS: dict[str, Any] = {
    "piece": "poem",
    "title": "唐诗 (Tang poems)",
    "task": "predict the next character of a Chinese poem",
    "data": "regular poems of the Complete Tang Poems: four or eight lines, all of five or all of seven characters",
    "data_source": "npm package chinese-poetry (`npm pack chinese-poetry`), dist/quantangshi/poet.tang.*.json, made "
    "simplified with OpenCC (t2s)",
    "licence": "The poems (7th to 10th century) are in the public domain; the collection chinese-poetry: MIT; OpenCC: "
    "Apache-2.0. The weights: Apache-2.0.",
    "split": f'whole poems; held out where SHA-256 of "tang/" + the poem falls in the lowest {HELD_OUT:.0%}; a poem '
    "that stands in the collection twice is read once",
    "bad_at": (
        "Sense beyond a line: images follow one another without a thought that holds them together. Rare characters "
        "(only the commonest are known), modern Chinese, prose, and traditional characters, which it shows as unknown. "
        "It keeps five and seven characters a line apart; its rhymes and tones are often wrong."
    ),
    "hint": ["床前明月光，", "白日依山尽，", "春眠不觉晓，", "秋风", "长安一片月，", "两个黄鹂鸣翠柳，"],
}
