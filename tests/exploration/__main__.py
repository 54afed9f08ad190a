"""`python -m tests.exploration [--large] [NAME ...]`: explore, and print what was found. Exit status 1: a law is
broken, and the shortest story that breaks it has been printed."""

from __future__ import annotations

import argparse
import sys

from tests.exploration.bounds import LARGE, SMALL
from tests.exploration.laws import LAWS
from tests.exploration.search import explore
from tests.exploration.transcript import summary, told


def main() -> int:
    """Explore every bound, or those named."""
    parser = argparse.ArgumentParser(prog="python -m tests.exploration", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these bounds")
    parser.add_argument("--large", action="store_true", help="one step further than the tests; takes its time")
    given = parser.parse_args()
    bounds = [b for b in (LARGE if given.large else SMALL) if not given.names or b.name in given.names]
    if not bounds:
        parser.error(f"there are {', '.join(repr(b.name) for b in SMALL)}")
    say = sys.stdout.write
    say("Laws asked in every state and of every step:\n" + "".join(f"  {name}\n" for name in LAWS))
    for bound in bounds:
        found = explore(bound)
        say(summary(found) + "\n")
        if found.wrong:
            say(told(found) + "\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
