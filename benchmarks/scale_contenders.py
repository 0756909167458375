"""The contenders of `benchmarks.scale`, each as a program: it prints its seconds, those of its processors, and a checksum of all cells.

A cell is (year, ethnicity, sen, sex) with -1 where it was added up, then pupil-years, and events and pupils of four stages.
"""

from __future__ import annotations

SUM = """
import hashlib
def clock():
    return time.perf_counter(), time.process_time()
def done(began, cells):
    took, cpu = (now - then for now, then in zip(clock(), began))
    lines = sorted(",".join(map(str, map(int, cell))) for cell in cells)
    print(took, cpu); print(len(lines), hashlib.sha256("\\n".join(lines).encode()).hexdigest()[:16])
"""
OPEN = (
    """
import sys, time
import duckdb, numpy
folder = sys.argv[1]
roll, steps = f"read_parquet('{folder}/peer_roll.parquet')", f"read_parquet('{folder}/peer_steps.parquet')"
"""
    + SUM
)
KEYS = "year, ethnicity, sen, sex"
CODES = ", ".join(f"coalesce({k}, -1)" for k in ("year", "ethnicity", "sen", "sex"))
EVENTS = ", ".join(f"count(*) FILTER (stage = {n})" for n in range(4))
PUPILS = ", ".join(f"count(DISTINCT pupil) FILTER (stage = {n})" for n in range(4))

