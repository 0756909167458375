"""A force in chunks: the same bytes with one worker and with two, keys that never meet, nothing left of a failure."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from dueregard.records.tables import TABLES
from dueregard.synth import force
from dueregard.synth.bigger import write_chunks
from dueregard.synth.chunks import PLANS, SCHOOLS_A_CHUNK, chunks_of
from dueregard.synth.expected import ALL_YEARS, expected_within_school, within_school
from dueregard.synth.pieces import database, join_pieces
from dueregard.synth.shape import URNS_A_CHUNK, SchoolKind, Shape
from dueregard.synth.tables import draw_tables
from dueregard.synth.truth import Truth
from dueregard.synth.world import draw_world

MANY = Truth(load=10.0)
KINDS = (
    SchoolKind("PS", 1, 0, 6, (20, 30), "Primary School", ("Community school", "Academy converter")),
    SchoolKind("SS", 1, 7, 11, (60, 90), "School", ("Free school",), sixth_form_share=1.0),
)
TINY = tuple(Shape(f"Area {n}", str(900 + n), KINDS, 2022, 3, chunk=n, is_pupil_level=True) for n in range(3))
REFS = {"roll": "pupil_ref", "posting": "posting_ref", "contact": "contact_ref", "support": "support_ref",
        "activity": "activity_ref", "complaint": "complaint_ref"}  # fmt: skip


def made(folder: Path, workers: int, seed: int = 1) -> dict[str, bytes]:
    folder.mkdir()
    write_chunks(folder, TINY, truth=MANY, seed=seed, workers=workers)
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bigger") / "one"
    made(folder, 1)
    return folder


def rows(folder: Path, sql: str) -> list[tuple]:
    return duckdb.sql(sql.format(f=folder)).fetchall()


def test_one_worker_and_two_write_the_same_bytes(tiny: Path, tmp_path: Path) -> None:
    one = {path.name: path.read_bytes() for path in tiny.iterdir()}
    two = made(tmp_path / "two", 2)
    assert two.keys() == one.keys()
    assert [name for name in one if one[name] != two[name]] == []
    other = made(tmp_path / "other", 1, seed=2)
    assert other["roll.parquet"] != one["roll.parquet"]


def test_pieces_join_to_the_same_bytes_with_one_thread_and_two(tmp_path: Path) -> None:
    """Several groups of rows, and pieces that end inside of them."""
    found = []
    for threads in (1, 2):
        folder = tmp_path / str(threads)
        folder.mkdir()
        pieces = [folder / f"roll-{n}.parquet" for n in range(5)]
        for n, piece in enumerate(pieces):
            duckdb.sql(
                f"SELECT 'P-' || i AS pupil_ref, i % 7 AS n FROM range({n * 90_000}, {n * 90_000 + 90_000}) AS t(i)"
            ).write_parquet(str(piece))
        join_pieces(database(folder, threads=threads), pieces, folder / "roll.parquet")
        found.append((folder / "roll.parquet").read_bytes())
    assert found[0] == found[1]
    assert duckdb.sql(
        f"SELECT count(DISTINCT row_group_id) FROM parquet_metadata('{folder}/roll.parquet')"
    ).fetchall() == [(4,)]


def test_every_table_but_stage_count_is_one_parquet_file(tiny: Path) -> None:
    assert {p.stem for p in tiny.glob("*.parquet")} == {declared.name for declared in TABLES} - {"stage_count"}
    assert {p.suffix for p in tiny.iterdir()} == {".parquet"}


@pytest.mark.parametrize(("table", "ref"), REFS.items())
def test_keys_of_chunks_never_meet(table: str, ref: str, tiny: Path) -> None:
    """Once in its table; a pupil in the roll once a January, and always at one school."""
    key = f"({ref}, census_on)" if table == "roll" else ref
    n, distinct = rows(tiny, f"SELECT count(*), count(DISTINCT {key}) FROM '{{f}}/{table}.parquet'")[0]
    assert n == distinct and n > 0
    if table == "roll":
        names = "SELECT count(DISTINCT pupil_ref), count(DISTINCT (pupil_ref, s.name)) FROM '{f}/roll.parquet' JOIN '{f}/school.parquet' s USING (urn)"
        pupils, places = rows(tiny, names)[0]
        assert pupils == places


def test_a_roll_row_is_a_pupil_in_january(tiny: Path) -> None:
    n, pupils, censuses, one = rows(tiny, "SELECT count(*), count(DISTINCT (pupil_ref, census_on)), "
                                    "count(DISTINCT census_on), max(n_pupils) FROM '{f}/roll.parquet'")[0]  # fmt: skip
    assert n == pupils and censuses == 3 and one == "1"
    assert {day[5:7] for (day,) in rows(tiny, "SELECT DISTINCT census_on FROM '{f}/roll.parquet'")} == {"01"}


def test_references_hold_across_chunks(tiny: Path) -> None:
    for child, key, parent in (("roll", "urn", "school"), ("contact", "urn", "school"), ("posting", "urn", "school"),
                               ("involvement", "contact_ref", "contact"), ("step", "contact_ref", "contact")):  # fmt: skip
        lost = f"SELECT count(*) FROM '{{f}}/{child}.parquet' ANTI JOIN '{{f}}/{parent}.parquet' USING ({key})"
        assert rows(tiny, lost) == [(0,)], child
    known = rows(tiny, "SELECT count(*) FROM '{f}/involvement.parquet' ANTI JOIN '{f}/roll.parquet' USING (pupil_ref) "
                       "WHERE pupil_ref <> 'not_identified'")  # fmt: skip
    total = rows(tiny, "SELECT count(*) FROM '{f}/involvement.parquet'")[0][0]
    assert known[0][0] < total / 20  # who came and left between two Januaries is on no census


def test_what_is_expected_of_a_force_is_that_of_its_chunks(tmp_path: Path) -> None:
    one = write_chunks_into(tmp_path / "one", TINY[:1])
    alone = expected_within_school(draw_world(TINY[0], MANY, (1, 0)))
    assert within_school(one, MANY) == alone
    three = write_chunks_into(tmp_path / "three", TINY)
    assert three.pupil_days.sum() > 2 * one.pupil_days.sum()


def write_chunks_into(folder: Path, shapes: tuple[Shape, ...]):  # type: ignore[no-untyped-def]
    folder.mkdir()
    return write_chunks(folder, shapes, truth=MANY, seed=1, workers=1)[ALL_YEARS]


# --- plans


@pytest.mark.parametrize("size", PLANS)
def test_chunks_are_small_and_their_numbers_cannot_meet(size: str) -> None:
    shapes = chunks_of(size)
    assert [shape.chunk for shape in shapes] == list(range(len(shapes)))
    assert max(shape.n_schools for shape in shapes) <= SCHOOLS_A_CHUNK < URNS_A_CHUNK
    for shape in shapes:  # pupils ever there: below the million that a chunk's numbers have
        ever = sum(k.n_schools * k.cohort[1] * (k.high - k.low + 2 + shape.n_years) for k in shape.kinds)
        assert ever < 10**6
        assert sum(shape.ethnic_shares) == pytest.approx(1, abs=0.001)  # four decimals in the file


def test_london_is_as_large_as_the_school_census_says() -> None:
    """January 2019: 1,816 primary, 513 secondary, 149 special, 58 referral units, 446 independent; 33 authorities."""
    shapes = chunks_of("london")
    n = {
        phase: sum(k.n_schools for s in shapes for k in s.kinds if k.phase == phase)
        for phase in ("PS", "SS", "SP", "PR", "AT")
    }
    assert n == {"PS": 1816, "SS": 513, "SP": 149, "PR": 58, "AT": 446}
    assert len({shape.borough for shape in shapes}) == 33


def test_england_has_the_schools_of_its_census() -> None:
    """January 2019: 16,769 primary, 3,448 secondary, 1,044 special, 352 referral units; independent schools beside them."""
    shapes = chunks_of("england")
    n = {
        phase: sum(k.n_schools for s in shapes for k in s.kinds if k.phase == phase)
        for phase in ("PS", "SS", "SP", "PR")
    }
    # areas of the list of 151; the file has a few schools of no listed area
    assert n["PS"] == pytest.approx(16769, rel=0.02) and n["SS"] == pytest.approx(3448, rel=0.02)


# --- failures


@pytest.fixture
def small_london(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(force, "chunks_of", lambda size: TINY)


def test_a_whole_force_with_its_truth(small_london: None, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    folder = force.write_force(
        tmp_path / "f", size="london", truth=MANY, workers=1, progress=lambda *row: told.append(row)
    )
    assert [n for n, _, _ in told] == list(range(len(TINY) + len(TABLES)))
    truth = tomllib.loads((folder / "truth.toml").read_text(encoding="utf-8"))
    chain = truth["expected_chain"]["B"]
    product = 1.0
    for name, factor in chain.items():
        product *= 1 if name == "total" else factor
    assert product == pytest.approx(chain["total"], rel=1e-5)  # six decimals each
    assert chain["total"] == pytest.approx(truth["expected_crude"]["charged"]["ethnicity"]["B"], rel=1e-5)
    assert truth["spread"]["load"] == 10


@pytest.mark.parametrize("at", [1, 4, 20])
def test_an_interrupt_leaves_nothing(at: int, small_london: None, tmp_path: Path) -> None:
    def stop(n: int, total: int, name: str) -> None:
        if n == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        force.write_force(tmp_path / "f", size="london", workers=2 if at == 1 else 1, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_an_area_of_two_chunks_answers_the_survey_as_one(tmp_path: Path) -> None:
    parts = tuple(replace(shape, borough="Area", part=n) for n, shape in enumerate(TINY[:2]))
    made_apart = [draw_tables(draw_world(shape, MANY, (1, shape.chunk)), (1, shape.chunk))["survey"] for shape in parts]
    write_chunks(tmp_path, parts, truth=MANY, seed=1, workers=1)
    keys = "wave, area, item, respondent, ethnicity, sex, sen_provision"
    asked = rows(
        tmp_path,
        f"SELECT area, count(DISTINCT ({keys})), count(*), sum(n_asked::INT), sum(n_agreed::INT) FROM '{{f}}/survey.parquet' GROUP BY area",
    )
    n_lines = len(made_apart[0]["wave"])
    added = [sum(int(n) for one in made_apart for n in one[name]) for name in ("n_asked", "n_agreed")]  # type: ignore[attr-defined]
    assert asked == [("Area", n_lines, n_lines, *added)]
    assert rows(tmp_path, "SELECT area FROM '{f}/survey.parquet' EXCEPT SELECT borough FROM '{f}/school.parquet'") == []


@pytest.mark.skipif(sys.platform != "linux", reason="the processes of a process are listed in /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_a_force_that_was_ended(how: signal.Signals, tmp_path: Path) -> None:
    code = "from dueregard.cli import run; run()"
    parent = subprocess.Popen(
        [sys.executable, "-c", code, "synth", str(tmp_path / "f"), "--size", "london"], stderr=subprocess.PIPE
    )
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    ends = time.monotonic() + 60
    while (
        len(workers := children.read_text().split()) < 3 and time.monotonic() < ends
    ):  # two, and who keeps count of resources
        time.sleep(0.1)
    time.sleep(1)
    parent.send_signal(how)
    _, err = parent.communicate(timeout=60)
    while (left := [pid for pid in workers if _is_running(pid)]) and time.monotonic() < ends:
        time.sleep(0.1)
    assert left == [] and not (tmp_path / "f").exists()
    if how != signal.SIGKILL:
        assert parent.returncode == 130 and b"Stopped." in err and b"Traceback" not in err
        assert list(tmp_path.iterdir()) == []


def _is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


FULL = """
import resource, signal, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from dueregard.cli import run
run(["synth", sys.argv[1], "--size", "london"])
"""


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """No file may grow beyond 20 kB: the roll of the first chunks fails, in the processes that make them."""
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path / "f")], capture_output=True, text=True)
    assert done.returncode == 6, done.stderr
    assert "Traceback" not in done.stderr and "cannot be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


FULL_WITH_DIRT = """
import resource, signal, sys
from pathlib import Path
from dueregard.synth.dirt import to_csv
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    to_csv(Path(sys.argv[1]))
except OSError as fault:
    print("refused:", fault)
