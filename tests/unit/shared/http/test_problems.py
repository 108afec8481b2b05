"""Every refusal leaves as one problem document: status, stable code, Chinese sentence, article where a rule spoke."""

import re
import sqlite3
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends, UploadFile
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from shared.application.commands import KeyReused
from shared.decider import RuleBroken, Unknown
from shared.documents import DocumentRefused
from shared.eventstore.port import Claim, ClaimTaken, EventTooLarge, TakenClaim, VersionConflict
from shared.eventstore.sealing import Unstorable
from shared.http.auth import public
from shared.http.problems import MEDIA_TYPE, Problem
from shared.projection.slots import LedgerNotReady
from shared.search.port import IndexUnavailable, SearchError
from shared.vault.port import KeysDestroyed
from tests.unit.shared.http.lone import client, echoing, raising

HAN = re.compile(r"[㐀-鿿]")


def taken(kind: str) -> ClaimTaken:
    return ClaimTaken(TakenClaim(Claim(kind, "k"), "s", 1))


REFUSALS = [
    (Problem(403, "not-permitted", "没有权限。"), 403, "not-permitted"),
    (RuleBroken("no-attendees", "请至少记下一名。"), 422, "no-attendees"),
    (Unknown("plan-unknown", "没有这份计划。"), 404, "plan-unknown"),
    (DocumentRefused("document-too-large", limit=20), 413, "document-too-large"),
    (DocumentRefused("document-encrypted"), 422, "document-encrypted"),
    (VersionConflict("s", 1, 2), 409, "changed-meanwhile"),
    (taken("login"), 409, "login-taken"),
    (taken("agency-code"), 409, "agency-taken"),
    (taken("anything"), 409, "already-taken"),
    (KeyReused("k"), 422, "idempotency-key-reused"),
    (EventTooLarge("t", 1), 413, "event-too-large"),
    (LedgerNotReady("register"), 503, "ledger-not-ready"),
    (SearchError("bad-cursor", "翻页标记无效。"), 422, "bad-cursor"),
    (IndexUnavailable(), 503, "index-unavailable"),
    (Unstorable("lone surrogate"), 422, "not-storable"),
    (KeysDestroyed("person:1"), 409, "already-erased"),
    (OperationalError("SELECT", {}, sqlite3.OperationalError("disk full")), 503, "store-unavailable"),
    (sqlite3.OperationalError("database or disk is full"), 503, "store-unavailable"),
    (HTTPException(405), 405, "method-not-allowed"),
    (HTTPException(418), 418, "refused"),
    (KeyError("账号表"), 500, "internal"),
]


@pytest.mark.parametrize(("error", "status", "code"), REFUSALS, ids=lambda v: getattr(v, "code", type(v).__name__))
def test_a_refusal_says_its_status_its_code_and_a_chinese_sentence(error: Exception, status: int, code: str) -> None:
    answer = client(raising(error)).get("/raise")
    document = answer.json()
    assert (answer.status_code, document["status"], document["code"]) == (status, status, code)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert document["type"] == f"urn:liuhen:problem:{code}"
    assert HAN.search(document["title"])
    assert HAN.search(document["detail"])


def test_a_rule_is_cited_with_its_article_and_version() -> None:
    broken = RuleBroken("meeting-too-rare", "每季度至少一次。", article="《条例》第十四条", rule="branch-meeting@2")
    document = client(raising(broken)).get("/raise").json()
    assert (document["article"], document["rule"]) == ("《条例》第十四条", "branch-meeting@2")


def test_what_no_rule_said_is_left_out_of_the_document() -> None:
    assert {"article", "rule", "errors"} & client(raising(Unknown("x-unknown", "没有。"))).get(
        "/raise"
    ).json().keys() == set()


def test_a_conflict_answers_412_to_who_named_a_version_and_409_to_who_did_not() -> None:
    app = client(raising(VersionConflict("s", 1, 2)))
    assert app.get("/raise", headers={"If-Match": '"1"'}).status_code == 412
    assert app.get("/raise").status_code == 409


def test_the_unexpected_tells_the_caller_nothing_of_what_broke() -> None:
    answer = client(raising(RuntimeError("密码 hunter2 在 /srv/secret"))).get("/raise")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "secret" not in answer.text


def test_an_address_that_does_not_exist_is_a_problem_too() -> None:
    answer = client().get("/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({}, "text", "必须填写"),
        ({"text": "好", "more": 1}, "more", "不认识这一项"),
        ({"text": 5}, "text", "应是文字"),
        ({"text": "好", "count": "许多"}, "count", "应是整数"),
        ({"text": "零\u0000"}, "text", "不能保存的字符"),
        ({"text": "好", "line": ""}, "line", "必须填写"),
        ({"text": "好", "line": "一"}, "line", "太短，至少 2 个字"),
        ({"text": "好", "line": "一二三四五"}, "line", "太长，最多 4 个字"),
        ({"text": "好", "lines": []}, "lines", "至少 1 项"),
        ([], "body", "应是一个对象"),
    ],
)
def test_each_field_that_cannot_be_accepted_is_named_with_what_is_asked_of_it(
    body: object, field: str, said: str
) -> None:
    answer = client(echoing()).post("/echo", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert said in error["detail"]


def test_a_file_field_that_is_no_file_is_refused_in_chinese() -> None:
    router = APIRouter()

    @router.post("/file", dependencies=[Depends(public)])
    def _file(file: UploadFile) -> None: ...

    (error,) = client(router).post("/file", data={"file": "text"}).json()["errors"]
    assert HAN.search(error["detail"])
    assert "Expected" not in error["detail"]


def test_a_page_that_is_missing_leaves_no_path_in_the_answer(tmp_path: Path) -> None:
    assert str(tmp_path) not in client(raising(FileNotFoundError(tmp_path))).get("/raise").text


def test_a_store_that_is_away_says_when_to_come_back_and_that_the_same_key_is_safe() -> None:
    away = OperationalError("INSERT", {"login": "luolan"}, sqlite3.OperationalError("/srv/secret is full"))
    answer = client(raising(away)).get("/raise")
    assert int(answer.headers["retry-after"]) > 0
    assert "同一个幂等键" in answer.json()["detail"]
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/raise/", "/livez/"])
def test_a_slash_too_many_is_not_found_and_leads_nowhere(path: str) -> None:
    answer = client(raising(KeyError())).get(path)
    assert (answer.status_code, answer.headers.get("location")) == (404, None)
