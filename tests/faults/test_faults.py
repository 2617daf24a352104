"""What breaks around the app: damaged models, a disk that takes nothing, a device that is full, a worker that dies."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CDLL, c_ulong, py_object, pythonapi
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

import gru_viz as gv
from gru_viz.devices import devices
from gru_viz.locale import LANGUAGES, translate
from gru_viz.models import SequenceModel
from gru_viz.models.zoo import WEIGHTS
from gru_viz.story import runs
from gru_viz.training import checkpoint
from gru_viz.training import race as races
from gru_viz.training.rebuild import write
from gru_viz.training.sessions import Session
from gru_viz.training.studies import OFFERS, shared_study
from gru_viz.training.workers import JobState, Workers

ROOT = Path(__file__).parents[2]
DAMAGED = ("english", "syntax-bigru", "sunspots")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What pages say while some models are damaged, each in its own way."""
    zoo = tmp_path_factory.mktemp("zoo")
    for folder in (ROOT / "assets" / "models").iterdir():
        (zoo / folder.name).mkdir()
        for file in folder.iterdir():
            (zoo / folder.name / file.name).write_bytes(file.read_bytes())
    cut, flipped, empty = (zoo / name / WEIGHTS for name in DAMAGED)
    cut.write_bytes(cut.read_bytes()[:-100])
    blob = bytearray(flipped.read_bytes())
    blob[-50] ^= 1
    flipped.write_bytes(blob)
    empty.write_bytes(b"")
    command = [sys.executable, "-m", "tests.faults.damaged_models", str(zoo)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("where", "damaged"), [("explore_other", "english"), ("bi-gru", "syntax-bigru"), ("compare_other", "sunspots")]
)
def test_a_page_says_which_model_is_damaged(pages: dict[str, Any], where: str, damaged: str) -> None:
    assert not pages[where]["exceptions"]
    assert damaged in "".join(pages[where]["said"]).replace("\\", "")


@pytest.mark.parametrize("where", ["explore", "explore_other", "bi-gru_other", "compare", "compare_other"])
def test_the_others_work_beside_it(pages: dict[str, Any], where: str) -> None:
    assert not pages[where]["exceptions"]
    assert {"gru_viz.player", "gru_viz.lanes"} & set(pages[where]["shown"])


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """The system takes no more than so many bytes of a file."""
    before, heard = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heard)


@pytest.mark.parametrize("size", [0, 2000])
@pytest.mark.parametrize("what", ["trace", "model"])
def test_a_full_disk_leaves_what_stood_there(tmp_path: Path, what: str, size: int) -> None:
    model = gv.load("names")

    def save(text: str) -> None:
        if what == "trace":
            model.trace(text).save(tmp_path / "trace.safetensors")
        else:
            write(model, model.card | {"hint": [text]}, tmp_path / "names")

    def standing() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}

    save("rossi")
    before = standing()
    with full_disk(size), pytest.raises(gv.InputError, match=r"(?i)file too large"):
        save("bianchi")
    assert standing() == before
    save("bianchi")
    assert standing() != before


def as_anybody() -> None:
    """From here on the process obeys the rights of files, root too."""
    for capability in (1, 2, 3):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
        CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def test_a_read_only_folder_is_said_and_what_stands_there_stands(tmp_path: Path) -> None:
    """Not even a folder for temporary files can be written: downloads and pages do without."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    model = gv.load("names")
    model.trace("anna").save(shelf / "trace.safetensors")
    checkpoint.save(shelf / "names.checkpoint", {"about": {}})
    write(model, model.card, shelf / "names")
    before = {path: path.read_bytes() for path in sorted(shelf.rglob("*")) if path.is_file()}
    for folder in (shelf / "names", shelf, tmp_path):
        folder.chmod(0o555)
    command = [sys.executable, "-m", "tests.faults.read_only", str(shelf)]
    surroundings = os.environ | {"TMPDIR": str(shelf), "HOME": str(shelf), "XDG_CACHE_HOME": str(shelf)}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=surroundings, preexec_fn=as_anybody, capture_output=True, text=True, timeout=120
        )
    finally:
        for folder in (tmp_path, shelf, shelf / "names"):
            folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["trace"] == f"{shelf / 'trace.safetensors'} cannot be written: Permission denied."
    assert said["checkpoint"] == "The checkpoint names.checkpoint cannot be written: Permission denied."
    assert said["model"] == f"Nothing can be written to {shelf / 'names'}: Permission denied."
    assert said["train"] == f"Nothing can be written to {shelf / 'example'}: Permission denied."
    assert said["script"] == "export default 1"
    assert int(said["download"]) > 1000
    assert {path: path.read_bytes() for path in sorted(shelf.rglob("*")) if path.is_file()} == before


@pytest.fixture
def full_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has a GPU whose memory is full."""
    made = runs.ready

    def ready(model: SequenceModel, device: str) -> runs.Loaded:
        if device != "cpu":
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return made(model, device)

    monkeypatch.setattr(runs, "ready", ready)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)


@pytest.mark.usefixtures("full_device")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_device_is_told_and_the_cpu_runs_it(language: str) -> None:
    assert "cuda" in devices()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in {"device": "cuda", "lang": language}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    said = "".join(one.value for one in app.warning).replace("\\", "")
    assert translate(language, "notice.device_full", device=translate(language, "device.cuda")) in said
    assert any(one.proto.component_name == "gru_viz.player" for one in app.get("bidi_component"))


@pytest.mark.usefixtures("full_device")
def test_memory_that_runs_out_in_a_run_moves_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, given = runs.load("names", "cpu"), runs.Given(text="a name nobody has")
    far, trace = replace(loaded, device="cuda"), SequenceModel.trace

    def fails(model: SequenceModel, *args: Any, **named: Any) -> Any:
        if model is far.model:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return trace(model, *args, **named)

    monkeypatch.setattr(SequenceModel, "trace", fails)
    found = runs.run(far, given)
    assert (found.loaded.device, found.loaded.full) == ("cpu", "cuda")
    monkeypatch.undo()
    assert torch.equal(found.trace.output, runs.run(loaded, given).trace.output)


def raised(_: Session) -> None:
    """The step itself fails."""
    raise RuntimeError("killed")


def killed(run: Session) -> None:
    """The thread is ended from outside, between any two of its instructions."""
    assert run.job._thread is not None
    assert pythonapi.PyThreadState_SetAsyncExc(c_ulong(run.job._thread.ident or 0), py_object(SystemExit)) == 1


@pytest.mark.parametrize("end", [raised, killed])
def test_a_worker_that_dies_says_so_and_gives_its_place_back(
    monkeypatch: pytest.MonkeyPatch, end: Callable[[Session], None]
) -> None:
    workers = Workers(places=1)
    recipe = replace(OFFERS["sunspots"].start, steps=2000, cells=("GRU",))
    advance, taken = races.Race.advance, iter(range(2000))

    def dies(race: races.Race) -> bool:
        if next(taken) == 5:
            end(first)
        return advance(race)

    with monkeypatch.context() as broken:
        broken.setattr(races.Race, "advance", dies)
        first = Session(recipe, shared_study("sunspots"), workers)
        first.job.start()
        first.job.join(30)
    assert first.state is JobState.FAILED
    assert first.fault is not None
    assert workers.busy() == 0
    second = Session(replace(recipe, steps=10), shared_study("sunspots"), workers)
    second.job.start()
    second.job.join(60)
    assert second.state is JobState.DONE
