"""The compiled loop: all steps of a layer in one call of machine code. Only where numba is (`compiling.py` asks).

What a cell computes is not written here. `program.py` turns the equations of a cell's record into a table, a line an
operation, and `run` goes through that table at every step: one function serves every cell. A line works on rows of H
numbers, so that looking it up costs little beside it.

Sums of products are taken in any order, nothing else is. numba's cache looks at the date of this file and of no other:
who changes `squashes.py` touches it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import config, njit, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from gru_viz.engines.squashes import EXACT, positive, sigmoid, tanh

PRODUCT, SQUASH, MIX, SHOW = range(4)
"""What a line of a program does. The columns after it, for each; a place that is not used holds `NONE`:

* PRODUCT first, last, reset: what h_prev says to these rows; times the gate `reset` first.
* SQUASH row, function, recurrent, reset, negated: a row's activation; `reset` is the gate on what h_prev says.
* MIX cell, keep, candidate, write: the memory, c where `cell` is 1, else h.
* SHOW gate, function: h from c.
"""
NONE = -1
COLUMNS = 6
SIGMOID, TANH, RELU, IDENTITY, POSITIVE = range(5)

TILE = 32
"""Sequences that go through the steps together: enough to read a weight seldom, few enough to stay in the cache."""

_SUMS: Any = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz"}}


def _uncounted(_typing: Any, array: Any) -> Any:
    """The same array without a count of who holds it, which every row cut from it would move up and down again."""

    def build(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        held = make_array(array)(context, builder, args[0])
        held.meminfo = held.meminfo.type(None)
        return held._getvalue()

    return array(array), build


_lent: Any = intrinsic(_uncounted)


@njit(**EXACT)
def _apply(function: Any, a: Any) -> None:
    """a = function(a), for a row."""
    if function == SIGMOID:
        for j in range(len(a)):
            a[j] = sigmoid(a[j])
    elif function == TANH:
        for j in range(len(a)):
            a[j] = tanh(a[j])
    elif function == POSITIVE:
        for j in range(len(a)):
            a[j] = positive(a[j])
    elif function == RELU:
        zero = a.dtype.type(0)
        for j in range(len(a)):
            a[j] = max(a[j], zero)


@njit(**_SUMS)
def _product_of_fours(weight: Any, vectors: Any, first: int, last: int, count: int, out: Any) -> None:
    """out[i, j] = weight[j] · vectors[i], four by four: each number that is read serves four of sixteen sums."""
    zero = weight.dtype.type(0)
    for j in range(first, last, 4):
        a, b, c, d = weight[j], weight[j + 1], weight[j + 2], weight[j + 3]
        for i in range(0, count, 4):
            p, q, r, s = vectors[i], vectors[i + 1], vectors[i + 2], vectors[i + 3]
            pa = pb = pc = pd = qa = qb = qc = qd = ra = rb = rc = rd = sa = sb = sc = sd = zero
            for k in range(len(a)):
                x, y, z, w = a[k], b[k], c[k], d[k]
                u = p[k]
                pa, pb, pc, pd = pa + u * x, pb + u * y, pc + u * z, pd + u * w
                u = q[k]
                qa, qb, qc, qd = qa + u * x, qb + u * y, qc + u * z, qd + u * w
                u = r[k]
                ra, rb, rc, rd = ra + u * x, rb + u * y, rc + u * z, rd + u * w
                u = s[k]
                sa, sb, sc, sd = sa + u * x, sb + u * y, sc + u * z, sd + u * w
            out[i, j], out[i, j + 1], out[i, j + 2], out[i, j + 3] = pa, pb, pc, pd
            out[i + 1, j], out[i + 1, j + 1], out[i + 1, j + 2], out[i + 1, j + 3] = qa, qb, qc, qd
            out[i + 2, j], out[i + 2, j + 1], out[i + 2, j + 2], out[i + 2, j + 3] = ra, rb, rc, rd
            out[i + 3, j], out[i + 3, j + 1], out[i + 3, j + 2], out[i + 3, j + 3] = sa, sb, sc, sd


@njit(**_SUMS)
def _product_of_one(weight: Any, vector: Any, first: int, last: int, out: Any) -> None:
    """out[j] = weight[j] · vector, four sums at once."""
    zero = weight.dtype.type(0)
    whole = first + (last - first) // 4 * 4
    for j in range(first, whole, 4):
        a, b, c, d = weight[j], weight[j + 1], weight[j + 2], weight[j + 3]
        pa = pb = pc = pd = zero
        for k in range(len(a)):
            u = vector[k]
            pa, pb, pc, pd = pa + u * a[k], pb + u * b[k], pc + u * c[k], pd + u * d[k]
        out[j], out[j + 1], out[j + 2], out[j + 3] = pa, pb, pc, pd
    for j in range(whole, last):
        a, found = weight[j], zero
        for k in range(len(a)):
            found += a[k] * vector[k]
        out[j] = found


@njit(**EXACT)
def _product(weight: Any, vectors: Any, first: int, last: int, out: Any) -> None:
    """out[i, j] = weight[j] · vectors[i] for j from `first` to before `last`."""
    count = len(vectors)
    whole = (last - first) % 4 == 0
    paired = count // 4 * 4 if whole else 0
    if paired:
        _product_of_fours(weight, vectors, first, last, paired, out)
    for i in range(paired, count):
        _product_of_one(weight, vectors[i], first, last, out[i])


@njit(**EXACT)
def _squash(line: Any, size: int, row: Any, sums: Any, bias: Any) -> None:
    """One row's activation in place: `row` `(G H,)` holds what the input says, `sums` what h_prev does."""
    begin = line[1] * size
    a = row[begin : begin + size]
    if line[3]:
        said = sums[begin : begin + size]
        if line[4] == NONE:
            for j in range(size):
                a[j] += said[j]
        else:
            gate, extra = row[line[4] * size : (line[4] + 1) * size], bias[begin : begin + size]
            for j in range(size):
                a[j] += gate[j] * (said[j] + extra[j])
    if line[5]:
        for j in range(size):
            a[j] = -a[j]
    _apply(line[2], a)


