"""How far a caller sees documents: by class, and drafts as far as they may write themselves."""

from services.research.ledgers.documents import Seen
from shared.security.classes import DocumentClass
from shared.security.policy import Permission, reach
from shared.security.principal import Principal


def seen_by(principal: Principal) -> Seen:
    """Return what the principal sees; under a mandate only the classes that it names."""
    classes = {c.value: reach(principal, Permission.SEE_DOCUMENT, c.value) for c in DocumentClass}
    return Seen(classes, reach(principal, Permission.WRITE_DOCUMENT))
