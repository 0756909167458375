"""`verify` finds a changed number of a study: models with their seed, chains, gates. A borough has them all."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil

import pytest

from dueregard import steps

pytestmark = pytest.mark.xdist_group("borough report")


def test_a_borough_has_every_study(borough_content):
    studies = borough_content.studies
    assert len(studies.pathways) == 4 and studies.gates is not None
    assert len(studies.crossings) == len(studies.doubts) == 1


def _signed(document: dict) -> bytes:
    """The document with a hash of its own that fits, as a forger would write it."""
    rest = {key: value for key, value in document.items() if key != "sha256"}
    text = json.dumps(rest, ensure_ascii=False, indent=1, allow_nan=False)
    return (
        json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest()} | rest, ensure_ascii=False, indent=1) + "\n"
    ).encode()


FORGED = {
    "a factor of a chain": lambda s: s["pathways"][0]["answer"]["factors"][1]["ratio"],
    "a rate of a model": lambda s: s["intersections"][0]["answer"]["strata"][0]["rate_per_1000"],
    "an imputed ratio": lambda s: s["sensitivities"][0]["answer"]["groups"][0]["imputed"]["ratio"],
    "a share at a gate": lambda s: s["gates"]["figures"][0]["groups"][0]["rate_per_1000"],
}


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=() if n % 2 == 0 else pytest.mark.deep) for n, what in enumerate(FORGED)]
)
def test_a_forged_number_of_a_study_is_found(borough_report, tmp_path, what):
    """One last digit of each kind of study, in one document with a hash that fits."""
    document = json.loads((borough_report / "figures.json").read_text())
    assert _signed(document) == (borough_report / "figures.json").read_bytes()
    report = tmp_path / "report"
    shutil.copytree(borough_report, report)
    forged, find = copy.deepcopy(document), FORGED[what]
    found = find(forged["studies"])
    found["upper"] = float(f"{found['upper'] * 1.00001:.6g}")
    assert found["upper"] != find(document["studies"])["upper"]
    (report / "figures.json").write_bytes(_signed(forged))
    assert any("figures.json does not follow" in fault for fault in steps.verify(report))


def test_a_forged_count_of_a_study_is_found(borough_report, borough_snapshot, tmp_path):
    """A chain's cell with a contact more: the factors no longer follow, and the snapshot tells where."""
    document = json.loads((borough_report / "figures.json").read_text())
    pathway = document["studies"]["pathways"][0]
    lines, group = pathway["chain_cells"], pathway["id"].rsplit("-", 1)[1]  # a cell of the group that it is about
    at = next(n for n, line in enumerate(lines) if f'"{group}"' in line and not line.endswith("[0]]"))
    school, officer, codes, exposure, reached = json.loads(lines[at])
    lines[at] = json.dumps([school, officer, codes, exposure, [reached[0] + 1, *reached[1:]]], separators=(",", ":"))
    report = tmp_path / "report"
    shutil.copytree(borough_report, report)
    (report / "figures.json").write_bytes(_signed(document))
    faults = steps.verify(report, snapshot_path=borough_snapshot)
    assert any("figures.json does not follow" in fault for fault in faults), faults
    name = document["studies"]["pathways"][0]["id"]
    assert f"{name}: the counts are not those of the snapshot." in faults
