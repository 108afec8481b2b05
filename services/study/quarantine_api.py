"""What this context put aside for its 密级标志 is settled here; the 保密员 finds it in the one list of all contexts."""

from fastapi import APIRouter

from services.study.domain.quarantine import QUARANTINE
from shared.quarantine import settlement_routes
from shared.service import Runtime


def routes(runtime: Runtime) -> APIRouter:
    """Return the command."""
    return settlement_routes(runtime, QUARANTINE)
