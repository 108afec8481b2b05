"""``python -m tests.golden.write``: write the golden files of new contract versions."""

import sys

from tests.golden.contracts import declared
from tests.golden.files import write_missing

for file in write_missing(declared()):
    sys.stdout.write(f"{file.name}\n")
