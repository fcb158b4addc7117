"""The command line: ``python -m benchmarks [--quick] [--json FILE] [NAME…]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.effort import FULL, QUICK
from benchmarks.results import table
from benchmarks.runner import GROUPS, run

DEFAULT_FILE = Path(__file__).parents[1] / "build" / "bench.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 when everything is within its budget, 1 when not."""
    parser = argparse.ArgumentParser(
        prog="dev.py bench", description="Measures the program against its budgets."
    )
    parser.add_argument("--quick", action="store_true", help="measure each thing less often")
    parser.add_argument("--json", type=Path, default=DEFAULT_FILE, metavar="FILE")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"only these groups: {', '.join(GROUPS)}",
    )
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in GROUPS]:
        parser.error(f"unknown: {', '.join(unknown)}; known are {', '.join(GROUPS)}")
    effort = QUICK if options.quick else FULL
    report = run(options.names or list(GROUPS), effort, lambda text: print(text, flush=True))
    report.write(options.json)
    told = table(report.rows, report.failures, report.skipped)
    print(f"\n{told}\n\nwritten to {options.json}")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
