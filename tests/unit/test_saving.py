"""Saving as any program saves: rights, links, folders; a failure names the caller's file and costs nothing."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from torch import nn

import gru_viz as gv
from gru_viz import atomic
from gru_viz.models import load, seeded
from gru_viz.training import checkpoint
from gru_viz.training.rebuild import write

TRACE = gv.trace(nn.GRU(2, 3), torch.zeros(4, 1, 2))
OTHER = gv.trace(nn.GRU(2, 3), torch.ones(5, 1, 2))


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def save_trace(path: Path) -> None:
    TRACE.save(path)


def save_checkpoint(path: Path) -> None:
    checkpoint.save(path, {"about": {}})


SAVERS = pytest.mark.parametrize("save", [save_trace, save_checkpoint])


@SAVERS
@pytest.mark.parametrize(("mask", "wanted"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600), (0o000, 0o666)])
def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path, save, mask: int, wanted: int) -> None:
    with umask(mask):
        save(tmp_path / "new")
    assert mode(tmp_path / "new") == wanted


@SAVERS
@pytest.mark.parametrize("kept", [0o600, 0o640, 0o664, 0o755, 0o666])
def test_a_replaced_file_keeps_its_rights(tmp_path: Path, save, kept: int) -> None:
    file = tmp_path / "old"
    file.touch()
    file.chmod(kept)
    with umask(0o077):
        save(file)
    assert mode(file) == kept
    assert file.stat().st_size > 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_replaced_file_keeps_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "old"
    file.touch()
    os.chown(file, 1234, 2345)
    TRACE.save(file)
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 2345)


@SAVERS
def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path, save) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link, chain = tmp_path / "elsewhere" / "file", tmp_path / "link", tmp_path / "chain"
    link.symlink_to(Path("elsewhere") / "file")
    chain.symlink_to(link)
    save(chain)  # the last link dangles: what it names is made
    assert link.is_symlink()
    assert chain.is_symlink()
    made = target.stat().st_ino
    save(link)
    assert link.is_symlink()
    assert target.stat().st_ino != made
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["chain", "elsewhere", "file", "link"]


def test_a_path_may_be_a_text_and_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    TRACE.save("~/one.safetensors")
    assert len(gv.Trace.load("~/one.safetensors")) == 4
    assert (tmp_path / "one.safetensors").is_file()
    monkeypatch.chdir(tmp_path)
    TRACE.save("~nobody-of-that-name")
    assert len(gv.Trace.load("~nobody-of-that-name")) == 4


def test_a_name_as_long_as_the_system_allows(tmp_path: Path) -> None:
    TRACE.save(tmp_path / ("n" * 255))
    assert len(gv.Trace.load(tmp_path / ("n" * 255))) == 4


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(gv.InputError) as error:
        TRACE.save(tmp_path / "no" / "such" / "a.safetensors")
    assert str(error.value) == (
        f"There is no folder {tmp_path / 'no' / 'such'} to save a.safetensors in; make it first, or save elsewhere."
    )
    (tmp_path / "file").touch()
    with pytest.raises(gv.InputError, match="There is no folder"):
        TRACE.save(tmp_path / "file" / "a.safetensors")
    (tmp_path / "link").symlink_to(tmp_path / "gone" / "a.safetensors")
    with pytest.raises(gv.InputError, match=f"There is no folder {tmp_path / 'gone'} "):
        TRACE.save(tmp_path / "link")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "link"]


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, reason in (("folder", "Is a directory"), ("pipe", "Invalid argument"), ("loop", "symbolic links")):
        with pytest.raises(gv.InputError) as error:
            TRACE.save(tmp_path / name)
        assert str(error.value).startswith(f"{tmp_path / name} cannot be written: ")
        assert reason in str(error.value)
    with pytest.raises(gv.InputError, match="/dev/null cannot be written"):
        TRACE.save("/dev/null")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "loop", "pipe"]


@pytest.mark.parametrize("path", [None, 3, 1.5, ["a"], "a\0b", object()], ids=lambda path: type(path).__name__)
def test_what_is_no_path_is_refused(path: object) -> None:
    for call in (TRACE.save, gv.Trace.load):
        with pytest.raises(gv.InputError, match="named by a text or a path"):
            call(path)


def refusing(*_: object, **__: object) -> bool:
    return False


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic.os, "access", refusing)  # for root nothing is unwritable
    with pytest.raises(gv.InputError) as error:
        TRACE.save(tmp_path / "a.safetensors")
    assert str(error.value) == f"{tmp_path / 'a.safetensors'} cannot be written: Permission denied."


@contextmanager
def no_room(most: int = 64) -> Iterator[None]:
    """No file may grow beyond a few bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("there", [False, True], ids=["new", "old"])
def test_a_full_disk_costs_nothing_that_was_there(tmp_path: Path, there: bool) -> None:
    file = tmp_path / "a.safetensors"
    if there:
        OTHER.save(file)
    with no_room(), pytest.raises(gv.InputError) as error:
        TRACE.save(file)
    assert str(error.value).startswith(f"{file} cannot be written: ")
    assert "unfinished" not in str(error.value)
    assert [p.name for p in tmp_path.iterdir()] == ([file.name] if there else [])
    if there:
        assert len(gv.Trace.load(file)) == 5


def test_a_full_disk_costs_no_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "a.checkpoint"
    checkpoint.save(file, {"about": {}, "step": 3})
    with no_room(), pytest.raises(gv.ModelError, match=r"The checkpoint a\.checkpoint cannot be written"):
        checkpoint.save(file, {"about": {}, "step": 4, "weights": torch.zeros(50_000)})
    assert [p.name for p in tmp_path.iterdir()] == [file.name]
    assert checkpoint.load(file)["step"] == 3


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gru_viz.tracing.storage.save_file", half)
    with pytest.raises(KeyboardInterrupt):
        TRACE.save(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_models_folder_keeps_its_rights_and_its_link(tmp_path: Path) -> None:
    model, link = seeded(2, hidden_size=3), tmp_path / "link"
    with umask(0o027):
        write(model, model.card, tmp_path / "mine")
    assert mode(tmp_path / "mine") == 0o750
    (tmp_path / "mine").chmod(0o700)
    link.symlink_to("mine")
    write(model, model.card, link)
    assert link.is_symlink()
    assert mode(tmp_path / "mine") == 0o700
    assert load(link).name == "seeded"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "mine"]
