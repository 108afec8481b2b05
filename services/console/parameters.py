"""What several pages are asked with: who looks, the token of what they just did, what was done, an id."""

from typing import Annotated

from fastapi import Depends, Query

from services.console.session import SignedIn, Visitor

User = Annotated[Visitor, Depends(SignedIn())]
Token = Annotated[str | None, Query(max_length=400)]
"""``after=``: the page waits until the ledgers know it, so that people see their own words."""

Said = Annotated[str | None, Query(max_length=20)]
"""``said=``: a key of the page's own sentences on what was done."""

Id = Annotated[str | None, Query(max_length=36)]
