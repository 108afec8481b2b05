"""``after=`` on a search: wait until the register has applied the token and the index has its documents."""

import time

from sqlalchemy import exists, select

from services.search.ledgers.register import DOCUMENTS, NAME
from shared.application.tokens import Token
from shared.service import Reader

SECONDS = 3.0
POLL_SECONDS = 0.01


def wait_until_indexed(reader: Reader, token: Token) -> bool:
    """Return True once a search would see the token's version; False when the bound ran out (同步中)."""
    deadline = time.monotonic() + SECONDS
    if not reader.wait_for(NAME, token, SECONDS):
        return False
    waiting = select(exists().where(DOCUMENTS.c.stream == str(token.stream), DOCUMENTS.c.dirty))
    while True:
        with reader.read(NAME) as reading:
            if not reading.scalar(waiting):
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
