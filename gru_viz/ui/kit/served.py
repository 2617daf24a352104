"""A component whose script the browser fetches once a page. Inline, Streamlit would send all of it with every run: ten
times what a letter or a click changes.

Streamlit serves the files of installed packages that declare them in a pyproject.toml. Ours are joined from many
(`draw.player.bundle`) and work from a bare checkout too, so they are written to a folder that lives as long as the
process, and that folder is declared to the runtime. The name of a file says what is in it: nothing stale is run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from streamlit.components.v2 import component
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

from gru_viz.atomic import replacing

_PACKAGE = "gru_viz"


class Served:
    """A component with its script in a file; inline where no file can be written.

    Attributes:
        name: what Streamlit calls it.
    """

    def __init__(self, name: str, script: Callable[[], str]) -> None:
        self.name = f"{_PACKAGE}.{name}"
        self._short, self._make = name, script

    def __call__(self, **arguments: Any) -> Any:
        """Mount it; arguments as Streamlit's components take them."""
        return _renderer(self.name, self._source())(**arguments)

    @cached_property
    def _script(self) -> str:
        return self._make()

    @cached_property
    def _file(self) -> str:
        return f"{self._short}-{sha256(self._script.encode()).hexdigest()[:16]}.js"

    def _source(self) -> str:
        """The file's name, with the file in its place; the script itself where there can be no file."""
        try:
            folder = Path(_folder().name)
            if not (folder / self._file).is_file():  # the first time; or the folder of temporary files was tidied up
                folder.mkdir(mode=0o700, exist_ok=True)
                with replacing(folder / self._file) as unfinished:
                    unfinished.write_text(self._script, encoding="utf-8")
        except OSError:
            return self._script
        manager = get_bidi_component_manager()
        if manager.get_component_asset_root(self.name) is None:
            declared = ComponentManifest(_PACKAGE, "", [ComponentConfig(self._short, folder.name)])
            manager.register_from_manifest(declared, folder.parent)
        return self._file


@cache
def _folder() -> TemporaryDirectory[str]:
    """Gone when the process ends."""
    return TemporaryDirectory(prefix="gru-viz-")


@cache
def _renderer(name: str, js: str) -> ComponentRenderer:
    return component(name, js=js)
