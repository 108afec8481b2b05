"""What can be taken once in this context besides a plan's text: the name of an agency."""

import unicodedata

from shared.eventstore.port import Claim

AGENCY_CLAIM = "agency-code"


def agency_claim(name: str) -> Claim:
    """Return the claim that registering an agency takes: names that people read as one are one."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    seen = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return Claim(AGENCY_CLAIM, " ".join(seen.split()))
