"""The special functions load without what they do not need, and leave numpy as it was."""

import subprocess
import sys


def _in_a_process_of_its_own(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_parts_of_numpy_that_nobody_asked_for_stay_out():
    code = "import sys, dueregard.stats.special as s; print(sorted(set(s.NOT_NEEDED) & {m[6:] for m in sys.modules if m.startswith('numpy.')}))"
    assert _in_a_process_of_its_own(code) == "[]"


def test_numpy_is_as_it_was_and_its_parts_still_load():
    code = (
        "import numpy; names, listed = list(numpy.__all__), sorted(dir(numpy)); import dueregard.stats.special\n"
        "print(names == numpy.__all__, set(listed) <= set(dir(numpy)), numpy.ma.masked is not None, numpy.random.default_rng(1) is not None)"
    )
    assert _in_a_process_of_its_own(code) == "True True True True"


def test_the_rest_of_scipy_works_after_it():
    code = (
        "import dueregard.stats.special; from scipy.stats import binom; from scipy.optimize import minimize; from scipy.linalg import cho_factor\n"
        "print(round(float(binom.cdf(2, 4, 0.5)), 4), minimize(lambda x: (x[0] - 1) ** 2, [0.0]).success, cho_factor([[4.0]])[0][0][0])"
    )
    assert _in_a_process_of_its_own(code) == "0.6875 True 2.0"


def test_documentation_stays_as_it_was_written_and_its_reader_comes_back():
    code = (
        "import dueregard.stats.special as s, scipy._lib._array_api as a, scipy._lib._docscrape as d\n"
        "from scipy.special import betainc; print(a.FunctionDoc is d.FunctionDoc, 'incomplete beta function' in betainc.__doc__)"
    )
    assert _in_a_process_of_its_own(code) == "True True"
