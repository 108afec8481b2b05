"""Who gets through to what is one's own: signed in, with or without a role."""

from fastapi import Request

from shared.http.auth import Guard, signed_in
from shared.http.problems import Problem
from shared.security.principal import Principal


class Myself(Guard):
    """A dependency: whoever is signed in. What must wait until the password is one's own asks ``with_own_password``."""

    def __init__(self, *, with_own_password: bool = False) -> None:
        self._with_own_password = with_own_password

    def __call__(self, request: Request) -> Principal:
        """Return the principal, or refuse with 401 or 403."""
        principal = signed_in(request)
        if self._with_own_password and principal.must_change_password:
            raise Problem(403, "password-change-needed", "请先修改密码：现在的密码是管理员设置的。")
        return principal


myself = Myself()
owner = Myself(with_own_password=True)
