"""Numbers: arrays in, frozen results out. It has never heard of schools, and imports nothing above it.

    intervals          what an interval is; checks and the merging of equal pairs that all formulas share
    solving            the two root finders behind the score and the mid-P limits
    rates              events over exposure: exact (Garwood), Byar, mid-P
    proportions        events out of a total: Wilson
    standardise        rates made comparable over strata: direct (Dobson) and indirect (Byar)
    ratios             two groups: score, exact and mid-P limits of ratios and differences
    mantel_haenszel    two groups within strata, and whether the strata differ
    shapley            what each of several parts brings, whatever their order
    decompose          the parts of the ratio of two rates along a chain
    decompose_limits   how sure each part is: clusters drawn anew, a formula, draws
    repeats            persons who come again: the design effect, and ranges stretched by it
    power              the smallest ratio that so few events could show
    verdicts           what an interval lets one say, in words

Import the modules, not this package: it stays empty so that a command that needs no numbers loads none.
"""
