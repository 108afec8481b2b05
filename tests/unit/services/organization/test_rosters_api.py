"""组织与党员 through the API: counts, officers, a roster found by name, filtered and sorted, a member's way."""

from typing import Any

import pytest

from tests.support.organisation_world import AGENCY, FIRST, GROUP, LIN, ROOT, SECOND, ZHOU
from tests.unit.services.organization.office import OTHER_AGENCY, STRANGER, Office

WHY = {"reason": "支部党员大会选举"}


def take(office: Office, member: str, organisation: str, what: str, status: int = 200, **fields: Any) -> Any:
    body = {"organisation_id": organisation, "office": what, **WHY, **fields}
    return office.post("supervisor", f"/members/{member}/offices", body, status)


def enrol(office: Office, name: str, organisation: str, standing: str = "full") -> str:
    body = {"organisation_id": organisation, "name": name, "standing": standing}
    made: str = office.post("supervisor", f"/agencies/{AGENCY}/members", body, 201)["id"]
    return made


def names(office: Office, /, **asked: str) -> list[str]:
    return [m["name"] for m in office.get("member", "/roster", **asked)["members"]]


def test_each_organisation_counts_its_own_members_and_those_below(office: Office) -> None:
    enrol(office, "陈一鸣", GROUP, "probationary")
    shown = {o["id"]: o for o in office.get("member", "/organisations")["organisations"]}
    counted = {i: (shown[i]["members"], shown[i]["all_members"], shown[i]["all_probationary"]) for i in (ROOT, FIRST)}
    assert counted == {ROOT: (0, 3, 1), FIRST: (2, 3, 1)}
    below = office.get("member", f"/organisations/{FIRST}")
    assert [o["name"] for o in below["above"]] == ["机关党总支"]
    assert [o["id"] for o in below["below"]] == [GROUP]


def test_a_secretary_stands_in_the_tree_until_the_office_is_left(office: Office) -> None:
    take(office, ZHOU, FIRST, "secretary", taken_on="2026-03-01")
    officers = office.get("member", f"/organisations/{FIRST}")["organisation"]["officers"]
    assert [(o["member_name"], o["office_name"], o["since"]) for o in officers] == [("周宁", "书记", "2026-03-01")]
    body = {"organisation_id": FIRST, "office": "secretary", "left_on": "2026-11-20", "reason": "届满"}
    office.post("supervisor", f"/members/{ZHOU}/offices/end", body)
    assert office.get("member", f"/organisations/{FIRST}")["organisation"]["officers"] == []
    told = office.get("member", f"/members/{ZHOU}")["offices"]
    assert [(o["since"], o["until"]) for o in told] == [("2026-03-01", "2026-11-20")]


def test_an_organisation_has_one_secretary(office: Office) -> None:
    take(office, ZHOU, FIRST, "secretary")
    assert take(office, LIN, FIRST, "secretary", 422)["code"] == "secretary-held"
    take(office, ZHOU, FIRST, "secretary")
    take(office, LIN, FIRST, "deputy-secretary")


def test_who_keeps_one_branchs_roster_gives_its_members_no_office_elsewhere(office: Office) -> None:
    for organisation, status in ((SECOND, 404), (ROOT, 404), (FIRST, 200)):
        body = {"organisation_id": organisation, "office": "organisation", **WHY}
        office.post("keeper-of-the-first-branch", f"/members/{ZHOU}/offices", body, status)


@pytest.mark.parametrize(
    ("organisation", "what", "code"),
    [
        (GROUP, "secretary", "office-kind"),
        (FIRST, "group-leader", "office-kind"),
        (SECOND, "discipline", "office-outside"),
    ],
)
def test_an_office_belongs_to_its_kind_of_organisation_and_to_its_own_people(
    office: Office, organisation: str, what: str, code: str
) -> None:
    assert take(office, ZHOU, organisation, what, 422)["code"] == code


def test_who_moves_leaves_the_office_behind(office: Office) -> None:
    take(office, ZHOU, FIRST, "organisation")
    take(office, ZHOU, ROOT, "committee-member")
    office.post("supervisor", f"/members/{ZHOU}/organisation", {"organisation_id": SECOND, "reason": "岗位调整"})
    shown = office.get("member", f"/members/{ZHOU}")
    assert [o["organisation_id"] for o in shown["member"]["offices"]] == [ROOT]
    assert [p["organisation_id"] for p in shown["places"]] == [SECOND, FIRST]


def test_a_roster_is_found_by_name_pinyin_and_initials(office: Office) -> None:
    assert names(office, q="周") == names(office, q="zhouning") == names(office, q="ZN") == ["周宁"]
    assert names(office, q="无此人") == []


def test_a_roster_is_narrowed_and_sorted(office: Office) -> None:
    enrol(office, "安宁", SECOND, "probationary")
    take(office, ZHOU, FIRST, "secretary")
    assert names(office) == ["周宁", "林舒", "安宁"]
    assert names(office, sort="name") == ["安宁", "林舒", "周宁"]
    assert names(office, sort="standing")[0] == "安宁"
    assert names(office, organisation=FIRST) == ["周宁", "林舒"]
    assert names(office, standing="probationary") == ["安宁"]
    assert names(office, office="secretary") == ["周宁"]


def test_nothing_of_another_agency_is_found(office: Office) -> None:
    office.found_the_other_agency()
    assert office.ask("member", "GET", f"/members/{STRANGER}").status_code == 404
    assert office.ask("member", "GET", "/roster", params={"agency": OTHER_AGENCY}).status_code == 404
    assert office.ask("stranger", "GET", f"/organisations/{FIRST}").status_code == 404
    assert (
        office.ask(
            "stranger",
            "POST",
            f"/members/{ZHOU}/offices",
            json={"organisation_id": FIRST, "office": "secretary", **WHY},
        ).status_code
        == 404
    )
    assert office.post(
        "organiser", f"/members/{ZHOU}/offices", {"organisation_id": FIRST, "office": "secretary", **WHY}, 403
    )
