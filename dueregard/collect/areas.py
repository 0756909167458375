"""Areas on the map: boundaries from a shapefile, and in which of them a point lies.

An area stands in the tables as a `school` row of type `area`, its residents as its roll. Sources that speak of the
same areas meet here: units that one source joins are joined in all.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from dueregard.collect.database import add_rows
from dueregard.collect.profiles.filling import Present, fill, has_table
from dueregard.errors import SourceError
from dueregard.evidence.raw import quoted

# The census publishes the City of London (few residents) with Westminster: one unit, on both sides.
JOINED = {"E09000033": "E09000001"}
JOINED_NAMES = {"E09000001": "City of London and Westminster"}
NO_PLACE, ELSEWHERE = "unknown", "elsewhere"
NAMES = {NO_PLACE: "Place not known", ELSEWHERE: "In none of the areas"}
CODE_FIELD, NAME_FIELD = re.compile(r"[A-Z]+\d{2}CD"), re.compile(r"[A-Z]+\d{2}NM")
MOST_BYTES = 256 * 2**20  # unpacked; London's boundaries have 0.2 MB
PARTS = (".shp", ".dbf", ".prj")
DRAWN = "_drawn_area"  # scratch table: the areas that boundaries draw, once a source has drawn them


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Areas and their shapes, in the coordinates of `crs`. Several shapes may belong to one area."""

    file: str
    sha256: str
    codes: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    shapes: tuple[Any, ...]
    crs: Any

    @property
    def areas(self) -> tuple[tuple[str, str], ...]:
        """(code, name) of each area once, by code."""
        return tuple(sorted(dict(self.names).items()))


def joined(code: str) -> str:
    """The unit to which an area belongs in every source.

    >>> joined("E09000033"), joined("E09000002")
    ('E09000001', 'E09000002')
    """
    return JOINED.get(code, code)


def urn_of(code: str) -> str:
    return f"area:{code}"


def _needed() -> tuple[ModuleType, ModuleType, ModuleType]:
    try:
        import pyproj
        import shapefile
        import shapely
    except ImportError as fault:
        raise SourceError("Boundaries need the libraries pyshp, shapely and pyproj.",
                          try_this="`pip install 'dueregard[areas]'`.") from fault  # fmt: skip
    return shapefile, shapely, pyproj


def find_boundaries(folder: Path) -> Path:
    """The one archive (.zip) in this folder that holds a shapefile.

    Raises SourceError if there is none, or more than one.
    """
    found = [file for file in sorted(folder.iterdir()) if file.suffix.lower() == ".zip" and _members(file)]
    if len(found) == 1:
        return found[0]
    if found:
        raise SourceError(
            f"The folder holds boundaries twice: {', '.join(f.name for f in found)}.", try_this="keep one."
        )
    torn = [
        file.name for file in sorted(folder.iterdir()) if file.suffix.lower() == ".zip" and not zipfile.is_zipfile(file)
    ]
    if torn:
        raise SourceError(
            f"`{torn[0]}` is torn or no zip, so no stop can be put into an area.", try_this="download it again."
        )
    raise SourceError("The folder holds no boundaries, so no stop can be put into an area.",
                      try_this="put the zip of a shapefile beside the stops, such as the boroughs of the ONS.")  # fmt: skip


def _members(path: Path) -> dict[str, zipfile.ZipInfo]:
    """The parts of the shapefile in an archive, by ending; empty if it holds none."""
    try:
        with zipfile.ZipFile(path) as archive:
            every = [m for m in archive.infolist() if Path(m.filename).suffix.lower() in PARTS]
    except (zipfile.BadZipFile, OSError):
        return {}
    return (
        {Path(m.filename).suffix.lower(): m for m in every}
        if any(m.filename.lower().endswith(".shp") for m in every)
        else {}
    )


def read_boundaries(path: Path) -> Boundaries:
    """The areas of a zipped shapefile, in memory; nothing is unpacked to a disk.

    Raises SourceError if it is no such file, lacks codes and names such as LAD22CD and LAD22NM, or is too large.
    """
    shapefile, shapely, pyproj = _needed()
    parts = _parts(path)
    try:
        with shapefile.Reader(shp=io.BytesIO(parts[".shp"]), dbf=io.BytesIO(parts[".dbf"])) as reader:
            fields = [field.name for field in reader.fields if field.name != "DeletionFlag"]
            records = [list(record) for record in reader.records()]
            shapes = tuple(shapely.geometry.shape(shape.__geo_interface__) for shape in reader.shapes())
        crs = pyproj.CRS.from_wkt(parts[".prj"].decode("ascii", "replace"))
    except Exception as fault:  # three libraries, each with errors of its own; none is of use to a reader
        raise SourceError(f"{path.name} is not a whole shapefile.", try_this="download it again.") from fault
    code, name = _field(path, fields, CODE_FIELD), _field(path, fields, NAME_FIELD)
    codes = tuple(joined(str(record[code])) for record in records)
    names = tuple((c, JOINED_NAMES.get(c, str(record[name]))) for c, record in zip(codes, records, strict=True))
    return Boundaries(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), codes, names, shapes, crs)


