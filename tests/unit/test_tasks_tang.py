"""tang: which poems count, where they come from, and the shipped model."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest
import torch

from gru_viz.errors import ModelError
from gru_viz.models import load
from gru_viz.tasks import tang
from gru_viz.tasks.characters import Sizes
from gru_viz.tasks.task import held_out

FIVE = ["秦川雄帝宅，函谷壯皇居。", "綺殿千尋起，離宮百雉餘。"]
SEVEN = ["春江潮水連海平，海上明月共潮生。", "灩灩隨波千萬里，何處春江無月明。"]


@pytest.mark.parametrize(
    ("couplets", "kept"),
    [
        (FIVE, True),
        (SEVEN, True),
        (FIVE * 2, True),
        ([*FIVE, *SEVEN], False),
        (FIVE[:1], False),
        (FIVE * 3, False),
        ([FIVE[0], "太短，不行。"], False),
        ([FIVE[0], "五字無逗號也沒有句號"], False),
        (["秦川雄帝宅，函谷壯皇居也是。", FIVE[1]], False),
        ([], False),
    ],
)
def test_regular_poems_have_four_or_eight_lines_of_one_length(couplets: list[str], kept: bool) -> None:
    assert tang.regular(couplets) == ("\n".join(couplets) + "\n" if kept else None)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package" / "dist" / "quantangshi"
    folder.mkdir(parents=True)
    for number, poems in ((0, [FIVE, SEVEN]), (1000, [FIVE, FIVE[:1]])):
        blob = json.dumps([{"author": "x", "paragraphs": poem} for poem in poems], ensure_ascii=False)
        (folder / f"poet.tang.{number}.json").write_text(blob, encoding="utf-8")
    (folder / "poet.song.0.json").write_text("not for us", encoding="utf-8")
    return tmp_path / "package"


def test_poems_are_read_once_in_simplified_characters(package: Path) -> None:
    poems = tang.poems(package)
    assert len(poems) == 2
    assert "秦川雄帝宅，函谷壮皇居。\n绮殿千寻起，离宫百雉余。\n" in poems
    assert poems == sorted(poems)


def test_the_packed_package_reads_like_the_unpacked_one(package: Path) -> None:
    packed = package.with_suffix(".tgz")
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(package, "package")
    assert tang.poems(packed) == tang.poems(package)


@pytest.mark.parametrize("place", ["nowhere", "empty", "text.tgz"])
def test_poems_that_cannot_be_found_say_how_to_get_them(tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.tgz").write_text("no archive")
    with pytest.raises(ModelError) as caught:
        tang.Tang().prepare(tmp_path / place)
    assert caught.value.code == "corpus.poems"
    assert "npm pack chinese-poetry" in str(caught.value)
    assert place in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_the_shipped_model_knows_the_common_characters() -> None:
    model = load("tang")
    assert len(model.labels) == 3001
    assert model.card["tied"] is True
    assert model.card["metrics"]["bits_per_character"] < 0.8 * model.card["metrics"]["baseline_bits_per_character"]
    for hint in model.card["hint"]:
        assert model.tokenize(hint).unknown == ()


@pytest.mark.parametrize("first", ["床前明月光，", "白日依山尽，", "两个黄鹂鸣翠柳，"])
def test_it_keeps_to_the_length_of_the_first_line(first: str) -> None:
    written = first + "".join(step.token for step in load("tang").generate(first, 40, temperature=0.5, seed=0))
    lines = written.replace("\n", "").replace("。", "，").split("，")[:4]
    assert [len(line) for line in lines] == [len(first) - 1] * 4


def test_a_batch_holds_whole_poems_of_one_form() -> None:
    poems = [tang.regular(couplets) or "" for couplets in (FIVE, SEVEN, FIVE * 2)] * 20
    sizes = Sizes(embedding=8, hidden=8, streams=4, window=40, dropout=0.0, tied=True)
    problem = tang.TangProblem("small", poems, poems[:3], sizes, 0, {})
    read: list[torch.Tensor] = []
    problem.model.register_forward_pre_hook(lambda _, given: read.append(given[0]))
    for _ in range(30):
        problem.loss()
    assert {ids.shape for ids in read} == {(25, 6), (33, 4), (51, 3)}
    assert problem.model.vocabulary is not None
    symbols = problem.model.vocabulary.symbols
    starts = {"".join(symbols[i] for i in ids[:, 0].tolist()) for ids in read}
    assert starts == {poem[:-1] for poem in poems[:3]}


HELD_OUT = (
    "晨起动征铎，客行悲故乡。\n鸡声茅店月，人迹板桥霜。\n槲叶落山路，枳花明驿墙。\n因思杜陵梦，凫雁满回塘。\n",
    "遥遥去巫峡，望望下章台。\n巴国山川尽，荆门烟雾开。\n城分苍野外，树断白云隈。\n今日狂歌客，谁知入楚来。\n",
    "八月霜飞柳半黄，蓬根吹断雁南翔。\n陇头流水关山月，泣上龙堆望故乡。\n",
    "一生虽达理，远别亦相悲。\n白发无修处，青松有老时。\n暮烟传戍起，寒日隔沙垂。\n若是长安去，何难定后期。\n",
)


def test_the_shipped_model_is_as_good_as_its_card_says_on_poems_it_never_saw() -> None:
    """The collection is not in the repository; these four are held out by their hash, and a few poems vary."""
    model, bits = load("tang"), []
    for poem in HELD_OUT:
        assert held_out(f"tang/{poem}", tang.HELD_OUT)
        ids = model.encode(poem)
        bits += (-model.predict(model.trace(poem))[:-1].gather(1, ids[1:, None]).log2()).flatten().tolist()
    assert sum(bits) / len(bits) == pytest.approx(model.card["metrics"]["bits_per_character"], abs=0.9)


@pytest.mark.parametrize("content", ["{not json", '[{"title": "no lines"}]', "[3]"])
def test_poems_that_cannot_be_read_are_refused_with_what_to_do(tmp_path: Path, content: str) -> None:
    file = tmp_path / "dist" / "quantangshi" / "poet.tang.0.json"
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        tang.poems(tmp_path)
    assert caught.value.code == "corpus.poems"
    assert "npm pack chinese-poetry" in str(caught.value)
