"""The engine for more than one machine: Spark, over the same Parquet files, by the same SQL."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import date
from typing import Any

from dueregard.engines.prepared import has_prepared, is_prepared, prepared_path
from dueregard.engines.spark_remote import as_the_active_one
from dueregard.engines.sql_engine import Rows, SqlEngine
from dueregard.engines.sql_prepared import PREPARED
from dueregard.errors import EngineUnavailable
from dueregard.evidence.snapshot import Snapshot
from dueregard.records.table import Table
from dueregard.records.tables import TABLES

TYPES = {"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ"}  # else the same word
# Settings of our own session; no other session of that Spark sees them.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # a sum that overflows is an error, never another number
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",  # a time is what stands in the file
    "spark.sql.caseSensitive": "false",
}
# A small snapshot is one piece and stays one: dealing rows out, and compiling each query, costs more than it saves.
IN_ONE_PIECE = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
SMALL = 100_000  # rows of the largest table
IN_HAND = 2_000  # rows of a table that this computer reads itself, for the Spark that it runs itself
IN_TEXT = 500  # rows made here that are written into the query; more go as Arrow


class SparkEngine(SqlEngine):
    """Counts a snapshot with Spark.

    session: one of its own, classic or Connect (`local_session`, `remote_session`); its settings and temporary views
    are changed. Where it is remote, the cluster must read the snapshot's folder under the same path. Only counts and
    lists of schools come back. Raises EngineUnavailable where Spark refuses or goes away.
    """

    def __init__(self, snapshot: Snapshot, session: Any, *, is_remote: bool = False, is_own: bool = False) -> None:
        super().__init__(frozenset(t.name for t in TABLES if snapshot.has(t.name)))
        self._session = session
        self._is_remote = is_remote
        self._kept: list[Any] = []
        self._is_small = is_small(snapshot)
        if is_own:
            weakref.finalize(self, _ended, session)
        with _told():
            for name, value in (SETTINGS | (IN_ONE_PIECE if self._is_small else {})).items():
                session.conf.set(name, value)
            for table in TABLES:
                self._open(table, snapshot)
            if not self._is_small and is_prepared(snapshot):
                self._open_prepared(snapshot)

    def _open_prepared(self, snapshot: Snapshot) -> None:
        """Take what the snapshot has prepared: the pupil's one value and all that follows is not worked out again."""
        for one in PREPARED:
            if one.is_kept and has_prepared(snapshot, one):
                self._session.read.parquet(prepared_path(snapshot, one).resolve().as_uri()).createOrReplaceTempView(
                    one.name
                )
                self._made.add(one.name)

    def _open(self, table: Table, snapshot: Snapshot) -> None:
        columns = {c.name: c.sql_type for c in table.columns}
        n_rows = snapshot.manifest.rows.get(table.name, 0)
        if n_rows <= (0 if self._is_remote else IN_HAND):
            self.load_table(table.name, columns, _read_here(snapshot, table) if n_rows else [])
            return
        described = ", ".join(f"`{name}` {spark_type(kind)}" for name, kind in columns.items())
        # `file:` because the default file system of a cluster may be another one.
        found = self._session.read.schema(described).parquet(snapshot.file(table.name).resolve().as_uri())
        self._name(table.name, found)

    def _name(self, name: str, frame: Any) -> None:
        (frame.coalesce(1) if self._is_small else frame).createOrReplaceTempView(name)

    def fetch(self, text: str) -> Rows:
        with _told():
            return [tuple(row) for row in self._session.sql(text).collect()]

    def make_table(self, name: str, text: str) -> None:
        """A small one is worked out when it is first read, a large one now; both once, and kept until forgotten."""
        with _told(), as_the_active_one(self._session) if self._is_remote else nullcontext():
            kept = self._session.sql(text).localCheckpoint(eager=not self._is_small)
            self._kept.append(kept)  # a cluster forgets what nobody here holds
            # Its columns as new ones: else Spark takes them for those of the table that they came from, and loses them in a join of both.
            self._name(name, kept.toDF(*kept.columns))

    def load_table(self, name: str, columns: dict[str, str], rows: Rows) -> None:
        described = {column: spark_type(kind) for column, kind in columns.items()}
        with _told():
            if not rows:
                # Known to be empty, so that Spark leaves out what would be joined to it.
                self._session.sql(empty_sql(described)).createOrReplaceTempView(name)
            elif len(rows) <= IN_TEXT:
                self._name(name, self._session.sql(rows_sql(described, rows)))
            else:
                self._name(name, self._handed(described, rows))

    def _handed(self, described: dict[str, str], rows: Rows) -> Any:
        import pyarrow

        names = [f"c{n}" for n in range(len(described))]
        columns = [pyarrow.array([row[n] for row in rows]) for n in range(len(described))]
        frame = self._session.createDataFrame(pyarrow.table(columns, names=names))
        return frame.selectExpr(*_casts(described))


def is_small(snapshot: Snapshot) -> bool:
    """Is it better counted in one piece?"""
    return max(snapshot.manifest.rows.values(), default=0) < SMALL


@contextmanager
def _told() -> Iterator[None]:
    """Spark's refusal as a letter. Its own words may quote rows, so only their kind is told."""
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as fault:
        kind = fault.getCondition() or type(fault).__name__
        raise EngineUnavailable(f"Spark did not answer: {kind}.", try_this=_advice(kind)) from fault


def _advice(kind: str) -> str:
    if "PATH_NOT_FOUND" in kind or "READ_FILE" in kind:
        return "the snapshot where every computer of the cluster may read it, under the same path as here."
    return "it again; if Spark went away meanwhile, look at its own log."


def _ended(session: Any) -> None:
    """Give a cluster back what our session kept there."""
    with suppress(Exception):
        session.stop()


def _read_here(snapshot: Snapshot, table: Table) -> Rows:
    import pyarrow.parquet

    found = pyarrow.parquet.read_table(snapshot.file(table.name), partitioning=None)
    return list(zip(*(found.column(c.name).to_pylist() for c in table.columns), strict=True))


def spark_type(kind: str) -> str:
    return TYPES.get(kind, kind)


def _casts(described: dict[str, str]) -> list[str]:
    return [f"CAST(c{n} AS {kind}) AS `{name}`" for n, (name, kind) in enumerate(described.items())]


def empty_sql(described: dict[str, str]) -> str:
    """No row, with these columns."""
    return f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS `{name}`' for name, kind in described.items())} WHERE 1 = 0"


def rows_sql(described: dict[str, str], rows: Rows) -> str:
    """These rows, written out.

    >>> rows_sql({"urn": "STRING"}, [("it's",)])
    "SELECT CAST(c0 AS STRING) AS `urn` FROM VALUES ('it\\\\'s') AS t(c0)"
    """
    written = ", ".join("(" + ", ".join(map(_written, row)) + ")" for row in rows)
    names = ", ".join(f"c{n}" for n in range(len(described)))
    return f"SELECT {', '.join(_casts(described))} FROM VALUES {written} AS t({names})"


def _written(value: Any) -> str:
    """A value in Spark's SQL; days and times as text, which the cast reads."""
    if value is None:
        return "NULL"
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value)
