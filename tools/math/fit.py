#!/usr/bin/env python3
"""Print the constants of engine/base/math_trig.c and math_exp.c as C hexadecimal doubles.

Each polynomial interpolates its function at the Chebyshev nodes of its interval, in 100-digit decimal arithmetic, and is
then rounded to double: within a small factor of the minimax polynomial, whose last bits do not matter at float
precision. The worst error over the interval is printed beside it. Standard library only.
"""

from decimal import Decimal as D
from decimal import getcontext

getcontext().prec = 100


def atan_series(t):
    """atan for |t| <= 0.5."""
    total, power, k = D(0), t, 1
    while abs(power) > D(10) ** -102:
        total += power / k if k % 4 == 1 else -power / k
        power *= t * t
        k += 2
    return total


PI = 16 * atan_series(D(1) / 5) - 4 * atan_series(D(1) / 239)  # Machin
LN2 = D(2).ln()


def sin_series(r):
    total, term, k = D(0), r, 1
    while abs(term) > D(10) ** -102:
        total += term
        term *= -r * r / ((k + 1) * (k + 2))
        k += 2
    return total


def cos_series(r):
    total, term, k = D(0), D(1), 0
    while abs(term) > D(10) ** -102:
        total += term
        term *= -r * r / ((k + 1) * (k + 2))
        k += 2
    return total


def asin_series(r):
    total, term, k = D(0), r, 1
    while abs(term) > D(10) ** -102:
        total += term / k
        term *= r * r * k / (k + 1)
        k += 2
    return total


def fit(name, count, low, high, function, relative_to=None):
    """Interpolate `function` on [low, high] by `count` coefficients, lowest power first."""
    half, middle = (high - low) / 2, (high + low) / 2
    nodes = [middle + half * cos_series((2 * D(i) + 1) / (2 * count) * PI) for i in range(count)]
    rows = [[x**p for p in range(count)] + [function(x)] for x in nodes]
    for i in range(count):  # Gauss with pivoting
        pivot = max(range(i, count), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(count):
            if r != i:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i])]
    coefficients = [float(rows[i][count] / rows[i][i]) for i in range(count)]
    worst = D(0)
    for i in range(401):
        x = low + (high - low) * D(i) / 400
        if x == 0:
            continue
        value = sum(D(c) * x**p for p, c in enumerate(coefficients))
        scale = relative_to(x) if relative_to else D(1)
        worst = max(worst, abs((value - function(x)) * scale))
    print(f"{name}: error 2^{worst.ln() / LN2:.1f}")
    for c in coefficients:
        print(f"    {c.hex()},")


def main():
    root = lambda z: z.sqrt()
    tiny = D(10) ** -12
    octant = (PI / 4) ** 2 * D("1.001")
    fit("sine, (sin r / r - 1) / z", 5, tiny, octant, lambda z: (sin_series(root(z)) / root(z) - 1) / z, lambda z: z)
    fit("cosine, (cos r - 1) / z", 5, tiny, octant, lambda z: (cos_series(root(z)) - 1) / z, lambda z: z)
    fit("arc_sine, (asin r / r - 1) / z", 10, tiny, D("0.25"),
        lambda z: (asin_series(root(z)) / root(z) - 1) / z, lambda z: z)
    eighth = (D(2).sqrt() - 1) ** 2 * D("1.001")
    fit("arc_tangent, (atan r / r - 1) / z", 8, tiny, eighth,
        lambda z: (atan_series(root(z)) / root(z) - 1) / z, lambda z: z)
    fit("exp2, (2^f - 1) / f", 4, -D(1) / 64, D(1) / 64, lambda f: ((f * LN2).exp() - 1) / f, lambda f: f)
    fit("log2, log2(1 + r) / r", 6, -D(1) / 63, D(1) / 63, lambda r: (1 + r).ln() / LN2 / r)

    print("exp2_table, 2^(i/32):")
    for i in range(32):
        print(f"    {float((LN2 * i / 32).exp()).hex()},")
    # 32 equal steps of the mantissa field, placed so that 1 lies inside one of them; that step's c is 1, so that the
    # logarithm loses nothing near 1. The other reciprocals have at most 28 bits: times a float, exact in double.
    print("log2_table, {1/c, log2 c}:")
    for i in range(32):
        start, end = step_start(i), step_start(i + 1)
        inverse = 1.0 if start < 1 < end else float(round(2 / (start + end) * 2**27)) / 2**27
        print(f"    {{ {inverse.hex()}, {float(-D(inverse).ln() / LN2).hex()} }},")

    print("two_over_pi, / 1024, as a 256-bit fraction:")
    bits = int(2 / PI / 1024 * 2**256)
    print("   ", ", ".join(f"0x{bits >> (224 - 32 * i) & 0xffffffff:08x}" for i in range(8)))
    high = D(int(PI / 2 * 2**28)) / 2**28
    constants = {
        "pi": PI, "pi/2": PI / 2, "pi/4": PI / 4, "pi/2 in 29 bits": high, "pi/2, rest": PI / 2 - high, "2/pi": 2 / PI,
        "pi/2 * 2^-62": PI / 2 / 2**62, "tan(pi/8)": D(2).sqrt() - 1, "log2 e": 1 / LN2, "ln 2": LN2,
    }
    for name, value in constants.items():
        print(f"{name}: {float(value).hex()}")


def step_start(i):
    """Where step i of log2_table begins: positions below 1 lie in the binade [1/2, 1), where they count half."""
    position = D(27) / 64 + D(i) / 32
    return position if position >= 1 else (1 + position) / 2


if __name__ == "__main__":
    main()
