"""F1 to F4 and F14: one cube at the size of London and of England, beside a floor and beside its peers.

    python -m benchmarks.scale [--size borough|london|england]... [--folder DIR] [--times N]

The question: cube of (ethnicity, special educational needs, sex, year); pupil-years, and events and distinct pupils of four
stages. Each contender runs in a process of its own; seconds are those after its imports, medians; peak memory is the process's. On a
busy machine read `cpu_ratio`: time of processors, which others' work stretches less (of Spark it tells the Python process alone).
Peers and floor read what suits them best: two Parquet files of dense integers, made beforehand. Ours reads the frozen snapshot.
Their answers are proven equal first, by a checksum over all cells.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.load import LOADS, STAGES, write
from benchmarks.scale_contenders import CONTENDERS, FAST, PEER, SLOW

# F3: times as long as each peer at most.
BEATEN = {"polars, streaming": "1", "DuckDB, leaf first, CUBE with COUNT(DISTINCT)": "0.33"}
MOST = {FAST: 99, PEER: 3, SLOW: 1}  # runs that count; of England a peer is asked once, a slow one never


@dataclass(frozen=True, slots=True)
class Ran:
    """One contender: seconds after imports, those of its processors, seconds of the whole process, peak MiB, checksum of its answer."""

    seconds: float
    cpu: float
    whole: float
    peak_mib: float
    checksum: str


def prepare(size: str, folder: Path) -> Path:
    """The snapshot of a load, frozen by the product, and the peers' two files. Kept in the folder for another run."""
    if not (folder / "snapshot.path").exists():
        if not (folder / "native").exists():
            write(LOADS[size], folder / "native")
        code = "import sys; from pathlib import Path; from dueregard import steps; from dueregard.collect.collect import Source\nprint(steps.freeze([Source(Path(sys.argv[1]))], Path(sys.argv[2]))[0].path)"
        frozen = _process(code, str(folder / "native"), str(folder / "snapshots"))
        print(f"froze {size}: {frozen.whole:.1f} s, peak {frozen.peak_mib:.0f} MiB", flush=True)
        (folder / "snapshot.path").write_text(frozen.checksum)
    snapshot = Path((folder / "snapshot.path").read_text())
    if not (folder / "peer_steps.parquet").exists():
        # In a process of its own: one that is started from a big process is told to be as big.
        _process("import sys; from pathlib import Path; from benchmarks.scale import peer_files; peer_files(Path(sys.argv[1]), Path(sys.argv[2]))",
                 str(snapshot), str(folder))  # fmt: skip
    return snapshot


def peer_files(snapshot: Path, folder: Path) -> None:
    """Roll and steps as dense integers, in the order in which the snapshot holds them."""
    import duckdb

    connection = duckdb.connect(str(folder / "peers.db"))
    connection.execute(
        f"CREATE TABLE number AS SELECT pupil_ref, CAST(row_number() OVER () AS INTEGER) AS pupil FROM (SELECT DISTINCT pupil_ref FROM '{snapshot}/roll.parquet')"
    )
    group = (
        "CASE ethnicity[1] WHEN 'W' THEN 0 WHEN 'B' THEN 1 WHEN 'A' THEN 2 WHEN 'M' THEN 3 WHEN 'O' THEN 4 ELSE 5 END"
    )
    group = f"CASE WHEN ethnicity = 'NOBT' THEN 5 ELSE {group} END"
    connection.execute(
        f"COPY (SELECT CAST(year(census_on) - 1 AS SMALLINT) AS year, n.pupil, CAST(CAST(urn AS INTEGER) - 100000 AS SMALLINT) AS school, "
        f"CAST({group} AS TINYINT) AS ethnicity, CAST(CASE sen_provision WHEN 'N' THEN 0 WHEN 'K' THEN 1 ELSE 2 END AS TINYINT) AS sen, "
        f"CAST(CASE sex WHEN 'F' THEN 0 ELSE 1 END AS TINYINT) AS sex FROM '{snapshot}/roll.parquet' JOIN number AS n USING (pupil_ref)) "
        f"TO '{folder}/peer_roll.parquet' (FORMAT parquet, COMPRESSION zstd)"
    )
    of_stage = " ".join(f"WHEN '{stage}' THEN {n}" for n, stage in enumerate(STAGES))
    connection.execute(
        f"COPY (SELECT CAST(year(c.occurred_at) - CASE WHEN month(c.occurred_at) >= 9 THEN 0 ELSE 1 END AS SMALLINT) AS year, n.pupil, "
        f"CAST(CASE stage {of_stage} END AS TINYINT) AS stage FROM '{snapshot}/step.parquet' AS s JOIN '{snapshot}/contact.parquet' AS c USING (contact_ref) "
        f"JOIN number AS n ON n.pupil_ref = s.pupil_ref) TO '{folder}/peer_steps.parquet' (FORMAT parquet, COMPRESSION zstd)"
    )  # fmt: skip
    connection.close()
    (folder / "peers.db").unlink()


def _process(code: str, *arguments: str) -> Ran:
    """Run code in a process of its own. It prints its checksum, and may print its seconds and its processors' before it."""
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "dueregard-bench-pycache")
        actions = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0o600)]
        pid = os.posix_spawn(
            sys.executable, [sys.executable, "-c", code, *arguments], environment, file_actions=actions
        )
        _, status, usage = os.wait4(pid, 0)
        whole = time.perf_counter() - began
        if os.waitstatus_to_exitcode(status):
            raise RuntimeError(f"a contender left with {os.waitstatus_to_exitcode(status)}")
        out.seek(0)
        lines = out.read().decode().strip().splitlines() or [""]
    told = lines[-2].split() if len(lines) > 1 else []
    seconds, cpu = map(float, told) if len(told) == 2 else (whole, usage.ru_utime + usage.ru_stime)
    return Ran(seconds, cpu, whole, usage.ru_maxrss / 1024, lines[-1])