"""


def test_a_full_disk_is_met_while_faults_are_planted_too(tmp_path: Path) -> None:
    """The tables of a big force are written anew as text; what the database says of the disk names no path."""
    write_chunks(tmp_path, TINY, truth=Truth(), seed=1, workers=1)
    done = subprocess.run([sys.executable, "-c", FULL_WITH_DIRT, str(tmp_path)], capture_output=True, text=True)
    assert done.stdout == "refused: the disk is full, or the folder cannot be written\n", done.stderr


def test_a_big_source_that_guards_its_counts_sends_counts(tmp_path: Path) -> None:
    """The same pupils as the roll by pupil, in January; small counts hidden between bounds, the others rounded."""
    guarded = tmp_path / "guarded"
    guarded.mkdir()
    write_chunks(guarded, TINY, truth=Truth(suppress_below=3, round_to=5), seed=1, workers=1)
    whole = rows(tmp_path / "guarded", "SELECT state, n_pupils, at_least, at_most FROM '{f}/roll.parquet'")
    assert {row[0] for row in whole} == {"counted", "suppressed"}
    assert all(int(n) % 5 == 0 for state, n, *_ in whole if state == "counted")
    assert {tuple(row[1:]) for row in whole if row[0] == "suppressed"} == {("", "1", "2")}
    plain = tmp_path / "plain"
    plain.mkdir()
    write_chunks(plain, TINY, truth=Truth(), seed=1, workers=1)
    by_sex = "SELECT urn, census_on, sex, {n} FROM '{{f}}/roll.parquet' WHERE census_on LIKE '%-01-%' AND {where} ORDER BY ALL"
    shown = rows(guarded, by_sex.format(n="n_pupils::INT", where="tabulation = 'all:by_sex' AND state = 'counted'"))
    counted = rows(plain, by_sex.format(n="count(*)", where="enrolment_status IN ('C', 'M') GROUP BY ALL"))
    assert len(shown) == len(counted) > 0
    assert all((*place, (n + 2) // 5 * 5) == tuple(seen) for (*place, n), seen in zip(counted, shown, strict=True))
