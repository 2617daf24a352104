"""The catalogues: same keys, same placeholders, no key without words, no error without a Chinese sentence."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path
from typing import get_args

import pytest

import gru_viz as gv
from gru_viz import models
from gru_viz.analysis.conclusions import METRICS
from gru_viz.analysis.games import BUDGETS
from gru_viz.cells import KINDS
from gru_viz.cells.kind import ROLES
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import DIRECTIONS
from gru_viz.errors import InputError
from gru_viz.locale import LANGUAGES, catalogue, translate
from gru_viz.story import links
from gru_viz.story.compared import EQUALS
from gru_viz.story.links import DEVICES
from gru_viz.story.readers import WAYS
from gru_viz.story.trio import GAMES, TASKS
from gru_viz.tasks.syntax_truth import CLASSES, Trouble
from gru_viz.tasks.tables.records import DELIMITERS
from gru_viz.tasks.tables.table import DECIMALS, OPTIONS
from gru_viz.training.studies import OFFERS
from gru_viz.ui.bigru import view as bigru
from gru_viz.ui.compare import view as compare
from gru_viz.ui.explore.view import MODELS, SCALES, TABS
from gru_viz.ui.kit import i18n

ROOT = Path(__file__).parents[2]
HOW = ("delimiter", "decimal", "header", "comments", "order")
"""The choices of how a table is read whose options have words; an encoding has a name, a column its own."""
SOURCES = [*(ROOT / "gru_viz").rglob("*.py"), ROOT / "app.py"]
SHARED = {"app.title", "language.en", "language.zh", "device.cpu", "device.cuda", "device.mps", "model.python"} | {
    "model.example",
    "preset.text",
    "how.between",
    "what.named",
    "player.version.A",
    "player.version.B",
    "player.version.diff",
    "player.file",
    "compare.task.python",
    *("compare.figure_error", "compare.end_error", "compare.cell", "compare.item", "compare.by_pieces"),
    "compare.download.csv",
    "compare.download.parquet",
    *(f"class.{symbol}" for symbol in "abcdefgh"),
    *(f"bigru.{what}.{way}" for what in ("lane", "bar") for way in ("forward", "backward")),
    *("bigru.lane.both", "bigru.lane.truth_of_syntax", "bigru.memory.forward", "bigru.memory.backward"),
    *("bigru.help.score", "bigru.picture.png", "bigru.picture.svg"),
}
"""Keys that are written the same in every language."""


VERDICTS = (
    *("best", "first", "difference", "tie", "behind", "same", "bare"),
    *("figure", "caught_up", "end"),
)
"""What a comparison says in a unit of its own (`gru_viz.analysis.comparisons`)."""


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def literals(call: str) -> list[tuple[Path, ast.expr]]:
    """The first argument of every call of a function by this name in the code."""
    return [
        (path, node.args[0])
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == call and node.args
    ]


def test_both_catalogues_have_the_same_keys_and_placeholders() -> None:
    english, chinese = catalogue("en"), catalogue("zh")
    assert english.keys() <= chinese.keys()
    assert all(key.startswith("error.") for key in chinese.keys() - english.keys())  # errors speak English themselves
    for key, sentence in english.items():
        assert placeholders(sentence) == placeholders(chinese[key]), key


def test_chinese_is_chinese() -> None:
    english = catalogue("en")
    same = {key for key, sentence in catalogue("zh").items() if sentence == english.get(key)}
    assert same <= SHARED, same - SHARED


@pytest.mark.parametrize("name", models.available())
def test_every_class_of_a_shipped_model_has_a_name(name: str) -> None:
    model = gv.load(name)
    if model.kind == "classify":
        assert {f"class.{label}" for label in model.labels} <= catalogue("zh").keys()


def test_every_key_in_the_code_has_words() -> None:
    for path, key in literals("t") + literals("say"):
        if isinstance(key, ast.Constant):
            assert key.value in catalogue("en"), f"{path.name}: {key.value}"


def test_every_family_of_keys_has_words() -> None:
    families = {
        "model.{}": [*MODELS, "sunspots", "seeded"],
        "hint.{}": ["names", "english", "python", "tang", "numbers"],
        "device.{}": DEVICES,
        "scale.{}": SCALES,
        "tab.{}": TABS,
        "language.{}": LANGUAGES,
        "quantity.{}": [q.value for q in Quantity],
        "how.ask.{}": OPTIONS,
        "how.column.{}": ["text", "label"],
        "how.option.{}": [f"{name}.{one}" for name in HOW for one in OPTIONS[name]],
        **{f"how.{what}.{{}}": DELIMITERS for what in ("columns", "between_values")},
        **{f"how.{what}.{{}}": DECIMALS for what in ("sample", "open")},
        **{f"how.order_{what}_{{}}": OPTIONS["order"] for what in ("is", "may_be")},
        "convention.short_{}": ["keep", "new"],
        "what.{}": ["one_unit", "some_units"],
        "belief.row_{}": ["classify", "next", "forecast", "none"],
        "data.{}": ["csv", "trace", "figure"],
        "compare.task.{}": TASKS,
        "compare.hint.{}": TASKS,
        "compare.game.{}": GAMES,
        "compare.apart.{}": GAMES,
        "compare.role.{}": ROLES,
        "compare.none.{}": ROLES[1:],
        "compare.row.{}": [f"{r}_{q.value}" for kind in KINDS.values() for r in ROLES for q in kind.roles[r]],
        "compare.equal.{}": EQUALS,
        "compare.parts.{}": [*EQUALS, "pair", "pairs"],
        "compare.parts.role_{}": ["kept", "written", "candidate", "hides", "shows", "long"],
        "compare.tab.{}": compare.TABS,
        "compare.table.{}": compare.TABLES,
        "compare.entry.{}": ["units", "parameters", "work", "time", "state", *METRICS.values()],
        "compare.{}": [
            *(f"{code}_{unit}" for code in VERDICTS for unit in METRICS.values()),
            *(f"figure_{unit}_range" for unit in METRICS.values()),
            *(f"chosen_{on}" for on in ("held_out", "unrecorded", "unsaid")),
            *(f"{held}_{known}" for held in ("gone", "apart") for known in ("guesses",)),
            *("gone_knows", "apart_least"),
        ],
        "compare.pieces.{}": [
            "name",
            "text",
            "sequence",
            "chapter",
            "block",
            "poem",
            "file",
            "document",
            "year",
            "sample",
        ],
        "compare.setting.{}": ["learning_rate", "width", "weight_decay", "weights", "steps"],
        "trust.{}": ["over", "under", "fair"],
        "compare.budget.{}": BUDGETS,
        "compare.bars.{}": ["classify", "next"],
        "compare.download.{}": ["csv", "parquet", "html"],
        "bigru.example.{}": bigru.EXAMPLES,
        "bigru.hint.{}": bigru.EXAMPLES,
        "bigru.tab.{}": bigru.TABS,
        "bigru.tokens.{}": bigru.TOKENS,
        "bigru.picture.{}": links.PICTURES,
        "bigru.as.{}": CLASSES,
        "bigru.lane.{}": [*WAYS, *(f"{way}_reads" for way in WAYS)],
        "bigru.lane.truth_of_{}": bigru.EXAMPLES,
        "bigru.bar.{}": [*WAYS, "left_half", "right_half"],
        "bigru.memory.{}": [*DIRECTIONS, *(f"{way}_reads" for way in DIRECTIONS)],
        "bigru.cell.{}": DIRECTIONS,
        "bigru.told.{}": [f"{name}_{how}" for name in bigru.EXAMPLES for how in ("same", "other", "end")],
        "bigru.judged.{}": ["all", "some", "none"],
        "timing.clock.{}": DEVICES,
        "bigru.no_truth.{}": [*get_args(Trouble), "names"],
        "bigru.help.measured_{}": bigru.EXAMPLES,
        "bigru.position.{}": ["syntax", "typed"],
        "train.about_{}": OFFERS,
        "train.task_{}": OFFERS,
        "train.on_{}": [f"{p}{n}" for p in ("name", "row", "sequence", "year", "character") for n in ("", "_one")],
        "train.labels_{}": ["once", "rare", "numbers"],
        "bigru.price.{}": ["equal_parameters", "equal_width"],
        "bigru.data.{}": ["csv", "parquet", "html"],
    }
    known = {pattern.split("{")[0] for pattern in families} | {"class.", "error.", "player.", "compare."}
    for path, key in literals("t") + literals("say"):
        if isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
            assert key.values[0].value in known, f"{path.name}: {ast.unparse(key)}"
    code = "\n".join(path.read_text("utf-8") for path in SOURCES if "ui" in path.parts)
    assert set(re.findall(r'"([a-z_.]+[._])\{\}"', code)) <= known, "families a picker takes its words from"
    for pattern, members in families.items():
        for member in members:
            assert pattern.format(member) in catalogue("en"), pattern.format(member)


def test_no_key_is_left_over() -> None:
    code = "\n".join(path.read_text("utf-8") for path in SOURCES)
    used = {key.value for _, key in literals("t") + literals("say") if isinstance(key, ast.Constant)}
    prefixes = (
        *tuple(re.findall(r'(?:t|say|translate|download)\(\s*f"([a-z_.]+)\{', code)),
        *tuple(re.findall(r'"([a-z_.]+[._])\{\}"', code)),
        "error.",
        "quantity.",
        "narrate.",
        "player.",
        "class.",
    )
    for key in catalogue("en"):
        assert key in used or key.startswith(prefixes) or f'"{key}"' in code, key


def test_the_player_finds_every_word_it_asks_for_and_leaves_none() -> None:
    web = ROOT / "gru_viz" / "draw" / "player" / "web"
    code = "\n".join(path.read_text("utf-8") for path in [*web.glob("*.js"), web / "player.html"])
    asked = set(re.findall(r"""(?:say\(|data-say=|\bkey: |\blabel: )\s*"([\w.-]+)\"""", code))
    families = tuple(re.findall(r"say\(`([\w.]+)\$\{", code))
    words = {key.removeprefix("player.") for key in catalogue("en") if key.startswith("player.")}
    said = {word for word in asked if re.search(rf'say\("{re.escape(word)}"|data-say="{re.escape(word)}"', code)}
    assert said <= words
    assert families
    for family in families:
        assert any(word.startswith(family) for word in words), family
    for word in words:
        assert word.startswith(families) or f'"{word}"' in code, word


