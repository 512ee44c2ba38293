"""NumPy and SciPy on W1 (square and skinny matrix products) and LA (linear algebra), as lines of JSON.
Usage: scipy_peer.py WORKLOAD THREADS (OPENBLAS_NUM_THREADS must agree)."""
import json
import statistics
import sys
import time

import numpy as np
import scipy
import scipy.linalg

THREADS = int(sys.argv[2])
DTYPES = {"f32": np.float32, "f64": np.float64}


def signed(seed, shape, dtype="f64"):
    """Numbers in [-1, 1): SplitMix64 seeded with seed, in row-major order."""
    z = np.uint64(seed) + np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (2 * ((z >> np.uint64(11)) * 2.0 ** -53) - 1).reshape(shape).astype(DTYPES[dtype])


def check(array):
    """The sum of |a_i| (1 + i mod 7), i the row-major index."""
    array = np.abs(np.asarray(array, dtype=np.float64).ravel())
    return float(np.sum(array * (1 + np.arange(array.size) % 7)))


def measure(step):
    """The least and the median milliseconds of a call: warm, in samples of about two milliseconds, for a second."""
    start, calls = time.perf_counter(), 0
    while calls < 3 or time.perf_counter() - start < 0.3:
        step()
        calls += 1
    inner = max(1, int(0.002 * calls / (time.perf_counter() - start)))
    samples, start = [], time.perf_counter()
    while len(samples) < 3 or len(samples) < 200 and time.perf_counter() - start < 1:
        begin = time.perf_counter()
        for _ in range(inner):
            step()
        samples.append((time.perf_counter() - begin) * 1e3 / inner)
    return min(samples), statistics.median(samples), len(samples)


def emit(workload, item, dtype, step, **checks):
    best, median, reps = measure(step)
    print(json.dumps({
        "system": "scipy", "version": f"numpy {np.__version__} / scipy {scipy.__version__}", "workload": workload,
        "item": item, "dtype": dtype, "threads": THREADS, "best_ms": best, "median_ms": median, "reps": reps,
        "check": checks}), flush=True)


def products():
    shapes = [(f"gemm-{n}", n, n, n) for n in (32, 64, 128, 256, 512, 1024, 2048)]
    shapes += [(f"gemm-{m}x{k}x{n}", m, k, n) for m, k, n in ((8, 100, 100), (8, 100, 65), (100, 784, 32))]
    for dtype in DTYPES:
        for item, m, k, n in shapes:
            a, b, c = signed(101, (m, k), dtype), signed(102, (k, n), dtype), np.empty((m, n), DTYPES[dtype])
            emit("W1", item, dtype, lambda: np.matmul(a, b, out=c), c=check(a @ b))


def linear_algebra(n=256):
    m, b = signed(1201, (n, n)), signed(1202, (n, n))
    positive, symmetric = m @ m.T / n + np.eye(n), (m + m.T) / 2
    options = {"check_finite": False}
    # Of the two libraries' functions, and of LAPACK's drivers, the fastest on matrices of this size.
    problems = {
        "cholesky": [lambda: np.linalg.cholesky(positive), lambda: scipy.linalg.cholesky(positive, lower=True, **options)],
        "solve": [lambda: np.linalg.solve(m, b), lambda: scipy.linalg.solve(m, b, **options)],
        "qr": [lambda: np.linalg.qr(m)[::-1], lambda: scipy.linalg.qr(m, **options)[::-1]],
        "eigh": [lambda: np.linalg.eigh(symmetric), lambda: scipy.linalg.eigh(symmetric, driver="evd", **options)],
        "svd": [lambda: np.linalg.svd(m)[1::-1], lambda: scipy.linalg.svd(m, **options)[1::-1]],
    }
    for name, variants in problems.items():
        step = min(variants, key=lambda variant: measure(variant)[0])
        out = step()
        emit("LA", f"{name}-{n}", "f64", step, out=check(out[0] if isinstance(out, tuple) else out))


{"W1": products, "LA": linear_algebra}[sys.argv[1]]()
