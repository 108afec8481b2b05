"""No request sends more than is read: with a stated length, in chunks without one, or with a false one."""

from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, Depends, UploadFile

from shared.http.auth import public
from shared.http.limits import ENVELOPE, JSON_LIMIT
from tests.unit.shared.http.lone import client, echoing

JSON = {"Content-Type": "application/json"}
MEGABYTE = 1024 * 1024
UPLOAD = MEGABYTE + ENVELOPE


def uploads() -> APIRouter:
    router = APIRouter()

    @router.post("/file", dependencies=[Depends(public)])
    def _file(file: UploadFile) -> int:
        return len(file.file.read())

    return router


FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'


async def chunks(total: int, first: bytes = b"") -> AsyncIterator[bytes]:
    size = 64 * 1024
    yield first
    for _ in range(total // size + 1):
        yield b" " * size


def test_a_json_body_over_the_limit_is_refused_by_its_length() -> None:
    answer = client(echoing()).post("/echo", content=b" " * (JSON_LIMIT + 1), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_a_json_body_that_says_no_length_is_counted_as_it_arrives() -> None:
    answer = client(echoing()).post("/echo", content=chunks(JSON_LIMIT), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_a_body_that_says_less_than_it_sends_is_counted_as_it_arrives() -> None:
    answer = client(echoing()).post("/echo", content=chunks(JSON_LIMIT), headers=JSON | {"Content-Length": "10"})
    assert answer.status_code == 413


@pytest.mark.parametrize("length", [b"x", b"-5", b"9" * 400, "１２".encode()])
def test_a_length_that_is_none_is_not_believed(length: bytes) -> None:
    headers = {"Content-Type": b"application/json", "Content-Length": length}
    assert client(echoing()).post("/echo", content=chunks(JSON_LIMIT), headers=headers).status_code == 413


def test_a_form_over_the_limit_is_refused_whether_or_not_it_says_its_length() -> None:
    app = client(uploads())
    assert app.post("/file", files={"file": ("a.txt", b"x" * UPLOAD)}).status_code == 413
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = app.post("/file", content=chunks(UPLOAD, FORM), headers=form)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_a_form_within_the_limit_is_taken() -> None:
    assert client(uploads()).post("/file", files={"file": ("a.txt", b"x" * MEGABYTE)}).json() == MEGABYTE


def test_a_body_where_none_is_read_is_bounded_too() -> None:
    answer = client().request("GET", "/livez", content=b"x" * (UPLOAD + 1))
    assert answer.status_code == 413


def test_a_refusal_has_the_headers_of_every_answer() -> None:
    answer = client(echoing()).post("/echo", content=b" " * (JSON_LIMIT + 1), headers=JSON)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]
