"""Who asks, found out once for all that one request leads to in this process: a page asks a dozen services.

What changes something is asked about anew, and forgets what was known: it may end a session or give a role. So is
what names a token it comes after: what was known may be older.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from shared.application.tokens import Token
from shared.security.principal import Principal

_KNOWN: ContextVar[dict[tuple[str, Token | None], Principal] | None] = ContextVar("known", default=None)
_READING = {"GET", "HEAD"}


@contextmanager
def knowing() -> Iterator[None]:
    """Remember within; what is asked for on behalf of a request shares its memory."""
    if _KNOWN.get() is not None:
        yield
        return
    outermost = _KNOWN.set({})
    try:
        yield
    finally:
        _KNOWN.reset(outermost)


def known(
    bearer: str, after: Token | None, method: str, resolve: Callable[[str, Token | None], Principal | None]
) -> Principal | None:
    """Return whose token it is: for a reading request as remembered, else as ``resolve`` says now."""
    memory = _KNOWN.get()
    if memory is None:
        return resolve(bearer, after)
    if method not in _READING:
        memory.clear()
        return resolve(bearer, after)
    if (principal := memory.get((bearer, after))) is None and (principal := resolve(bearer, after)) is not None:
        memory[bearer, after] = memory[bearer, None] = principal
    return principal
