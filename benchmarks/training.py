"""What watching costs: our training loop with its hooks and checkpoints, beside the same loop in bare torch.

Both train the same model of surnames on the same batches, in turn, on one thread; the first round warms up and does
not count. The ratio is the median over the rounds; the time is the thread's own, so that a busy machine counts for
little, and the wall clock's is printed too.

    python -m benchmarks.training [--rounds 9] [--steps 150] [--cell GRU]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch.nn.utils import clip_grad_norm_
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from gru_viz.tasks.task import Budget
from gru_viz.training import Hooks, Keep, Progress, fit
from gru_viz.training.studies import OFFERS, Recipe, Study, untrained

AIM = 1.03


def bare(study: Study, recipe: Recipe, cell: str, budget: Budget) -> None:
    """The least a loop can be that trains the same model the same way."""
    problem = study.problem(untrained(study, cell, recipe), recipe.seed)
    model = problem.model.train()
    parameters = list(model.parameters())
    optimiser = AdamW(parameters, lr=budget.learning_rate, weight_decay=budget.weight_decay)
    schedule = OneCycleLR(optimiser, budget.learning_rate, total_steps=budget.steps, pct_start=budget.warmup)
    for _ in range(budget.steps):
        loss = problem.loss()
        optimiser.zero_grad()
        loss.backward()
        clip_grad_norm_(parameters, budget.clip)
        optimiser.step()
        schedule.step()


def ours(study: Study, recipe: Recipe, cell: str, budget: Budget, folder: Path) -> None:
    """`fit` with everything it offers: progress, a hook a step, a cancel asked for, checkpoints as often as usual."""
    problem = study.problem(untrained(study, cell, recipe), recipe.seed)
    told: list[Progress] = []
    losses: list[float] = []
    hooks = Hooks(progress=told.append, step=lambda _, loss: losses.append(loss))
    fit(problem, budget, hooks=hooks, keep=Keep(folder / "run.checkpoint"))


def timed(run: Callable[[], None]) -> tuple[float, float]:
    """Seconds of the thread and of the wall clock."""
    wall, thread = time.perf_counter(), time.thread_time()
    run()
    return time.thread_time() - thread, time.perf_counter() - wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--cell", default="GRU", choices=OFFERS["names"].cells)
    args = parser.parse_args()
    torch.set_num_threads(1)
    study, recipe = OFFERS["names"].make(None), OFFERS["names"].start
    budget = Budget(args.steps, recipe.learning_rate, weight_decay=0.05, warmup=0.2)
    found: dict[str, list[tuple[float, float]]] = {"bare torch": [], "ours": []}
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            "bare torch": lambda: bare(study, recipe, args.cell, budget),
            "ours": lambda: ours(study, recipe, args.cell, budget, Path(folder)),
        }
        for round_ in range(args.rounds + 1):
            for name in sorted(runs, reverse=bool(round_ % 2)):
                took = timed(runs[name])
                found[name] += [took] if round_ else []
    print(
        f"\nTraining surnames with a {args.cell} of {recipe.width}, {args.steps} steps a round, "
        f"{args.rounds} rounds in turn, 1 thread"
    )
    for name, times in found.items():
        own, wall = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"  {name:12} {args.steps / own:8.1f} steps/s of its thread   {args.steps / wall:8.1f} by the clock")
    pairs = list(zip(found["ours"], found["bare torch"], strict=True))
    ratios = [statistics.median(a[k] / b[k] for a, b in pairs) for k in (0, 1)]
    print(
        f"  ratio        {ratios[0]:8.3f} of thread time; {ratios[1]:.3f} by the clock   aim: at most {AIM}", flush=True
    )


if __name__ == "__main__":
    main()
