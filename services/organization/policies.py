"""Who may what beyond the table of permissions: pure functions."""

from shared.security.principal import Principal, Role


def may_register_agency(principal: Principal) -> bool:
    """Tell whether the caller may add a tenant: an administrator of the platform, not an office for itself."""
    return any(grant.role is Role.ADMINISTRATOR for grant in principal.grants)