FLOOR = (
    OPEN
    + f"""
began = clock()
c = duckdb.connect()
leaf = c.execute(f"SELECT {KEYS}, count(*) FROM {{roll}} GROUP BY ALL").fetchall()
events = c.execute(f"SELECT r.year, r.ethnicity, r.sen, r.sex, s.stage, count(*) FROM {{steps}} AS s JOIN {{roll}} AS r ON r.pupil = s.pupil AND r.year = s.year GROUP BY ALL").fetchall()
done(began, leaf + events)
"""
)
OF_CUBE = """
def merge(over, counted):
    known = {tuple(row[:4]): row[4:] for row in counted}
    return [(*row, *known.get(tuple(row[:4]), (0,) * 8)) for row in over]
"""
CUBE = (
    OPEN
    + OF_CUBE
    + f"""
began = clock()
c = duckdb.connect()
leaf = f"SELECT {KEYS}, count(*) AS n FROM {{roll}} GROUP BY ALL"
over = c.execute(f"SELECT {CODES}, sum(n) FROM ({{leaf}}) GROUP BY CUBE ({KEYS})").fetchall()
joined = f"SELECT r.year, r.ethnicity, r.sen, r.sex, s.stage, s.pupil FROM {{steps}} AS s JOIN {{roll}} AS r ON r.pupil = s.pupil AND r.year = s.year"
counted = c.execute(f"SELECT {CODES}, {EVENTS}, {PUPILS} FROM ({{joined}}) GROUP BY CUBE ({KEYS})").fetchall()
done(began, merge(over, counted))
"""
)
NAIVE = (
    OPEN
    + f"""
began = clock()
c = duckdb.connect()
rows = c.execute(f"SELECT {CODES}, count(DISTINCT pupil * 100 + year % 100), {EVENTS}, {PUPILS} FROM (SELECT r.*, s.stage FROM {{roll}} AS r LEFT JOIN {{steps}} AS s ON r.pupil = s.pupil AND r.year = s.year) GROUP BY CUBE ({KEYS})").fetchall()
done(began, rows)
"""
)
POLARS = (
    """
import sys, time
from itertools import product
import polars as pl
"""
    + SUM
    + OF_CUBE
    + """
began = clock()
folder, keys = sys.argv[1], ["year", "ethnicity", "sen", "sex"]
roll, steps = pl.scan_parquet(f"{folder}/peer_roll.parquet"), pl.scan_parquet(f"{folder}/peer_steps.parquet")
leaf = roll.group_by(keys).agg(pl.len().alias("n")).collect(engine="streaming")
joined = steps.join(roll, on=["pupil", "year"]).select(*keys, "stage", "pupil").collect(engine="streaming").lazy()
stage = [pl.col("stage") == n for n in range(4)]
asked = [x.sum().alias(f"e{n}") for n, x in enumerate(stage)] + [pl.col("pupil").filter(x).n_unique().alias(f"p{n}") for n, x in enumerate(stage)]
over, counted = [], []
for take in product([True, False], repeat=4):
    by = [k for k, t in zip(keys, take) if t]
    code = [pl.col(k).cast(pl.Int64) if t else pl.lit(-1, dtype=pl.Int64).alias(k) for k, t in zip(keys, take)]
    for source, what, into in ((leaf.lazy(), [pl.col("n").sum()], over), (joined, asked, counted)):
        grouped = source.group_by(by).agg(what) if by else source.select(what)
        into += grouped.select(*code, pl.exclude(keys)).collect(engine="streaming").rows()
done(began, merge(over, counted))
"""
)
SPARK = (
    """
import sys, time
from pyspark.sql import SparkSession
"""
    + SUM
    + OF_CUBE
    + f"""
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.driver.memory", "6g").config("spark.sql.shuffle.partitions", "8").getOrCreate()
spark.sparkContext.setLogLevel("OFF")
began = clock()
for name in ("roll", "steps"):
    spark.read.parquet(f"{{sys.argv[1]}}/peer_{{name}}.parquet").createOrReplaceTempView(name)
over = [tuple(r) for r in spark.sql("SELECT {CODES}, sum(n) FROM (SELECT {KEYS}, count(*) AS n FROM roll GROUP BY {KEYS}) GROUP BY CUBE ({KEYS})").collect()]
joined = "SELECT r.year, r.ethnicity, r.sen, r.sex, s.stage, s.pupil FROM steps AS s JOIN roll AS r ON r.pupil = s.pupil AND r.year = s.year"
counted = [tuple(r) for r in spark.sql(f"SELECT {CODES}, {EVENTS.replace("FILTER (", "FILTER (WHERE ")}, {PUPILS.replace("FILTER (", "FILTER (WHERE ")} FROM ({{joined}}) GROUP BY CUBE ({KEYS})").collect()]
done(began, merge(over, counted))
"""
)
OPEN_OURS = (
    """
import sys, time
import duckdb, numpy
from pathlib import Path
from benchmarks.load import STAGES
from dueregard import steps
from dueregard.measures.measure import Measure
"""
    + SUM
)
OUR_CUBE = """
cube = engine.cube(Measure(STAGES[0], by=("period", "ethnicity", "sen_provision", "sex")), STAGES)
codes = [{"all": -1, "W": 0, "B": 1, "A": 2, "M": 3, "O": 4}, {"all": -1, "N": 0, "K": 1, "E": 2}, {"all": -1, "F": 0, "M": 1}]
found = {}
for cell in cube.cells:
    key = (-1 if cell.period == "all" else int(cell.period[:4]), *(c.get(x, 5) for c, x in zip(codes, cell.codes)))
    found.setdefault(key, [0] * 9)[0] = cell.denominator
    n = STAGES.index(cell.stage)
    found[key][1 + n], found[key][5 + n] = cell.events, cell.pupils
done(began, [(*key, *numbers) for key, numbers in found.items()])
"""
OURS = (
    OPEN_OURS
    + """
began = clock()
engine = steps.open_engine(steps.open_snapshot(Path(sys.argv[2])))
"""
    + OUR_CUBE
)
OURS_ON_SPARK = (
    OPEN_OURS
    + """
from dueregard.engines.spark import SparkEngine
from dueregard.engines.spark_local import local_session
session = local_session()
session.range(1).collect()
began = clock()
engine = SparkEngine(steps.open_snapshot(Path(sys.argv[2])), session, is_own=True)
"""
    + OUR_CUBE
)
FAST, PEER, SLOW = "fast", "peer", "slow"  # how often it is run
# name: (the module that it needs, its program, how often it is run)
CONTENDERS = {
    "floor": ("duckdb", FLOOR, FAST),
    "ours": ("duckdb", OURS, FAST),
    "polars, streaming": ("polars", POLARS, FAST),
    "DuckDB, leaf first, CUBE with COUNT(DISTINCT)": ("duckdb", CUBE, PEER),
    "DuckDB, naive": ("duckdb", NAIVE, SLOW),
    "Spark local, its own SQL (session not counted)": ("pyspark", SPARK, PEER),
    "ours on Spark local, prepared tables (session not counted)": ("pyspark", OURS_ON_SPARK, SLOW),
}