def _parts(path: Path) -> dict[str, bytes]:
    found = _members(path)
    absent = [ending for ending in PARTS if ending not in found]
    if absent:
        raise SourceError(f"{path.name} lacks {', '.join(absent)} of a shapefile.", try_this="download it again.")
    if sum(member.file_size for member in found.values()) > MOST_BYTES:
        raise SourceError(f"{path.name} unpacks to more than {MOST_BYTES:,} bytes.", try_this="generalised boundaries.")
    with zipfile.ZipFile(path) as archive:
        return {ending: archive.read(member) for ending, member in found.items()}


def _field(path: Path, fields: list[str], form: re.Pattern[str]) -> int:
    found = [n for n, name in enumerate(fields) if form.fullmatch(name)]
    if len(found) != 1:
        raise SourceError(f"{path.name} has no field of codes and of names, such as LAD22CD and LAD22NM.",
                          try_this="boundaries as the ONS publishes them.")  # fmt: skip
    return found[0]


def place(boundaries: Boundaries, points: Sequence[tuple[float, float]]) -> list[str]:
    """In which area does each (longitude, latitude) lie? On a border: the first by code. In none: `elsewhere`."""
    _, shapely, pyproj = _needed()
    if not points:
        return []
    transform = pyproj.Transformer.from_crs("EPSG:4326", boundaries.crs, always_xy=True)
    east, north = transform.transform([p[0] for p in points], [p[1] for p in points])
    hit, shape = shapely.STRtree(boundaries.shapes).query(shapely.points(east, north), predicate="intersects")
    found: dict[int, str] = {}
    for n, k in zip(hit.tolist(), shape.tolist(), strict=True):
        found[n] = min(found.get(n, boundaries.codes[k]), boundaries.codes[k])
    return [found.get(n, ELSEWHERE) for n in range(len(points))]


def fill_areas(connection: Any, source: str) -> Present:
    """Add a `school` row for each (code, name) of `source`, but for areas that another source has brought."""
    known = "SELECT urn FROM raw_school" if has_table(connection, "raw_school") else "SELECT NULL WHERE 1 = 0"
    columns = {"urn": "'area:' || code", "name": "name", "borough": "name", "la_code": "''", "phase": "'not_collected'",
               "type": "'area'", "opened_on": "''"}  # fmt: skip
    return fill(connection, "school", columns, f"(SELECT * FROM {source} WHERE 'area:' || code NOT IN ({known}))")


def draw(connection: Any, codes: Sequence[str]) -> None:
    """Remember which areas boundaries draw: the residents of others are no denominator here."""
    connection.execute(f"CREATE TABLE IF NOT EXISTS {DRAWN} (urn VARCHAR)")
    add_rows(connection, DRAWN, ["urn"], [[urn_of(code)] for code in codes])


def settle(connection: Any) -> None:
    """Where one source has drawn areas and another counted residents: keep the residents of the drawn ones alone.

    Nobody lives in `area:unknown` or `area:elsewhere`: their rolls are not applicable, which is known, and not a
    roll that was not collected. So a stop without a place counts in figures of all areas together, and adds nothing
    to a comparison within areas.
    """
    if not (has_table(connection, DRAWN) and has_table(connection, "raw_roll")):
        return
    for name in ("raw_school", "raw_roll"):
        connection.execute(f"DELETE FROM {name} WHERE urn LIKE 'area:%' AND urn NOT IN (SELECT urn FROM {DRAWN})")
    nowhere = ", ".join(quoted(urn_of(code)) for code in NAMES)
    connection.execute(
        "INSERT INTO raw_roll (_file, _line, urn, census_on, year_group, sex, ethnicity, sen_provision, sen_type, disability, "
        "is_fsm, tabulation, n_pupils, state) SELECT DISTINCT r._file, '1', d.urn, r.census_on, r.year_group, r.sex, r.ethnicity, "
        "r.sen_provision, r.sen_type, r.disability, r.is_fsm, r.tabulation, '', 'not_applicable' "
        f"FROM raw_roll AS r, {DRAWN} AS d WHERE d.urn IN ({nowhere}) AND r.urn LIKE 'area:%' "
        "AND NOT EXISTS (SELECT 1 FROM raw_roll AS x WHERE x.urn = d.urn)"
    )