def _rounds(programs: dict[str, tuple[str, int]], *arguments: str) -> dict[str, list[Ran]]:
    """Every program so often as it says, one after another in rounds: a machine that slows down slows all of them.

    programs: name -> (code, how often). A first run of each is not counted: it fills the caches.
    """
    for code, _ in programs.values():
        _process(code, *arguments)
    runs: dict[str, list[Ran]] = {name: [] for name in programs}
    for n in range(max(times for _, times in programs.values())):
        for name, (code, times) in programs.items():
            if n < times:
                runs[name].append(_process(code, *arguments))
    assert all(len({run.checksum for run in of_one}) == 1 for of_one in runs.values())
    return runs


def _middle(runs: list[Ran]) -> Ran:
    """Medians of the seconds, the highest peak."""
    middle = (statistics.median(getattr(run, name) for run in runs) for name in ("seconds", "cpu", "whole"))
    return Ran(*middle, max(run.peak_mib for run in runs), runs[0].checksum)


def measure(size: str = "london", *, folder: Path | None = None, times: int = 5) -> list[dict]:
    """Every contender at one size; the answers are equal, or it stops."""
    if folder is None:
        with tempfile.TemporaryDirectory() as scratch:
            return measure(size, folder=Path(scratch), times=times)
    folder.mkdir(parents=True, exist_ok=True)
    snapshot = prepare(size, folder)
    programs = {name: (code, 1 if kind == PEER and size == "england" else min(times, MOST[kind])) for name, (module, code, kind) in CONTENDERS.items()
                if importlib.util.find_spec(module) and (kind != SLOW or size != "england")}  # fmt: skip
    runs = _rounds(programs, str(folder), str(snapshot))
    sums = {of_one[0].checksum for name, of_one in runs.items() if name != "floor"}
    assert len(sums) == 1, {name: of_one[0].checksum for name, of_one in runs.items()}
    found = {name: _middle(of_one) for name, of_one in runs.items()}
    rows = [
        _row(f"{size}: {name}", run, found["floor"], "2.5" if name == "ours" else "") for name, run in found.items()
    ]
    return [*rows, *_f3(size, found), *_f14(size, snapshot, found["floor"], times)]


def _f3(size: str, found: dict[str, Ran]) -> list[dict]:
    """Ours against each peer that the goal names: times as long as the peer, to be less than a share of it."""
    ours = found["ours"]
    return [{"name": f"{size}: ours beside {peer} (F3)", "seconds": ours.seconds, "ratio": ours.seconds / found[peer].seconds,
             "against": peer, "goal": goal, "cpu_ratio": ours.cpu / found[peer].cpu, "peak_mib": ours.peak_mib}
            for peer, goal in BEATEN.items() if peer in found]  # fmt: skip


def growth(small: list[dict], large: list[dict]) -> dict:
    """How much more ours grows from one size to another than the floor does (F4)."""
    ratios = [next(row for row in rows if row["name"].endswith(": ours")) for rows in (small, large)]
    return {"name": "growth of ours, in times the floor's (F4)", "seconds": ratios[1]["seconds"], "ratio": ratios[1]["ratio"] / ratios[0]["ratio"],
            "against": "the floor's growth", "goal": "1.1", "cpu_ratio": ratios[1]["cpu_ratio"] / ratios[0]["cpu_ratio"], "peak_mib": None}  # fmt: skip


def _row(name: str, run: Ran, floor: Ran, goal: str) -> dict:
    return {"name": name, "seconds": run.seconds, "ratio": run.seconds / floor.seconds, "against": "the floor", "goal": goal or None,
            "cpu_ratio": run.cpu / floor.cpu, "peak_mib": run.peak_mib}  # fmt: skip


def _f14(size: str, snapshot: Path, floor: Ran, times: int) -> list[dict]:
    """The whole process of `compare`, against importing duckdb and numpy and the floor."""
    compare = "import sys; sys.argv = ['dueregard', 'compare', sys.argv[1], '--stage', 'arrested', '--json']; from dueregard.cli import main; sys.exit(main())"
    runs = _rounds({"bare": ("import duckdb, numpy; print('x')", times), "compare": (compare, times)}, str(snapshot))
    bare, whole = _middle(runs["bare"]), _middle(runs["compare"]).whole
    against = bare.whole + floor.seconds
    return [{"name": f"{size}: compare, whole process (F14)", "seconds": whole, "ratio": whole / against,
             "against": f"imports {bare.whole:.3f} s + the floor", "goal": "2", "peak_mib": None}]  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "--size", choices=sorted(LOADS), action="append", help="one, or two from the smaller to the larger"
    )
    asked.add_argument("--folder", type=Path, help="where loads are kept for another run, each in a folder of its size")
    asked.add_argument("--times", type=int, default=5)
    told = asked.parse_args()
    found = []
    for size in told.size or ["london"]:
        found.append(measure(size, folder=told.folder and told.folder / size, times=told.times))
        for row in found[-1]:
            print(json.dumps(row), flush=True)
    for small, large in pairwise(found):
        print(json.dumps(growth(small, large)), flush=True)


if __name__ == "__main__":
    main()
