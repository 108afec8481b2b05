"""``after=`` on a search: wait until the register has applied the token and the index has its documents."""

import time

from sqlalchemy import select

from services.search.ledgers.register import DOCUMENTS, NAME
from shared.application.tokens import Token
from shared.security.policy import Reach
from shared.service import Reader

SECONDS = 3.0
POLL_SECONDS = 0.01


def wait_until_indexed(reader: Reader, token: Token, reach: Reach) -> bool:
    """Return True once a search would see the token's version; False when the bound ran out (同步中).

    A document out of reach is not waited for: no search would see it.
    """
    deadline = time.monotonic() + SECONDS
    if not reader.wait_for(NAME, token, SECONDS):
        return False
    waiting = select(DOCUMENTS.c.id).where(DOCUMENTS.c.stream == str(token.stream), DOCUMENTS.c.dirty).limit(1)
    while True:
        with reader.read(NAME, reach) as reading:
            if reading.scalar(waiting) is None:
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