@njit(**EXACT)
def _mix(line: Any, size: int, row: Any, before: Any, now: Any) -> None:
    """now = keep * before + write * candidate, where what is not kept is written unless a gate says."""
    keep = row[line[2] * size : (line[2] + 1) * size]
    candidate = row[line[3] * size : (line[3] + 1) * size]
    if line[4] == NONE:
        one = row.dtype.type(1)
        for j in range(size):
            now[j] = keep[j] * before[j] + (one - keep[j]) * candidate[j]
    else:
        write = row[line[4] * size : (line[4] + 1) * size]
        for j in range(size):
            now[j] = keep[j] * before[j] + write[j] * candidate[j]


@njit(**EXACT)
def _show(line: Any, size: int, row: Any, cell: Any, shown: Any) -> None:
    """shown = gate * function(cell)."""
    gate = row[line[1] * size : (line[1] + 1) * size]
    for j in range(size):
        shown[j] = cell[j]
    _apply(line[2], shown)
    for j in range(size):
        shown[j] *= gate[j]


@njit(**EXACT)
def _lines(
    program: Any,
    size: int,
    t: int,
    before: int,
    now: int,
    low: int,
    high: int,
    rows: Any,
    sums: Any,
    bias: Any,
    spare: Any,
    projected: bool,
    h: Any,
    c: Any,
) -> None:
    """The lines of a program but its products, at step t, for the sequences from `low` to before `high`.

    Args:
        before, now: the slots of the memory that is read and of the one that is written.
        sums: `(high - low, G H)`, what h_prev says.
        spare: `(high - low, H)`, where h goes that is still to be projected.
    """
    for number in range(len(program)):
        line = program[number]
        for b in range(low, high):
            if line[0] == SQUASH:
                _squash(line, size, rows[t, b], sums[b - low], bias)
            elif line[0] == MIX and line[1]:
                _mix(line, size, rows[t, b], c[before, b], c[now, b])
            elif line[0] == MIX:
                _mix(line, size, rows[t, b], h[before, b], h[now, b])
            elif line[0] == SHOW and projected:
                _show(line, size, rows[t, b], c[now, b], spare[b - low])
            elif line[0] == SHOW:
                _show(line, size, rows[t, b], c[now, b], h[now, b])


@njit(**EXACT)
def _gate(begin: int, rows: Any, h: Any, out: Any) -> None:
    """out = gate * h, for the gate whose numbers stand in a row from `begin` on."""
    for i in range(len(h)):
        gate, read, to = rows[i, begin:], h[i], out[i]
        for j in range(len(read)):
            to[j] = gate[j] * read[j]


@njit(**EXACT)
def _next_product(program: Any, begin: int) -> int:
    end = begin
    while end < len(program) and program[end, 0] != PRODUCT:
        end += 1
    return end


