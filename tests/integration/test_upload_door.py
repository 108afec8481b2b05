"""What may come in as a document, tried at the door itself: each bad one is turned away with its code, nothing kept."""

import io
import json
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

import pypdf
import pytest

from tests.support.embedded import Embedded, embedded
from tests.support.plans import DEMO
from tests.support.sample_documents import docx_of, pdf_of, repacked

PLAN = DEMO.read_bytes()
MEGABYTE = 1024 * 1024
PLANS = "/api/organization/work-plans"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("platform")) as running:
        yield running


def encrypted_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf_of("第一条")))
    writer.encrypt("secret")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bomb() -> bytes:
    return repacked(docx_of("第一条"), {"word/media/image1.bin": b"\0" * (60 * MEGABYTE)})


def lying_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../etc/passwd", "root")
    return out.getvalue()


BAD_DOCUMENTS = [
    pytest.param(b"", "document-empty", id="nothing"),
    pytest.param(b" \n\t ", "document-empty", id="blanks"),
    pytest.param(encrypted_pdf(), "document-encrypted", id="encrypted PDF"),
    pytest.param(bomb(), "document-archive-unsafe", id="zip bomb"),
    pytest.param(lying_zip(), None, id="a ZIP that is no DOCX, with a path in it"),
    pytest.param(b"MZ\x90\x00" + b"\0" * 500, None, id="a program"),
    pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0" * 500, None, id="a picture"),
    pytest.param(b"<html><script>alert(1)</script></html>", "document-type-unsupported", id="a web page"),
    pytest.param(b"%PDF-1.7\n%%EOF", None, id="a PDF of nothing"),
    pytest.param(docx_of("第一条")[:500], None, id="a DOCX that breaks off"),
    pytest.param(b"\xff\xfe\x00\xd8" * 50, None, id="text of broken surrogates"),
    pytest.param(
        ("1.学习。\u202e。者令发\u202c" * 20).encode(), "document-unsafe-characters", id="text that shows otherwise"
    ),
]


@pytest.mark.parametrize(("data", "code"), BAD_DOCUMENTS)
@pytest.mark.parametrize("path", ["", "/preview"])
def test_what_cannot_be_read_safely_is_turned_away_with_its_code(
    platform: Embedded, data: bytes, code: str | None, path: str
) -> None:
    head = platform.assembly.store("organization").head()
    answer = platform.upload("supervisor", "文件.txt", data, path)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == (code or answer.json()["code"])
    assert answer.json()["code"] != "internal"
    assert platform.assembly.store("organization").head() == head


def test_a_file_over_the_limit_is_refused_before_it_is_read(platform: Embedded) -> None:
    limit = platform.assembly.settings.upload_limit_mb
    within = platform.upload("supervisor", "大.txt", b"x" * (limit * MEGABYTE + 1))
    assert (within.status_code, within.json()["code"]) == (413, "document-too-large")
    beyond = platform.upload("supervisor", "大.txt", b"x" * ((limit + 2) * MEGABYTE))
    assert (beyond.status_code, beyond.json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "a/b.txt", "计划\u202etxt.exe", "..", ".",
        "计划\x7f.txt", "x" * 201, "计划\u2028.txt",
    ],
)  # fmt: skip
def test_a_name_that_is_a_path_or_hides_something_is_refused(platform: Embedded, name: str) -> None:
    answer = platform.upload("supervisor", name, PLAN)
    assert (answer.status_code, answer.json()["code"]) == (422, "document-name-invalid"), answer.text


def test_no_upload_leaves_a_file_under_its_own_name(platform: Embedded) -> None:
    platform.upload("supervisor", "一个特别的名字.txt", PLAN)
    folder = platform.assembly.settings.data_dir
    assert [p for p in folder.rglob("*") if "特别" in p.name] == []
    assert not any(PLAN[300:400] in p.read_bytes() for p in folder.rglob("*") if p.is_file() and "blobs" in p.parts)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "零\u0000字"}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"year": "明年"}, "year"),
        ({"year": "99999999999999999999"}, "year"),
        ({"agency": "../x"}, "agency"),
        ({"surprise": "x"}, "surprise"),
    ],
)
def test_a_field_that_cannot_be_accepted_is_named(platform: Embedded, fields: dict[str, str], field: str) -> None:
    answer = platform.upload("supervisor", "计划.txt", PLAN, **fields)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request"), answer.text
    assert [e["field"] for e in answer.json()["errors"]] == [field]


def test_bytes_that_are_no_utf8_do_no_harm_in_a_title(platform: Embedded) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xed\xa0\x80\xff\r\n'
    body += b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n' + PLAN + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = platform.ask("supervisor", "POST", PLANS, content=body, headers=headers)
    assert answer.status_code in {201, 422}, answer.text
    assert platform.ask("supervisor", "GET", PLANS).status_code == 200


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000"])
def test_a_text_that_cannot_be_kept_is_refused_in_a_record(platform: Embedded, text: str) -> None:
    record = {
        "organisation_id": platform.branches["first"],
        "kind": "theme-day",
        "held_on": "2026-03-05",
        "title": "题HERE",
        "place": "某地",
        "minutes": "",
        "attendees": [platform.members["first"]],
    }
    body = json.dumps(record).replace("HERE", text)
    headers = {"Content-Type": "application/json"}
    answer = platform.ask("supervisor", "POST", "/api/organization/activities", content=body.encode(), headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] in {"bad-json", "invalid-request"}


def test_a_form_without_a_file_and_a_file_that_is_text_are_refused(platform: Embedded) -> None:
    for form in ({}, {"file": "不是文件"}):
        answer = platform.ask("supervisor", "POST", PLANS, data=form)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_json_where_a_form_is_asked_for_is_refused(platform: Embedded) -> None:
    answer = platform.ask("supervisor", "POST", PLANS, json={"file": "x"})
    assert answer.status_code == 422


@pytest.mark.parametrize("title", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", '=HYPERLINK("http://x")'])
def test_a_title_that_a_spreadsheet_would_run_leaves_as_text(platform: Embedded, title: str) -> None:
    plan = platform.upload("supervisor", "计划.txt", PLAN, title=title)
    assert plan.status_code == 201, plan.text
    token = plan.json()["token"]
    platform.get("supervisor", f"{PLANS}/{plan.json()['id']}", after=token)
    answer = platform.ask("supervisor", "GET", f"{PLANS}/{plan.json()['id']}/ledger.xlsx")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    assert "\n" not in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        strings = book.read("xl/sharedStrings.xml").decode()
    assert list(sheet.iter(f"{SHEET}f")) == []
    assert list(sheet.iter(f"{SHEET}hyperlink")) == []
    first = ElementTree.fromstring(strings)[0][0].text or ""
    assert first.startswith("'")
    assert title.strip()[1:5] in first


def test_a_preview_keeps_nothing(platform: Embedded) -> None:
    folder = platform.assembly.settings.data_dir / "blobs"
    before = sorted(p.name for p in folder.rglob("*")) if folder.exists() else []
    head = platform.assembly.store("organization").head()
    assert platform.upload("supervisor", "计划.txt", PLAN + "再加一句。".encode(), "/preview").status_code == 200
    after = sorted(p.name for p in folder.rglob("*")) if folder.exists() else []
    assert (after, platform.assembly.store("organization").head()) == (before, head)


def test_a_member_may_not_upload_and_nothing_of_it_is_read(platform: Embedded) -> None:
    for who in ("member", "organiser", "inspector", "administrator"):
        assert platform.upload(who, "计划.txt", PLAN, "/preview").status_code == 403
