"""`python -m benchmarks [B1 B4 ...] [--whole]`: measure, print the table, exit 1 when a budget is missed.

Without `--whole` the long measurements are of a smaller size, which their line of the table names. `--profile
[postgresql]` shows where the time of a line goes instead.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import sys

from benchmarks.profile import main as profile
from benchmarks.table import Figure, show

ALL = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10", "B11")
WHOLE, PROFILE = "--whole", "--profile"


async def measure(ids: list[str], whole: bool) -> list[Figure]:
    found: list[Figure] = []
    for id in ids:
        print(f"measuring {id} ...", file=sys.stderr, flush=True)
        module = importlib.import_module(f"benchmarks.{id.lower()}")
        found.extend(await module.measure(**(getattr(module, "WHOLE", {}) if whole else {})))
    return found


def main(asked: list[str]) -> int:
    if PROFILE in asked:
        return profile([a for a in asked if a != PROFILE])
    whole = WHOLE in asked
    ids = [a.upper() for a in asked if a != WHOLE] or list(ALL)
    unknown = [id for id in ids if id not in ALL]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}. There are {', '.join(ALL)}.", file=sys.stderr)
        return 2
    logging.disable(logging.WARNING)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what it started is stopped with it
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    good = show(asyncio.run(measure(ids, whole)))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
