"""What holds for every test: one thread, so that files can run side by side; no deadlines; the same examples in CI."""

import os

import torch
from hypothesis import settings
from jaxtyping import install_import_hook

# The shapes written in the equations' signatures are checked at every call a test makes.
install_import_hook("gru_viz.cells", "beartype.beartype")

torch.set_num_threads(1)

# A busy machine is no defect, so nothing is timed; CI draws the same examples each time, a developer's run new ones.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("project")
