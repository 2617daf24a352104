"""exp, sigmoid, tanh and MinGRU's g as `compiled.py` uses them: written so that several numbers are taken at once.

Nothing is summed in another order than it stands in, for the argument of exp is reduced by what its brackets say.
Source: Moshier, Cephes Mathematical Library 2.2 (expf.c, exp.c, tanhf.c, tanh.c); the error is below two units of the
last place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

EXACT: Any = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
"""How all of it is compiled: a product and a sum may be one operation, and no more is allowed."""


def _written(_typing: Any, n: Any) -> Any:
    """2**n for a whole n given as a float, by the bits of its exponent; from the least power down 0, else infinite."""
    bits, digits = (32, 23) if n is types.float32 else (64, 52)

    def build(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        whole = ir.IntType(bits)
        exponent = builder.add(builder.fptosi(args[0], whole), whole((1 << (bits - digits - 2)) - 1))
        return builder.bitcast(builder.shl(exponent, whole(digits)), args[0].type)

    return n(n), build


_power_of_two: Any = intrinsic(_written)


def exp(x: Any) -> Any: ...
def sigmoid(x: Any) -> Any: ...
def tanh(x: Any) -> Any: ...
def positive(x: Any) -> Any: ...


@overload(exp, jit_options=EXACT)
def _exp_as_compiled(x: Any) -> Any:
    real = np.float32 if x is types.float32 else np.float64
    least, most, log2e, half, one, two = map(real, (-88, 89, 1.44269504088896341, 0.5, 1, 2))
    if x is types.float32:
        high, low = real(0.693359375), real(-2.12194440e-4)
        a, b, c = map(real, (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3))
        d, e, f = map(real, (4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1))

        def exp32(x: Any) -> Any:
            x = min(max(x, least), most)
            n = np.floor(log2e * x + half)
            x = (x - n * high) - n * low
            return ((((((a * x + b) * x + c) * x + d) * x + e) * x + f) * x * x + x + one) * _power_of_two(n)

        return exp32

    least, most = real(-709), real(710)
    high, low = real(6.93145751953125e-1), real(1.42860682030941723212e-6)
    a, b, c = map(real, (1.26177193074810590878e-4, 3.02994407707441961300e-2, 9.99999999999999999910e-1))
    d, e, f = map(real, (3.00198505138664455042e-6, 2.52448340349684104192e-3, 2.27265548208155028766e-1))

    def exp64(x: Any) -> Any:
        x = min(max(x, least), most)
        n = np.floor(log2e * x + half)
        x = (x - n * high) - n * low
        z = x * x
        p = x * ((a * z + b) * z + c)
        q = ((d * z + e) * z + f) * z + two
        return (one + two * (p / (q - p))) * _power_of_two(n)

    return exp64


@overload(sigmoid, jit_options=EXACT)
def _sigmoid_as_compiled(x: Any) -> Any:
    one = np.float32(1) if x is types.float32 else np.float64(1)

    def compiled(x: Any) -> Any:
        return one / (one + exp(-x))

    return compiled


@overload(positive, jit_options=EXACT)
def _positive_as_compiled(x: Any) -> Any:
    zero, half = (np.float32(0), np.float32(0.5)) if x is types.float32 else (0.0, 0.5)

    def compiled(x: Any) -> Any:
        below = sigmoid(x)
        return below if x < zero else x + half

    return compiled


@overload(tanh, jit_options=EXACT)
def _tanh_as_compiled(x: Any) -> Any:
    real = np.float32 if x is types.float32 else np.float64
    zero, one, two, edge = map(real, (0, 1, 2, 0.625))
    if x is types.float32:
        a, b, c = map(real, (-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2))
        d, e = map(real, (1.33314422036e-1, -3.33332819422e-1))

        def tanh32(x: Any) -> Any:
            size = abs(x)
            far = one - two / (exp(size + size) + one)
            z = x * x
            near = ((((a * z + b) * z + c) * z + d) * z + e) * z * x + x
            return near if size < edge else (-far if x < zero else far)

        return tanh32

    a, b, c = map(real, (-9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3))
    d, e, f = map(real, (1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3))

    def tanh64(x: Any) -> Any:
        size = abs(x)
        far = one - two / (exp(size + size) + one)
        z = x * x
        near = x + x * z * (((a * z + b) * z + c) / (((z + d) * z + e) * z + f))
        return near if size < edge else (-far if x < zero else far)

    return tanh64
