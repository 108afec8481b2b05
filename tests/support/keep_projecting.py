"""A process that relays and projects until it is killed; it says one line each time a ledger has moved on.

Usage: ``python -m tests.support.keep_projecting FOLDER``, with the SQLite files of ``tests.support.two_contexts``.
"""

import sys
from pathlib import Path

from tests.support.two_contexts import TwoContexts


def main(folder: Path) -> None:
    contexts = TwoContexts(folder)
    while contexts.round(limit=40):
        sys.stdout.write("moved\n")
        sys.stdout.flush()
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
