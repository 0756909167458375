"""Every benchmark in one run: what, seconds, times what, goal. Compare the ratios; seconds belong to a machine."""

from __future__ import annotations

import platform

from benchmarks import (
    attack_files,
    big_file,
    decompose,
    disclosure,
    intervals,
    multilevel,
    real_files,
    releasing,
    report,
    scale,
    sensitivity,
    service,
    service_london,
)


def main() -> None:
    print(
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}. Medians; answers proven equal first."
    )
    header = f"{'what':<48} {'seconds':>9} {'ratio':>8}  {'goal':<16} {'peak MiB':>8}  times what"
    print(header, "-" * len(header), sep="\n")
    for found in [
        *intervals.measure(),
        *decompose.measure(),
        *multilevel.measure(),
        *real_files.measure(),
        *report.measure(),
        *sensitivity.measure(),
        *disclosure.measure(),
        *releasing.measure(),
        *attack_files.measure(),
        *big_file.measure(),
        *service.measure(),
        *service_london.measure(),
        *scale.measure("london"),
    ]:
        goal = found.get("limit") or (f"{found['goal']} x" if found.get("goal") else "")
        peak = f"{found['peak_mib']:.0f}" if found.get("peak_mib") else ""
        ratio = f"{found['ratio']:.2f}" if found.get("ratio") is not None else ""
        print(
            f"{found['name']:<48} {found['seconds']:>9.3f} {ratio:>8}  {goal:<16} {peak:>8}  {found.get('against') or ''}",
            flush=True,
        )


if __name__ == "__main__":
    main()
