"""Who gets through to what is one's own: signed in, with or without a role."""

from fastapi import Request

from shared.http.auth import Guard, signed_in
from shared.http.problems import Problem
from shared.security.principal import Principal


class Myself(Guard):
    """A dependency: whoever is signed in.

    ``in_person`` keeps tokens for machines out: they carry what their owner's roles give, and nothing that is done to
    the account itself. What must wait until the password is one's own asks ``with_own_password``.
    """

    def __init__(self, *, in_person: bool = True, with_own_password: bool = True) -> None:
        self._in_person, self._with_own_password = in_person, with_own_password

    def __call__(self, request: Request) -> Principal:
        """Return the principal, or refuse with 401 or 403."""
        principal = signed_in(request)
        if self._in_person and principal.scopes is not None:
            raise Problem(403, "person-needed", "访问令牌不能办理这件事，请本人登录后办理。")
        if self._with_own_password and principal.must_change_password:
            raise Problem(403, "password-change-needed", "请先修改密码：现在的密码是管理员设置的。")
        return principal


anyone_known = Myself(in_person=False, with_own_password=False)
anyone_with_own_password = Myself(in_person=False)
myself = Myself(with_own_password=False)
owner = Myself()
