"""What the influence of every input on every step costs: the closed form against one autograd call a target.

Least of alternating runs on all threads, in one process; the ratio is what counts. Autograd goes through torch's own
kernel, whose graph is made once; both start from a forward pass that was run before.

    python -m benchmarks.influence [--rounds 5] [--steps 158] [--units 128] [--memory]

`--memory` prints the peak of resident memory that maps of long texts add, each in a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource

import torch
from torch import Tensor, nn

import gru_viz as gv
from benchmarks.trace_speed import alternating

CELLS = {"GRU": nn.GRU, "LSTM": nn.LSTM, "RNN": nn.RNN}

LONG = ((1000, 256, 2, True), (8000, 32, 1, False))
"""Steps, units, layers, and whether both ways."""


def by_autograd(output: Tensor, x: Tensor) -> Tensor:
    """The same map, a backward call a target."""
    asked = nn.functional.normalize(output.detach(), dim=-1)
    targets = (output * asked).sum(-1)
    return torch.stack([torch.autograd.grad(y, x, retain_graph=True)[0].norm(dim=-1) for y in targets])


def speed(args: argparse.Namespace) -> None:
    """Prints a row a cell."""
    print(f"Influence, T={args.steps}, H={args.units}: closed form against {args.steps} autograd calls")
    for name, make in CELLS.items():
        torch.manual_seed(0)
        rnn = make(args.units, args.units).eval()
        x = torch.randn(args.steps, args.units, requires_grad=True)
        output, trace = rnn(x)[0], gv.trace(rnn, x)
        gap = float((by_autograd(output, x) - gv.influence(rnn, trace)).abs().max())
        runs = {
            "ours": lambda rnn=rnn, trace=trace: gv.influence(rnn, trace),
            "autograd": lambda output=output, x=x: by_autograd(output, x),
        }
        found = alternating(runs, args.rounds, "cpu", least=True)
        ours, theirs = found["ours"], found["autograd"]
        told = f"{ours * 1e3:6.1f} ms   autograd {theirs * 1e3:7.0f} ms   {theirs / ours:5.1f}×   gap {gap:.0e}"
        print(f"  {name:<5} {told}", flush=True)


def peak(steps: int, units: int, layers: int, both: bool) -> None:
    """Prints what one map added to this process's peak of resident memory."""
    rnn = nn.GRU(32, units, layers, bidirectional=both).eval()
    trace = gv.trace(rnn, torch.randn(steps, 32))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    gv.influence(rnn, trace)
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"  T={steps} H={units} layers={layers} {'both ways' if both else 'forward'}: {added:.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=158)
    parser.add_argument("--units", type=int, default=128)
    parser.add_argument("--memory", action="store_true")
    args, _ = parser.parse_known_args()
    speed(args)
    for shape in LONG if args.memory else ():
        process = multiprocessing.get_context("spawn").Process(target=peak, args=shape)
        process.start()
        process.join()


if __name__ == "__main__":
    main()
