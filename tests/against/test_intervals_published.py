"""Published intervals, each with its source in its name. Tolerances are half a unit of the last printed
digit.

Numbers marked "methods.md" were recomputed for this project outside this code (shared/methods.md, section 1).
"""

import numpy as np
import pytest

from dueregard.stats.mantel_haenszel import mantel_haenszel_rate_ratio
from dueregard.stats.proportions import proportions
from dueregard.stats.rates import byar_rates, exact_rates, mid_p_rates
from dueregard.stats.ratios import rate_differences, rate_ratios, risk_differences, risk_ratios

DIFFERENCES = [
    pytest.param((5, 56, 0, 29), "Miettinen-Nurminen", (-0.0326, 0.1933), id="Newcombe 1998, ratesci test3.R"),
    pytest.param((5, 56, 0, 29), "Mee", (-0.0313, 0.1926), id="Newcombe 1998 (Mee), ratesci test3.R"),
    pytest.param((56, 70, 48, 80), "Miettinen-Nurminen", (0.0528, 0.3382), id="Newcombe 1998 Table II a"),
    pytest.param((56, 70, 48, 80), "Mee", (0.0533, 0.3377), id="Newcombe 1998 Table II a (Mee)"),
]


@pytest.mark.parametrize(("table", "method", "limits"), DIFFERENCES)
def test_risk_difference(table, method, limits):
    found = risk_differences(*table, method=method)[0]
    assert (found.lower, found.upper) == pytest.approx(limits, abs=0.5e-4)


def test_risk_difference_of_0_of_40_and_0_of_30_methods_md():
    found = risk_differences(0, 40, 0, 30)[0]
    assert found == pytest.approx((0, -0.115, 0.089), abs=0.5e-3)


RATIOS = [
    pytest.param((8, 15, 4, 15), (0.815, 5.336), 0.5e-3, id="Gart & Nam 1988 (Koopman), ratesci"),
    pytest.param((6, 10, 6, 20), (0.844, 4.594), 0.5e-3, id="Gart & Nam 1988 (Koopman), ratesci, second"),
    # 2.939 is printed where the limit is 2.9396: Koopman's iteration stopped there; hence a whole unit
    pytest.param((36, 40, 16, 80), (2.939, 7.152), 1e-3, id="Koopman 1984"),
]


@pytest.mark.parametrize(("table", "limits", "tolerance"), RATIOS)
def test_risk_ratio(table, limits, tolerance):
    found = risk_ratios(*table)[0]
    assert (found.lower, found.upper) == pytest.approx(limits, abs=tolerance)


ROTHMAN = (41, 28010, 15, 19017)  # breast cancer and fluoroscopy, Rothman, Modern Epidemiology
RATE_RATIOS = [
    pytest.param("mid-P", (1.0411, 3.4494), id="Rothman mid-P, methods.md"),
    pytest.param("exact", (1.0057, 3.6093), id="Rothman exact, methods.md"),
    pytest.param("score", (1.0358, 3.3249), id="Rothman score, methods.md"),
]


@pytest.mark.parametrize(("method", "limits"), RATE_RATIOS)
def test_rate_ratio(method, limits):
    found = rate_ratios(*ROTHMAN, method=method)[0]
    assert (found.lower, found.upper) == pytest.approx(limits, abs=0.5e-4)


def test_mid_p_rate_ratio_of_epitools():
    """epitools prints 1.0410 and 3.4491: its root finder stops at a tolerance of about 1e-4."""
    found = rate_ratios(*ROTHMAN)[0]
    assert (found.lower, found.upper) == pytest.approx((1.0410, 3.4491), abs=4e-4)


@pytest.mark.parametrize(
    ("events", "limits"),
    [(65, (50.163, 82.849)), (1045, (982.593, 1110.331)), (1, (0.013, 5.564))],
    ids=lambda x: f"PHEindicatormethods testByars {x}" if isinstance(x, int) else "",
)
def test_byar(events, limits):
    found = byar_rates(events, 1)[0]
    assert (found.lower, found.upper) == pytest.approx(limits, abs=0.5e-3)


GARWOOD = [(0, (0, 3.6889)), (1, (0.0253, 5.5716)), (5, (1.6235, 11.6683)), (10, (4.7954, 18.3904))]


@pytest.mark.parametrize(("events", "limits"), GARWOOD, ids=lambda x: f"Garwood 1936 {x}" if isinstance(x, int) else "")
def test_exact_rate(events, limits):
    found = exact_rates(events, 1)[0]
    assert (found.lower, found.upper) == pytest.approx(limits, abs=0.5e-4)


MID_P = [(0, (0, 2.9957)), (1, (0.0500, 4.9319)), (5, (1.832, 11.082)), (10, (5.0795, 17.8249))]


@pytest.mark.parametrize(
    ("events", "limits"), MID_P, ids=lambda x: f"methods.md mid-P {x}" if isinstance(x, int) else ""
)
def test_mid_p_rate(events, limits):
    found = mid_p_rates(events, 1)[0]
    assert (found.lower, found.upper) == pytest.approx(limits, abs=0.5e-3 if events == 5 else 0.5e-4)


