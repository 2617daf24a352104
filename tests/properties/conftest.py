"""Laws hold with numba and without: `calls` chooses for each example, and no choice outlives its test."""

from collections.abc import Iterator

import pytest

from gru_viz.engines import compiling


@pytest.fixture(autouse=True)
def _the_wish_is_put_back() -> Iterator[None]:
    before = compiling.WISH
    yield
    compiling.WISH = before