@njit(**EXACT)
def _stay(alive: Any, low: int, high: int, now: Any, first: Any) -> None:
    """Puts sequences that a backward pass has not reached the end of back to their first state."""
    for b in range(low, high):
        if not alive[b]:
            for j in range(now.shape[1]):
                now[b, j] = first[b, j]


def step(
    program: Any,
    size: int,
    t: int,
    before: int,
    now: int,
    rows: Any,
    sums: Any,
    bias: Any,
    spare: Any,
    projected: bool,
    h: Any,
    c: Any,
) -> None:
    """What comes after a product that somebody else has made, for all sequences at step t; see `run` and `_lines`."""
    program, rows, sums, bias = _lent(program), _lent(rows), _lent(sums), _lent(bias)
    spare, h, c = _lent(spare), _lent(h), _lent(c)
    _lines(program, size, t, before, now, 0, rows.shape[1], rows, sums, bias, spare, projected, h, c)


def run(
    program: Any,
    size: int,
    rows: Any,
    weight: Any,
    bias: Any,
    projection: Any,
    sums: Any,
    spare: Any,
    h: Any,
    c: Any,
    alive: Any,
    reverse: bool,
) -> None:
    """All steps of one layer in one direction.

    Args:
        program: `(lines, COLUMNS)`, see PRODUCT and its neighbours.
        size: H.
        rows: `(T, B, G H)`, what the input says to every row, biases included; becomes the activations.
        weight, bias: of what h_prev says, `(G H, P)` and `(G H,)`; the bias counts where a gate acts on that.
        projection: `(P, H)`; empty where there is none.
        sums, spare: `(TILE, G H)` and `(TILE, H)` to work in, with no more rows than there are sequences.
        h, c: `(T + 1, B, P)` and `(T + 1, B, H)`, the slots of `Carried`; c is empty where the cell has none.
        alive: `(T, B)`; where it is False a backward pass stays at its first state. Empty where that cannot be.
    """
    program, rows, weight, bias, projection = _lent(program), _lent(rows), _lent(weight), _lent(bias), _lent(projection)
    sums, spare, h, c, alive = _lent(sums), _lent(spare), _lent(h), _lent(c), _lent(alive)
    steps, batch, first = len(rows), rows.shape[1], len(h) - 1
    projected = len(projection) > 0
    for low in range(0, batch, TILE):
        high = min(low + TILE, batch)
        for number in range(steps):
            t = steps - 1 - number if reverse else number
            before, now = (t + 1, t) if reverse else (t, t + 1)
            begin = 0
            while begin < len(program):
                line = program[begin]
                if line[0] == PRODUCT:
                    read = h[before, low:high]
                    if line[3] != NONE:
                        _gate(line[3] * size, rows[t, low:high], read, spare)
                        read = spare[: high - low]
                    _product(weight, read, line[1] * size, (line[2] + 1) * size, sums)
                    begin += 1
                end = _next_product(program, begin)
                _lines(program[begin:end], size, t, before, now, low, high, rows, sums, bias, spare, projected, h, c)
                begin = end
            if projected:
                _product(projection, spare[: high - low], 0, len(projection), h[now, low:high])
            if len(alive):
                _stay(alive[t], low, high, h[now], h[first])
                if len(c):
                    _stay(alive[t], low, high, c[now], c[first])


class Kernel(NamedTuple):
    """The two ways through a program, as machine code for numbers of one kind."""

    run: Callable[..., None]
    step: Callable[..., None]


def switched_off() -> bool:
    """Whether numba was told to compile nothing (NUMBA_DISABLE_JIT), which leaves Python loops."""
    return bool(vars(config).get("DISABLE_JIT"))


def kernel(real: type[np.floating], *, cached: bool) -> Kernel:
    """Compiles, or reads from numba's cache what was compiled before.

    Args:
        real: `np.float32` or `np.float64`.
        cached: read and write the cache; it raises where there is no folder for it.
    """
    number = types.float32 if real is np.float32 else types.float64
    one, two, three = (types.Array(number, axes, "C") for axes in (1, 2, 3))
    whole, table, mask = types.int64, types.Array(types.int64, 2, "C"), types.Array(types.boolean, 2, "C")
    arguments = {
        run: (table, whole, three, two, one, two, two, two, three, three, mask, types.boolean),
        step: (table, *[whole] * 4, three, two, one, two, types.boolean, three, three),
    }
    found = []
    for function, taken in arguments.items():
        dispatcher = njit(cache=cached, **EXACT)(function)
        dispatcher.compile(types.void(*taken))
        dispatcher.disable_compile()
        found.append(dispatcher)
    return Kernel(*found)