WILSON = [
    pytest.param((81, 263), (0.2553, 0.3662), id="Newcombe 1998 (single proportion) Table I, 81/263"),
    pytest.param((15, 148), (0.0624, 0.1605), id="Newcombe 1998 Table I, 15/148"),
    pytest.param((0, 20), (0.0000, 0.1611), id="Newcombe 1998 Table I, 0/20"),
    pytest.param((1, 29), (0.0061, 0.1718), id="Newcombe 1998 Table I, 1/29"),
]


@pytest.mark.parametrize(("table", "limits"), WILSON)
def test_wilson(table, limits):
    found = proportions(*table)[0]
    assert (found.lower, found.upper) == pytest.approx(limits, abs=0.5e-4)


# British doctors: coronary deaths and person-years of smokers and others by age.
# Doll & Hill 1966 in Breslow & Day II (1987) p. 112; results as printed in Stata's manual [R] epitab, `ir`,
# by(age).
SMOKERS = ([32, 104, 206, 186, 102], [52407, 43248, 28612, 12663, 5317])
OTHERS = ([2, 12, 28, 28, 31], [18790, 10673, 5710, 2585, 1462])


def test_mantel_haenszel_of_the_british_doctors_stata_epitab():
    found = mantel_haenszel_rate_ratio(*SMOKERS, *OTHERS)
    printed = (1.424682, 1.154703, 1.757784)
    assert (found.estimate[0], found.lower[0], found.upper[0]) == pytest.approx(printed, abs=0.5e-6)


def test_exact_rate_ratios_of_the_british_doctors_stata_epitab():
    found = rate_ratios(*SMOKERS, *OTHERS, method="exact")
    assert found.estimate.tolist() == pytest.approx([5.736638, 2.138812, 1.46824, 1.35606, 0.9047304], abs=0.5e-5)
    assert found.lower.tolist() == pytest.approx([1.463557, 1.173714, 0.9863624, 0.9081925, 0.6000757], abs=1e-6)
    assert found.upper.tolist() == pytest.approx([49.40468, 4.272545, 2.264107, 2.096412, 1.399687], abs=1e-5)


def test_breslow_day_of_the_british_doctors_is_pearsons_chi_squared_of_the_poisson_model():
    """The model with age and smoking: 11.15 on 4 degrees of freedom. Ours is taken at the Mantel-Haenszel
    ratio and
    the model's at the likeliest, 1.4255: they differ in the fourth digit."""
    import statsmodels.api as sm

    design = np.vstack([np.hstack([np.eye(5), np.ones((5, 1))]), np.hstack([np.eye(5), np.zeros((5, 1))])])
    events, years = np.concatenate([SMOKERS[0], OTHERS[0]]), np.concatenate([SMOKERS[1], OTHERS[1]])
    model = sm.GLM(events, design, family=sm.families.Poisson(), offset=np.log(years)).fit()
    found = mantel_haenszel_rate_ratio(*SMOKERS, *OTHERS).heterogeneity
    assert found.statistic[0] == pytest.approx(model.pearson_chi2, abs=0.01)
    assert found.degrees_of_freedom[0] == 4
    assert found.p_value[0] == pytest.approx(0.025, abs=0.5e-3)


COUNTS = np.array([1, 2, 3, 7, 10, 65, 1045])


@pytest.mark.parametrize(("ours", "theirs"), [(exact_rates, "exact-c"), (mid_p_rates, "midp-c")])
def test_rates_of_statsmodels(ours, theirs):
    from statsmodels.stats.rates import confint_poisson

    found = ours(COUNTS, 100)
    expected = np.array([confint_poisson(x, 100, method=theirs) for x in COUNTS])
    # statsmodels' mid-P root finder stops at about 1e-6
    np.testing.assert_allclose(np.stack([found.lower, found.upper], axis=1), expected, rtol=1e-5)


@pytest.mark.parametrize("table", [(8, 15, 4, 15), (6, 10, 6, 20), (36, 40, 16, 80), (3, 200, 20, 700)])
def test_score_ratio_of_statsmodels(table):
    """Its score ratio is right (its score difference is not: statsmodels issue 10269)."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    found = risk_ratios(*table)[0]
    expected = confint_proportions_2indep(*table, compare="ratio", method="score", correction=False)
    assert (found.lower, found.upper) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("table", [(41, 28010, 15, 19017), (9, 120.0, 4, 31.0)])
def test_score_rate_difference_of_statsmodels_holds_its_own_test(table):
    """At our limits statsmodels' score test of the difference gives p = 0.05."""
    from statsmodels.stats.rates import test_poisson_2indep as poisson_test

    x1, t1, x0, t0 = table
    found = rate_differences(*table)[0]
    for limit in (found.lower, found.upper):
        p = poisson_test(x1, t1, x0, t0, value=limit, compare="diff", method="score").pvalue
        assert p == pytest.approx(0.05, abs=1e-6)
