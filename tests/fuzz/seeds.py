"""Where the fuzzer begins: small whole tables in every spelling that is read, and the shared attack files."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.ways import CANARY, folder

SCHOOL = (
    "urn,name,borough,la_code,phase,type,opened_on\n"
    "100000,School A,Northborough,901,SS,,\n"
    '100001,"School ""B"", upper",Northborough,901,SS,,2001-09-01\n'
    f"100002,{CANARY},Südborough,902,PS,,\n"
)
CONTACT = (
    "contact_ref,urn,pupil_ref,ethnicity,sen_provision,sex,year_group,contact_date,officer_ref,reason,outcome\n"
    "C00001,100001,P000001,BCRB,K,F,8,2025-02-02,SSO001,asb,nfa\n"
    "C00002,100002,P000002,BAFR,E,M,9,2025-03-03,SSO002,weapon,community_resolution\n"
    f"C00003,100003,{CANARY},MWBC,N,F,10,2025-04-04,SSO003,theft,referral\n"
)
ROLL = (
    "snapshot_date,urn,pupil_ref,ethnicity,sen_provision,sex,year_group\n"
    "2025-01-16,100001,P000001,BCRB,K,F,8\n"
    "2025-01-16,100001,P000002,BAFR,E,M,9\n"
)


def seeds(attacks: Path | None) -> dict[str, bytes]:
    """Inputs by name; the attack files where they are at hand, without the long ones."""
    found: dict[str, bytes] = {}
    for name, text in (("school", SCHOOL), ("contact", CONTACT), ("roll", ROLL)):
        for spelled, data in _spellings(text).items():
            found[f"{name}-{spelled}"] = data
    found["school-parquet"] = _parquet(SCHOOL)
    if attacks is not None and attacks.is_dir():
        found |= {f.name: f.read_bytes() for f in sorted(attacks.glob("*.csv")) if f.stat().st_size < 20_000}
    return found


def _spellings(text: str) -> dict[str, bytes]:
    plain = text.encode()
    return {
        "lf": plain,
        "crlf": plain.replace(b"\n", b"\r\n"),
        "cr": plain.replace(b"\n", b"\r"),
        "no_end": plain.rstrip(b"\n"),
        "bom": b"\xef\xbb\xbf" + plain,
        "utf16": text.encode("utf-16"),
        "utf32": text.encode("utf-32"),
        "semicolons": plain.replace(b",", b";"),
        "tabs": plain.replace(b",", b"\t"),
        "bars": plain.replace(b",", b"|"),
        "mixed": plain.replace(b"\n", b"\r\n", 2),
        "blank": plain.replace(b"\n", b"\n,,,\n\n", 2),
        "header": plain[: plain.index(b"\n") + 1],
    }


def _parquet(text: str) -> bytes:
    import duckdb

    with folder() as name:
        source, target = Path(name) / "a.csv", Path(name) / "a.parquet"
        source.write_text(text, encoding="utf-8")
        duckdb.connect().execute(
            f"COPY (SELECT * FROM read_csv('{source}', all_varchar=true)) TO '{target}' (FORMAT parquet)"
        )
        return target.read_bytes()
