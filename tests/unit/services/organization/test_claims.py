"""An agency is registered once under one name, however the name is written, and by the demo as by the API."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.organization.claims import agency_claim
from services.runtime.demo.cast import OFFICE
from services.runtime.demo.organisations import Cast, establish
from tests.unit.services.organization.office import Office

NAME = "清河市 ABC 研究室"


@pytest.mark.parametrize(
    "written",
    [
        "清河市 ABC 研究室",
        " 清河市 abc  研究室 ",
        "清河市\u3000ＡＢＣ 研究室",
        "清河市 A\u200bBC 研究室",
        "清河市\tABC\n研究室",
    ],
)
def test_a_name_that_people_read_as_the_same_is_the_same(written: str) -> None:
    assert agency_claim(written) == agency_claim(NAME)


def test_another_name_is_another_agency() -> None:
    assert agency_claim("清河市研究室") != agency_claim(NAME)


@given(st.text(max_size=30))
def test_what_is_claimed_is_in_its_own_normal_form(name: str) -> None:
    assert agency_claim(agency_claim(name).key) == agency_claim(name)


def test_the_demos_agencies_are_claimed_as_those_registered_by_hand(office: Office) -> None:
    establish(office.runtime, OFFICE, Cast(), "test")
    claim = agency_claim(f" {OFFICE.name} ")
    assert office.runtime.store.claimed(claim.kind, claim.key) is not None
