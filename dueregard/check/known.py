"""What breaks a rule, asked at little cost: values that are known to break none are told by a look at them.

A column of codes, days or numbers holds few values, many times each. Those of the first rows are judged once, by the
rules of their column; a row of a big file is judged by these rules only where its value is another one. A reference is
good where the rows it points to are there and well formed; what is there is held as a type of the database, because a
join would forget the order of the file. So the answer is that of all rules, in half the time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dueregard.check.keys import outside
from dueregard.check.rules import Rule, listed
from dueregard.evidence.raw import named
from dueregard.records.table import Kind, Table

KINDS = (Kind.CODE, Kind.DATE, Kind.TIME, Kind.INTEGER, Kind.DECIMAL)  # no reference and no name enters a query's text
LOOKED_AT = 20_000  # rows
MOST = 32  # values of a column
LONGEST_LIST = (
    4  # values: of a longer one the database makes a join, which forgets the order of the file (decision 054)
)


def any_of(predicates: list[str]) -> str:
    """SQL that is true where one of the predicates is, false elsewhere; the later ones are asked where no earlier one is true."""
    return f"CASE WHEN {' OR '.join(f'({p})' for p in predicates) or 'false'} THEN true ELSE false END"


def broken(rules: list[Rule]) -> str:
    """SQL that is true for a raw row `w` that breaks one of the rules."""
    return any_of([rule.predicate for rule in rules])


def without_joins(connection: Any, rules: list[Rule]) -> list[Rule]:
    """The same rules, none of them asking another table: what a reference may be is made known first."""
    return [_without_join(connection, rule) if rule.reference else rule for rule in rules]


def _without_join(connection: Any, rule: Rule) -> Rule:
    column, target, there = rule.reference
    known = _make_known(connection, f"in_{target}_{there}", f"SELECT {named(there)} FROM {named(target)}")
    asked = f"TRY_CAST(w.{named(column)} AS {known}) IS NULL"
    return replace(rule, predicate=rule.predicate.replace(outside(column, target, there), asked))


def _make_known(connection: Any, name: str, selected: str) -> str:
    """Make a type of the values that a query gives; its name. To be cast to it is to be one of them, to the letter."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE made_known AS SELECT DISTINCT * FROM ({selected}) AS m(v) WHERE v IS NOT NULL"
    )
    connection.execute(f"DROP TYPE IF EXISTS {name}; CREATE TYPE {name} AS ENUM (SELECT v FROM made_known)")
    connection.execute("DROP TABLE made_known")
    return name


def broken_by_look(connection: Any, table: Table, rules: list[Rule]) -> str:
    """The same for the rows of a big file `work_<table>`."""
    columns = ", ".join(named(name) for name in table.names)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE looked_at AS SELECT {columns} FROM work_{table.name} LIMIT {LOOKED_AT}"
    )
    asked = [rule.predicate for rule in rules if len(rule.columns) != 1]
    for column in table.columns:
        own = [rule for rule in rules if rule.columns == (column.name,)]
        reference = next(
            (r for r in table.references if r[0] == column.name and f"in_{r[1]}" in [o.name for o in own]), None
        )
        if reference:
            asked += _by_reference(connection, own, *reference)
        elif own and column.kind in KINDS:
            asked.append(_by_values(connection, column.name, own))
        else:
            asked += [rule.predicate for rule in own]
    connection.execute("DROP TABLE looked_at")
    return any_of(asked)


def _by_values(connection: Any, name: str, own: list[Rule]) -> str:
    """Rules of a column, asked of values that are not known to break none of them."""
    rules = broken(own)
    good = connection.execute(
        # an absent column, which is NULL, is judged too: nothing else than a value may be left unasked
        f"SELECT DISTINCT {named(name)} FROM (SELECT {named(name)} FROM looked_at UNION ALL SELECT NULL) AS w "
        f"WHERE NOT {rules} LIMIT {MOST + 1}"
    ).fetchall()
    values = tuple(value for (value,) in good if value is not None)
    if len(values) == len(good) or len(values) > MOST:
        return rules
    other = none_of(name, values) if values else f"{named(name)} IS NOT NULL"
    return f"{other} AND {rules}"


def none_of(name: str, values: tuple[str, ...]) -> str:
    """SQL that is true for a column that holds none of these values, in lists so short that no join is made of one.

    >>> print(none_of("sex", ("F", "M")))
    "sex" NOT IN ('F', 'M')
    """
    lists = [listed(values[n : n + LONGEST_LIST]) for n in range(0, len(values), LONGEST_LIST)]
    return " AND ".join(f"{named(name)} NOT IN ({one})" for one in lists)


def _by_reference(connection: Any, own: list[Rule], name: str, target: str, there: str) -> list[str]:
    """Rules of a reference. One that is met by a row of the other table has its form, if that row's has: asked once a row there."""
    form = [rule for rule in own if rule.name not in ("blank", f"in_{target}")]
    blank = [rule.predicate for rule in own if rule.name == "blank"]
    met = f"SELECT {named(name)} FROM (SELECT {named(there)} AS {named(name)} FROM {named(target)}) AS w WHERE NOT {broken(form)}"
    sound = _make_known(connection, f"sound_{target}_{there}", met)
    return [*blank, f"w.{named(name)} <> '' AND TRY_CAST(w.{named(name)} AS {sound}) IS NULL"]
