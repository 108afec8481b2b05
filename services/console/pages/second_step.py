"""两步验证 of one's own account: switching it on with a device, the recovery codes once, switching it off."""

from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.parameters import Said, User
from services.console.rendering import page
from services.console.session import Refused, Visitor
from shared.service import Runtime

Password = Annotated[str, Form(max_length=256)]
Code = Annotated[str, Form(max_length=64)]
Secret = Annotated[str, Form(max_length=64, pattern="^[A-Z2-7]+$")]
Address = Annotated[str, Form(max_length=1000, pattern="^otpauth://totp/")]

HERE = "/account/second-step"
API = "/api/access/second-step"
MODULE_PIXELS = 4


def routes(_: Runtime) -> APIRouter:
    """Return the page and its four actions."""
    router = APIRouter(include_in_schema=False)

    @router.get(HERE)
    async def show(request: Request, visitor: User, said: Said = None) -> HTMLResponse:
        return await _standing(request, visitor, said=said)

    @router.post(f"{HERE}/prepare")
    async def prepare(request: Request, visitor: User, password: Password) -> Response:
        try:
            device = await visitor.send("access", f"{API}/prepare", json={"password": password})
        except Refused as refused:
            return await _standing(request, visitor, refused)
        return _device(request, visitor, device)

    @router.post(f"{HERE}/confirm")
    async def confirm(request: Request, visitor: User, secret: Secret, address: Address, code: Code) -> Response:
        try:
            given = await visitor.send("access", f"{API}/confirm", json={"code": code})
        except Refused as refused:
            if refused.problem.get("code") in {"second-step-not-prepared", "second-step-on"}:
                return await _standing(request, visitor, refused)
            return _device(request, visitor, {"secret": secret, "address": address}, refused)
        return page(request, "second_step_codes.html", visitor, codes=given["codes"], renewed=False)

    @router.post(f"{HERE}/recovery-codes")
    async def renew(request: Request, visitor: User, password: Password, code: Code) -> Response:
        try:
            given = await visitor.send("access", f"{API}/recovery-codes", json={"password": password, "code": code})
        except Refused as refused:
            return await _standing(request, visitor, refused)
        return page(request, "second_step_codes.html", visitor, codes=given["codes"], renewed=True)

    @router.post(f"{HERE}/remove")
    async def remove(request: Request, visitor: User, password: Password, code: Code) -> Response:
        try:
            await visitor.send("access", f"{API}/remove", json={"password": password, "code": code})
        except Refused as refused:
            return await _standing(request, visitor, refused)
        return RedirectResponse(f"{HERE}?said=second-step-removed", 303)

    return router


async def _standing(
    request: Request, visitor: Visitor, refused: Refused | None = None, said: str | None = None
) -> HTMLResponse:
    values = {
        "step": await visitor.get("access", API),
        "said": said,
        "sentence": _sentence(refused),
    }
    return page(request, "second_step.html", visitor, refused.status if refused else 200, **values)


def _device(request: Request, visitor: Visitor, device: dict[str, Any], refused: Refused | None = None) -> HTMLResponse:
    drawn = segno.make_qr(device["address"]).svg_inline(
        scale=MODULE_PIXELS, svgclass="qr", lineclass=None, title="两步验证的二维码", omitsize=True
    )
    values = {"secret": device["secret"], "address": device["address"], "picture": drawn}
    status = refused.status if refused else 200
    return page(request, "second_step_device.html", visitor, status, sentence=_sentence(refused), **values)


def _sentence(refused: Refused | None) -> str | None:
    """Return what to say; a code of the wrong length is the one field these forms have that can be malformed."""
    if refused is None:
        return None
    malformed = refused.problem.get("code") == "invalid-request"
    return "密码和动态口令都要填写：动态口令是 6 位数字，恢复码是 16 个字符。" if malformed else refused.sentence
