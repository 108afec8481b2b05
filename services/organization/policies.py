"""Who may what beyond the table of permissions: pure functions."""

from shared.security.principal import PLATFORM, Principal, Role


def may_register_agency(principal: Principal) -> bool:
    """Tell whether the caller may add a tenant: an administrator of the platform, not of an agency."""
    return any(grant.role is Role.ADMINISTRATOR and grant.agency_id == PLATFORM for grant in principal.grants)
