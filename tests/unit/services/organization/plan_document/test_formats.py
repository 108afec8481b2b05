from collections.abc import Callable

import pytest

from services.organization.plan_document import parse
from shared.documents import extract
from tests.support.plans import plan_texts
from tests.support.sample_documents import docx_of, pdf_of

FORMATS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "gb18030": lambda text: text.encode("gb18030"),
    "utf-16": lambda text: text.encode("utf-16"),
    "docx": docx_of,
    "pdf": pdf_of,
    "narrow pdf": lambda text: pdf_of(text, width=22),
}


@pytest.mark.parametrize("text", plan_texts())
@pytest.mark.parametrize("form", FORMATS)
def test_the_same_plan_in_any_format_is_the_same_document(text: str, form: str) -> None:
    plan = parse(text)
    read = extract("计划", FORMATS[form](plan.mended()))
    assert parse(read.text) == plan
    assert read.notes == ()
