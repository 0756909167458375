"""A source of two schools and a handful of counts, so that its report is made and verified quickly."""

from __future__ import annotations

from pathlib import Path


def write_small(folder: Path) -> Path:
    folder.mkdir()
    (folder / "school.csv").write_text(
        "urn,name,borough,la_code,phase,type,opened_on\n1,One,North,,SS,,\n2,Two,South,,SS,,\n"
    )
    roll = [
        f"{urn},2024-01-18,{g},{n}" for urn in (1, 2) for g, n in (("WBRI", 400 * urn), ("BCRB", 90 + urn), ("REFU", 7))
    ]
    (folder / "roll.csv").write_text("urn,census_on,ethnicity,n_pupils,year_group,sex,sen_provision,sen_type,disability,is_fsm\n"
                                     + "\n".join(f"{row},all,all,all,all,all,all" for row in roll) + "\n")  # fmt: skip
    count = [
        f"{urn},2023/24,arrested,pupils,{g},{n}"
        for urn in (1, 2)
        for g, n in (("W", 4 + urn), ("B", 3 * urn), ("not_stated", 1))
    ]
    (folder / "stage_count.csv").write_text("urn,period,stage,unit,ethnicity,n,sex,sen_provision,disability,tabulation,state\n"
                                            + "\n".join(f"{row},all,all,all,all,counted" for row in count) + "\n")  # fmt: skip
    return folder
