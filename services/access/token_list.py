"""The tokens for machines of an account that are in force, as the API shows them."""

from services.access.domain.account import AccountState
from services.access.ledgers import tokens
from services.access.schemas import TokenItem
from services.access.token_uses import TokenUses
from shared.security.extent import Extent
from shared.service import Runtime


def tokens_in_force(runtime: Runtime, uses: TokenUses, account: AccountState, extent: Extent) -> list[TokenItem]:
    """Return them, the newest first."""
    now = runtime.clock()
    with runtime.reader.read(tokens.NAME, extent) as reading:
        rows = tokens.tokens_of(reading, account.account_id)
    left = [r for r in rows if r.revoked is None and now < r.expires_at and account.admits_token(r.account_version)]
    used = uses.last_days([r.token_id for r in left])
    return [
        TokenItem(
            id=r.token_id,
            name=r.name,
            scopes=sorted(r.scopes),
            issued_at=r.issued_at,
            expires_at=r.expires_at,
            last_used_on=used.get(r.token_id),
        )
        for r in left
    ]
