"""The menu holds what its reader may and would use, nothing else."""

import pytest

from services.console.menu import menu_for
from shared.security.principal import Role
from tests.support.visitors import visitor

OFFICE = ["工作台", "任务落实台账", "组织与党员", "组织生活", "学习", "课题与文稿", "检索", "历史追溯"]


@pytest.mark.parametrize(
    ("role", "titles"),
    [
        (Role.GENERAL_BRANCH, [*OFFICE[:6], "统计", *OFFICE[6:], "检查授权", "机关与组织"]),
        (Role.BRANCH_SECRETARY, [*OFFICE[:6], "积分档案", "统计", "谈心谈话", *OFFICE[6:]]),
        (Role.BRANCH_ORGANISER, [*OFFICE[:6], "积分档案", "统计", *OFFICE[6:]]),
        (Role.INSPECTOR, ["工作台", "检查授权"]),
        (Role.MEMBER, [*OFFICE[:6], "积分档案", "统计", *OFFICE[6:7]]),
        (Role.SECRECY_OFFICER, ["工作台", "隔离文件"]),
        (Role.ADMINISTRATOR, ["工作台", "机关与组织", "账号与角色", "系统"]),
        (Role.SECURITY_ADMINISTRATOR, ["工作台", "历史追溯", "账号与角色", "系统"]),
        (Role.AUDIT_ADMINISTRATOR, ["工作台", "历史追溯", "检查授权", "账号与角色", "系统"]),
    ],
)
def test_a_menu_is_its_roles(role, titles):
    assert [entry["title"] for entry in menu_for(visitor(role), "/")] == titles


def test_somebody_without_a_role_has_no_menu():
    assert menu_for(visitor(), "/") == []


@pytest.mark.parametrize(
    ("path", "on"), [("/", "工作台"), ("/plans", "任务落实台账"), ("/plans/x/tasks", "任务落实台账"), ("/plansx", None)]
)
def test_the_entry_of_the_present_page_is_marked(path, on):
    marked = [entry["title"] for entry in menu_for(visitor(Role.GENERAL_BRANCH), path) if entry["on"]]
    assert marked == ([on] if on else [])
