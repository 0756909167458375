"""What there is: profiles, terms, measures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dueregard.cli.app import DONE, Json, app, print_json, show


@app.command
def profiles(*, json: Json = False) -> int:
    """What can be read: the profiles, with what each reads and declares."""
    from dueregard.collect.profiles.known import profiles as known

    if json:
        print_json([{"name": p.name, "about": p.about, "reads": p.reads, "version": p.version, "caveats": list(p.caveats)}
                     for p in known().values()])  # fmt: skip
        return DONE
    for found in known().values():
        print(f"{found.name}\n  {found.about} Reads {found.reads}.")
        for caveat in found.caveats:
            print(f"  Caveat: {caveat}")
    return DONE


@app.command
def terms(
    name: str | None = None, /, *, crosswalks: bool = False, snapshot: Path | None = None, engine: str = "duckdb",
    spark_remote: str | None = None, json: Json = False,
) -> int:  # fmt: skip
    """The code lists; with a name, the codes of one list, where they go, and what is lost on the way.

    Parameters
    ----------
    name
        A code list, such as sde_18plus1, or a crosswalk, such as sde_18plus1_to_sde_16plus1.
    crosswalks
        The crosswalks that lead from one list to another.
    snapshot
        The path that `dueregard freeze` printed: how many of its pupils and involvements each lossy step touches.
    engine
        For a snapshot: duckdb, spark, or reference (slow, plain Python).
    spark_remote
        For spark: where a cluster listens, as sc://HOST:PORT; this computer unless given.
    """
    from dueregard.terminal import terms as told
    from dueregard.terms.crosswalks import crosswalk_named

    if snapshot is not None:
        from dueregard import steps

        return show(told.losses_told(steps.losses(snapshot, name, engine=engine, spark_remote=spark_remote)), json)
    if crosswalks:
        return show(told.crosswalks_told(name), json)
    if name is None:
        return show(told.lists_told(), json)
    found = crosswalk_named(name)
    return show(told.list_told(name) if found is None else told.crosswalk_told(found), json)


@app.command
def measures(*, snapshot: Path | None = None, json: Json = False) -> int:
    """The catalogue of questions; with a snapshot, which of them it can answer.

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    """
    from dueregard import steps
    from dueregard.measures.catalogue import catalogue

    why_not = dict(steps.answerable(snapshot)) if snapshot is not None else {}
    rows: list[dict[str, Any]] = [{"stage": e.stage, "title": e.title, "unit": e.unit, "denominator": e.denominator, "wording": e.wording,
             "source": e.source} for e in catalogue()]  # fmt: skip
    if snapshot is not None:
        for row in rows:
            row |= {"can_answer": why_not[row["stage"]] is None, "why_not": why_not[row["stage"]]}
    if json:
        print_json(rows)
        return DONE
    for row in rows:
        told = "" if snapshot is None else ("" if row["can_answer"] else f"\n  Cannot be answered: {row['why_not']}")
        print(f"{row['stage']}\n  {row['wording']}\n  Counted from {row['source']}.{told}")
    return DONE
