from services.access.domain.second_step import (
    SECOND_STEP,
    ConfirmSecondStep,
    PrepareSecondStep,
    RemoveSecondStep,
    RenewRecoveryCodes,
    UseRecoveryCode,
)
from shared.contracts.access import (
    RecoveryCodesRenewed,
    RecoveryCodeUsed,
    SecondStepConfirmed,
    SecondStepPrepared,
    SecondStepRemoved,
)
from shared.contracts.base import Sealed
from shared.testing.scenario import given

PREPARE = PrepareSecondStep("a", "agency", "person:a", "SECRET")
PREPARED = SecondStepPrepared(account_id="a", agency_id="agency", secret=Sealed(subject="person:a", value="SECRET"))
CONFIRMED = SecondStepConfirmed(account_id="a", recovery_sha256=("one", "two"))
USED = RecoveryCodeUsed(account_id="a", code_sha256="one")
REMOVED = SecondStepRemoved(account_id="a", reason="本人关闭")


def test_a_secret_is_in_force_only_after_it_is_confirmed() -> None:
    prepared = given(SECOND_STEP).when(PREPARE).then(PREPARED)
    assert not prepared.state.in_force
    confirmed = prepared.when(ConfirmSecondStep("SECRET", ("one", "two"))).then(CONFIRMED)
    assert confirmed.state.in_force


def test_a_secret_that_was_never_confirmed_is_replaced_and_one_in_force_is_not() -> None:
    again = PrepareSecondStep("a", "agency", "person:a", "OTHER")
    given(SECOND_STEP, PREPARED).when(again).happens()
    given(SECOND_STEP, PREPARED, CONFIRMED).when(again).raises("second-step-on")


def test_a_code_of_a_secret_that_was_replaced_confirms_nothing() -> None:
    given(SECOND_STEP, PREPARED).when(ConfirmSecondStep("OTHER", ("one",))).raises("second-step-not-prepared")
    given(SECOND_STEP).when(ConfirmSecondStep("OTHER", ("one",))).raises("second-step-not-prepared")


def test_what_is_in_force_is_not_confirmed_anew_with_other_recovery_codes() -> None:
    given(SECOND_STEP, PREPARED, CONFIRMED).when(ConfirmSecondStep("SECRET", ("new",))).raises("second-step-on")


def test_a_recovery_code_is_worth_something_once() -> None:
    given(SECOND_STEP, PREPARED, CONFIRMED).when(UseRecoveryCode("one")).then(USED)
    given(SECOND_STEP, PREPARED, CONFIRMED, USED).when(UseRecoveryCode("one")).nothing()
    given(SECOND_STEP, PREPARED, CONFIRMED, USED).when(UseRecoveryCode("two")).happens()
    given(SECOND_STEP, PREPARED, CONFIRMED).when(UseRecoveryCode("three")).nothing()


def test_new_recovery_codes_take_the_place_of_the_old() -> None:
    renewed = RecoveryCodesRenewed(account_id="a", recovery_sha256=("c", "d"))
    now = given(SECOND_STEP, PREPARED, CONFIRMED, USED).when(RenewRecoveryCodes(("c", "d"))).then(renewed)
    assert now.state.recovery_left == {"c", "d"}
    assert now.state.in_force
    given(SECOND_STEP, PREPARED).when(RenewRecoveryCodes(("c", "d"))).raises("second-step-off")


def test_once_removed_nothing_of_it_is_left() -> None:
    removed = given(SECOND_STEP, PREPARED, CONFIRMED).when(RemoveSecondStep("本人关闭")).then(REMOVED)
    removed.when(UseRecoveryCode("one")).nothing()
    assert (removed.state.secret, removed.state.in_force) == (None, False)
    removed.when(PREPARE).then(PREPARED)


def test_where_there_is_none_nothing_is_removed() -> None:
    given(SECOND_STEP).when(RemoveSecondStep("本人关闭")).nothing()


def test_replay_never_shows_the_secret() -> None:
    shown = SECOND_STEP.snapshot(given(SECOND_STEP, PREPARED, CONFIRMED, USED).state)
    assert shown == {"status": "已开启", "recovery_left": 1}