def error_codes() -> dict[str, set[str]]:
    """Every code raised in the package, with the parameters it is raised with."""
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") in ("InputError", "ModelError")
                and node.args
            ):
                assert isinstance(node.args[0], ast.Constant), f"{path.name}: the code must be a literal"
                given = {keyword.arg for keyword in node.keywords if keyword.arg}
                found.setdefault(str(node.args[0].value), set()).update(given)
    return found


def test_every_error_has_a_chinese_sentence() -> None:
    for code, params in error_codes().items():
        sentence = catalogue("zh").get(f"error.{code}")
        assert sentence, f"error.{code} is not in zh"
        assert placeholders(sentence) <= params, code


def test_no_error_sentence_is_of_an_error_nobody_raises() -> None:
    codes = error_codes().keys()
    for language in LANGUAGES:
        written = {key.removeprefix("error.") for key in catalogue(language) if key.startswith("error.")}
        assert written <= codes | {"no_models", "trouble"}, written - codes


def test_an_unknown_error_speaks_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "spoken", lambda: "zh")
    assert i18n.sentence(InputError("nobody.wrote_this", "A sentence.")) == "A sentence."
    assert "空" in i18n.sentence(InputError("table.empty", "There are no numbers."))


def test_a_missing_key_is_its_own_words() -> None:
    assert translate("zh", "no.such.key") == "no.such.key"


def test_no_literal_words_in_the_widgets() -> None:
    """What Streamlit shows comes from the catalogues: no label is a string literal with a word in it. A logger shows
    nothing to a visitor."""
    shows = (
        *("button", "caption", "markdown", "warning", "error", "info", "success", "text_input", "text_area", "slider"),
        *("selectbox", "segmented_control", "number_input", "multiselect", "file_uploader", "download_button"),
        *("popover", "title", "header", "subheader", "toggle", "checkbox", "radio", "expander", "tabs", "metric"),
    )
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in shows:
                if isinstance(node.func.value, ast.Name) and node.func.value.id == "_LOG":
                    continue
                for argument in node.args[:1]:
                    assert not isinstance(argument, ast.Constant), f"{path.name}:{node.lineno}"
