"""粘贴或上传纪要: the form of a record comes back filled with what the text says, for a person to confirm."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from services.console.activity_form import API, KIND, MINUTES, People, organisations, preferred, typed_values
from services.console.forms import Refusals, Typed
from services.console.minutes_guess import propose
from services.console.pages.activity_form import record_form
from services.console.parameters import User
from services.console.rendering import today
from services.console.session import Refused
from shared.service import Runtime


def routes(_: Runtime) -> APIRouter:
    """Return the reading of minutes."""
    router = APIRouter(include_in_schema=False)

    @router.post("/activities/minutes")
    async def minutes(request: Request, visitor: User) -> Response:
        """Read pasted or uploaded minutes; the form comes back filled with what they say, for the person to confirm."""
        visitor.require("record-activity")
        typed = await Typed.of(request)
        chosen = preferred(await organisations(visitor), typed.text("organisation"))
        organisation = chosen["id"] if chosen else None
        values, refused, text = typed_values(typed), Refusals(), typed.text("original")
        if file := typed.file("file"):
            asked = {"agency": chosen["agency"]} if chosen else {}
            try:
                path = f"{API}/text"
                text = (await visitor.send("organization", path, files={"file": file}, data=asked))["text"]
            except Refused as broken:
                refused = Refusals.of(broken)
        elif not text:
            refused = Refusals(fields={"file": "请粘贴纪要，或者选择一个文件。"})
        if len(text) > MINUTES:
            said = f"粘贴的文字有 {len(text)} 字，超过 {MINUTES // 10_000} 万字，请只留这一次会议的内容；文字还在框里。"
            refused = Refusals(fields={"original": said})
        if refused:
            values["original"] = typed.text("original")
        elif chosen:
            roster = await People.of(visitor, chosen["agency"], chosen["id"], KIND)
            found = await run_in_threadpool(propose, text, roster.members, today())
            values |= {"kind": KIND, "held_on": today().isoformat()} | found.values | {"doubts": found.doubts}
        return await record_form(request, visitor, organisation, values, refused)

    return router
