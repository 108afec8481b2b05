"""Headers as the server hands them over, for the layers that see a request before any route does."""

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return the first header of this name (in lower case), or None."""
    return next((bytes(value) for key, value in scope["headers"] if key == name), None)


def is_json(scope: Scope) -> bool:
    """Tell whether the request says that its body is JSON: its media type does, whatever parameters follow it."""
    return any(
        name == b"content-type" and b"json" in value.partition(b";")[0].lower() for name, value in scope["headers"]
    )
