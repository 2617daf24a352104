"""Files and folders written atomically: at every moment the old one or the new one stands there, never a part."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


def path_of(named: Any) -> Path:
    """The path of a text or a path-like, with ~ for the home folder.

    Raises:
        TypeError: it is neither.
        ValueError: it holds a NUL.
    """
    path = os.fsdecode(named)
    if "\0" in path:
        raise ValueError("embedded null character in path")
    return Path(os.path.expanduser(path))  # noqa: PTH111 - Path's own raises where nobody has that name


def check_target(path: Path) -> Path:
    """The file that writing to `path` will replace or make: where a symbolic link points, else the path itself.

    Raises:
        FileNotFoundError: there is no such folder; `filename` is the folder.
        OSError: a file cannot be written there: a folder or a device has the name, or permission is missing.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        # As the caller wrote it, unless it is a link that points out of what the caller wrote.
        missing = target.parent if path.parent.is_dir() else path.parent
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(missing))
    with suppress(FileNotFoundError):
        mode = target.stat().st_mode
        if not stat.S_ISREG(mode):
            reason = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
            raise OSError(reason, os.strerror(reason), str(path))
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return target


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields an empty file to write; at the block's end it takes the place of `path`, in one move, complete on disk.

    A new file gets the rights any new file gets (0666 less the umask, or what the folder prescribes); one that is
    replaced keeps its own, and its owner where that is allowed. A symbolic link stays, and what it points to is
    replaced. If the block or the move fails nothing is left behind and what stood there stands.

    Raises:
        OSError: it cannot be written there; the error never names the unfinished file.
    """
    target = check_target(path)
    unfinished = _beside(target)
    try:
        # Made by hand, not by tempfile: the system itself applies the umask, which only the whole process could ask.
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        rights = stat.S_IMODE(unfinished.stat().st_mode)
        yield unfinished
        unfinished.chmod(rights)  # safetensors writes a file of its own, for the owner alone, and moves it here
        _take_rights(target, unfinished)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(target)
    except OSError as error:
        if error.filename == str(unfinished):
            raise type(error)(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def folder_beside(folder: Path) -> Path:
    """A new, empty, hidden folder beside another, with the rights of that one if it is there: to be moved over it."""
    fresh = _beside(folder)
    fresh.mkdir()
    _take_rights(folder, fresh)
    return fresh


def _beside(target: Path) -> Path:
    return target.with_name(f".{secrets.token_hex(8)}.unfinished")


def _take_rights(target: Path, unfinished: Path) -> None:
    with suppress(FileNotFoundError):
        old = target.stat()
        for owner in ((old.st_uid, old.st_gid), (-1, old.st_gid)):
            try:
                os.chown(unfinished, *owner)
                break
            except (OSError, AttributeError):  # not ours to give away; Windows has no owners
                continue
        unfinished.chmod(stat.S_IMODE(old.st_mode))
