"""What people complain of in publishing, defects and cases of such tools, each with tests that show piot.

Numbers are those of the lists that the project keeps of them. A test that is renamed or gone is missed here;
what does not hold yet stands in ``OPEN``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

KILLED = "e2e/test_killed_publish.py::test_a_run_that_is_killed_at_a_request_is_finished_by_another"
FAULTY = "e2e/test_faulty_publish.py::test_a_trouble_is_survived_or_the_next_run_finishes"
PUBLISH = "e2e/test_publish.py::test_"
PARTLY = "e2e/test_publish_partly.py::test_"
BUILD = "e2e/test_publish_build.py::test_crates_that_need_each_other_are_released_from_a_commit"
CRATES = "release/publish/test_crates.py::test_"
DELIVER = "release/publish/test_deliver.py::test_"
NPM = "release/publish/test_npm.py::test_"
WORDS = "who_may_read_it_and_its_tag_are_words_and_without_an_identity_no_provenance"
STEPS = "release/test_steps.py::test_"
REGISTRIES = "release/test_registries.py::test_"
FAMILY = "api/test_npm_family.py::test_"
LAUNCHER = "api/test_npm_launcher.py::test_"
NAMED = "model/test_secrets.py::test_the_name_of_a_variable_says_whether_it_is_a_secret"
TAGS = "effects/test_tags.py::test_"
UMBRELLA = "conformance/test_publish.py::test_of_a_family_what_is_missing_is_sent_and_the_umbrella_last"
FIRST = f"{PUBLISH}a_first_version_that_no_trusted_job_can_publish_stops_all"
PROVENANCE = "release/publish/test_provenance.py::test_"
PROGRAM = "rules/test_npm_program.py::test_"
STAGED = "model/python/test_pyproject.py::test_where_a_program_is_staged_decides_whether_a_wheel_has_it"
MATURIN = "model/python/test_pyproject.py::test_what_maturin_takes_into_a_wheel"
BUNDLED = "e2e/test_example_bundle.py::test_"

COMPLAINTS: dict[str, tuple[str, ...]] = {
    "C01 a release of crates that stopped half way cannot be run again": (
        KILLED,
        f"{CRATES}an_answer_that_is_lost_is_looked_up_and_nothing_is_sent_twice",
    ),
    "C02 a release on PyPI that stopped half way cannot be run again": (
        KILLED,
        f"{PARTLY}a_version_that_is_there_in_part_is_completed_with_the_same_bytes",
    ),
    "C03 what was built anew is hidden by a file of its name": (
        f"{PARTLY}a_version_that_is_there_in_part_with_other_bytes_is_refused",
        f"{DELIVER}somebody_elses_file_that_comes_first_is_a_conflict",
    ),
    "C04 what is there is not noticed on other indexes": (
        f"{DELIVER}pypiserver_takes_the_form_once",
        f"{DELIVER}devpi_takes_the_form_once",
        f"{REGISTRIES}where_an_index_tells_no_hash_the_file_itself_does",
    ),
    "C05 a crate comes before its dependency is in the index": (
        f"{CRATES}a_dependent_finds_what_the_index_shows_late",
        BUILD,
    ),
    "C06 many crates meet a limit": (f"{CRATES}the_date_that_the_registry_names_is_waited_for", FAULTY),
    "C07 a new name cannot be published by a trusted job": (FIRST,),
    "C08 a renamed workflow or repository is no longer trusted": (
        "release/trusted/test_exchange.py::test_a_refusal_shows_the_claims_and_what_was_expected",
        "release/trusted/test_exchange.py::test_what_a_registry_is_known_not_to_take_is_named",
    ),
    "C09 a called workflow is not the one that is trusted": (
        "inspect/doctor/test_trust.py::test_a_called_workflow_of_the_same_repository_has_two_names",
        "inspect/doctor/test_trust.py::test_a_workflow_of_another_repository_can_never_publish_to_pypi",
    ),
    "C10 npm says 404 and means something else": (
        f"{PUBLISH}a_registry_that_does_not_trust_the_job_keeps_back_its_own",
        f"{NPM}a_refusal_of_the_registry_keeps_its_words",
    ),
    "C11 the npm of a runner is too old": (
        "inspect/doctor/test_npm_client.py::test_each_that_is_too_old_is_named",
    ),
    "C12 a placeholder stands where a token should": (
        f"{NPM}the_token_is_no_word_and_in_no_file_and_no_other_secret_reaches_npm",
        "inspect/doctor/test_credentials.py::test_a_placeholder_hides_why_npm_fails",
    ),
    "C13 npm takes no provenance of a private repository or of one's own machine": (
        "model/npm/test_provenance.py::test_what_npm_would_refuse_is_known_before",
        f"{PROVENANCE}what_asks_in_vain_is_refused_before_anything_is_sent",
        f"{PROVENANCE}a_refusal_of_provenance_keeps_its_words_and_has_a_next_step",
    ),
    "C14 npm does not show what was just published": (f"{REGISTRIES}npm_is_asked_past_every_cache",),
    "C15 npm is still busy with the package of before, or with this one": (
        f"{NPM}a_package_that_is_being_processed_is_tried_again",
        f"{NPM}what_npm_took_and_does_not_show_yet_is_waited_for_and_not_sent_again",
        "e2e/test_publish_staged.py::test_where_nothing_is_kept_back_all_platform_packages_are_sent_before_any_"
        "is_waited_for",
    ),
    "C16 every crate asks for a token of its own": (
        "release/trusted/test_tokens.py::test_one_token_serves_all_crates_of_a_run_and_is_ended_with_it",
    ),
    "C17 a token outlives its use": (
        f"{PUBLISH}a_trusted_job_needs_no_token_and_ends_those_that_it_got",
        f"{PUBLISH}tokens_are_ended_after_a_failure_too_and_those_that_were_renewed",
    ),
    "C18 a token ends while files are sent": (
        f"{PUBLISH}a_token_that_ends_during_the_run_is_renewed",
        FAULTY,
    ),
    "C19 the identity service stumbles": (
        "release/trusted/test_exchange.py::test_the_identity_service_is_asked_again_when_it_stumbles",
        FAULTY,
    ),
}

DEFECTS: dict[str, tuple[str, ...]] = {
    "B03 one failing package stops unrelated ones": (
        f"{PUBLISH}one_failure_keeps_nothing_unrelated_back",
        f"{PARTLY}a_failure_never_lets_go_what_depends_on_it",
        f"{STEPS}a_failure_keeps_back_what_needs_it_and_nothing_else",
    ),
    "B04 a version of PyPI that lacks files counts as published": (
        f"{PARTLY}a_version_that_lacks_a_file_never_counts_as_done",
    ),
    "B05 files of other packages are sent too": (
        "app/releasing/test_proven_files.py::test_files_of_other_versions_and_packages_are_left_alone",
        "e2e/test_publish_some.py::test_packages_that_are_not_named_stay_where_they_are",
    ),
    "B06 tags of Python packages get no release": (
        f"{PUBLISH}every_tag_gets_a_release_with_notes_and_archives",
    ),
    "B07 tags of others get a release": (
        f"{PUBLISH}a_tag_of_something_else_on_the_same_commit_gets_no_release",
    ),
    "B08 a tag is on a later commit than what was published": (
        f"{PARTLY}a_tag_is_on_the_commit_that_was_built_however_far_the_branch_has_gone_on",
    ),
    "B09 without its tag a published package is released as new": (
        "app/releasing/test_release_plan.py::test_a_registry_that_has_versions_stops_a_first_release",
    ),
    "B23 requirements among crates of a repository fall behind": (BUILD,),
    "B24 the lock file that one crate changed stops the next": (BUILD,),
    "B29 what passes is not tried again": (
        f"{DELIVER}what_passes_is_tried_again_and_what_was_stored_is_not",
        f"{CRATES}a_connection_that_breaks_is_tried_again",
        FAULTY,
    ),
    "B30 every failure of npm's registry is read as not published": (
        f"{REGISTRIES}a_registry_that_stays_away_is_unreachable_with_the_reason",
        f"{REGISTRIES}s16_a_refusal_is_said_and_not_tried_again",
    ),
    "B31 secrets are shown, or handed on": (
        "e2e/test_secrets.py::test_stored_tokens_are_nowhere_but_where_they_are_needed",
        "e2e/test_secrets.py::test_a_job_of_github_hides_its_tokens_and_leaves_them_nowhere",
        f"{PUBLISH}no_secret_is_shown_or_handed_to_a_program_as_a_word",
        f"{CRATES}the_token_is_no_word_of_a_command_and_no_other_secret_reaches_cargo",
        f"{NPM}the_token_is_no_word_and_in_no_file_and_no_other_secret_reaches_npm",
    ),
    "B34 tokens are checked for all kinds at once": (
        f"{PUBLISH}without_tokens_nothing_is_sent_and_all_that_lack_are_named",
        "inspect/doctor/test_credentials.py::test_a_token_for_the_package_is_enough",
    ),
    "B37 what another run published is not tagged": (KILLED,),
    "B38 a tag that is not pushed is only warned of": (f"{TAGS}a_push_that_fails_is_an_error",),
    "B39 a tag of another commit is taken for ours": (f"{TAGS}a_tag_of_another_commit_is_never_moved",),
    "B40 names of Python projects are compared letter by letter": (
        "release/test_artifacts.py::test_every_file_is_known_by_its_name_or_by_what_is_in_it",
    ),
}

CASES: dict[str, tuple[str, ...]] = {
    "F01": (
        "conformance/test_publish.py::"
        "test_f01_the_crate_goes_before_the_package_that_needs_it_whatever_the_order_of_the_file",
    ),
    "F02": (KILLED,),
    "F03": (f"{PUBLISH}a_release_goes_out_once",),
    "F04": (f"{PARTLY}a_failure_never_lets_go_what_depends_on_it",),
    "F05 piot uploads to PyPI itself": (f"{PUBLISH}a_release_goes_out_once",),
    "F06 nothing planned is nothing to do": (BUILD,),
    "F07": (f"{PUBLISH}without_tokens_nothing_is_sent_and_all_that_lack_are_named",),
    "F08": ("model/release/test_completeness.py::test_f08_every_platform_needs_a_wheel",),
    "F09": ("app/releasing/test_proven_files.py::test_f09_a_file_that_is_not_what_it_claims_is_refused",),
    "F10": ("release/test_artifacts.py::test_every_file_is_known_by_its_name_or_by_what_is_in_it",),
    "F11": (f"{PARTLY}files_of_a_crate_that_are_not_committed_stop_it_and_others_do_not",),
    "F12": (f"{PARTLY}files_of_a_crate_that_are_not_committed_stop_it_and_others_do_not",),
    "F13": (UMBRELLA, f"{FAMILY}the_umbrella_names_its_own_family_exactly_and_leaves_others_alone"),
    "F14": (
        UMBRELLA,
        f"{STEPS}a_failure_keeps_back_what_needs_it_and_nothing_else",
        "e2e/test_publish_staged.py::test_a_refusal_keeps_back_what_comes_after_it",
    ),
    "F15": (f"{NPM}a_tarball_is_sent_as_it_is_and_once",),
    "F16 whatever npm says, the registry is read": (
        f"{NPM}an_answer_that_is_lost_is_looked_up",
        f"{NPM}however_a_registry_says_that_it_has_a_version_its_bytes_decide",
        f"{PROVENANCE}a_refusal_of_provenance_keeps_its_words_and_has_a_next_step",
    ),
    "F17": (f"{NPM}a_refusal_of_the_registry_keeps_its_words",),
    "F18": (FIRST, f"{NPM}a_refusal_of_the_registry_keeps_its_words"),
    "F19": (f"{NPM}a_refusal_of_the_registry_keeps_its_words",),
    "F20": (FIRST,),
    "F21": (f"{CRATES}a_refusal_has_cargos_words_and_the_next_step",),
    "F22": (f"{TAGS}a_push_that_fails_is_an_error", f"{TAGS}a_tag_that_was_made_and_not_pushed_is_pushed"),
    "F23": ("e2e/test_npm_projects.py::test_a_program_is_installed_by_npm_and_started_by_its_launcher",),
    "F24 the program of Windows is another file, whose mode says nothing": (
        f"{PROGRAM}x06_a_launcher_is_made_that_knows_the_program_of_each_platform",
        "plan/test_every_triple.py::test_the_plan_of_a_platform_is_the_one_that_was_read_and_approved",
    ),
    "F25": (f"{FAMILY}a_platform_package_is_for_its_platform_and_has_what_its_umbrella_says",),
    "F26": (f"{FAMILY}a_platform_package_is_for_its_platform_and_has_what_its_umbrella_says",),
    "F27": (f"{NPM}{WORDS}",),
    "F28": (f"{NPM}{WORDS}",),
    "F29 what a job says of its repository decides, and where it says nothing npm does": (
        "model/npm/test_provenance.py::test_a_public_package_of_the_repository_of_the_job_can_have_it",
        f"{PROVENANCE}what_does_not_ask_goes_without_and_that_is_said",
    ),
    "F30": ("app/test_check.py::test_in_a_job_of_github_addresses_are_held_against_its_repository",),
    "X01": (f"{PUBLISH}no_secret_is_shown_or_handed_to_a_program_as_a_word", NAMED),
    "X02": (NAMED,),
    "X03 every token that is used is known, whatever its variable, and others by their names": (
        "model/test_secrets.py::test_no_form_of_a_secret_survives",
        NAMED,
    ),
    "X04 seven characters are a secret too": (NAMED,),
    "X05": ("model/test_secrets.py::test_of_two_secrets_that_begin_alike_the_longer_goes_first",),
    "X06 the launcher is a .cjs": (
        f"{PROGRAM}x06_a_launcher_is_made_that_knows_the_program_of_each_platform",
    ),
    "X07": (f"{PROGRAM}x07_a_launcher_that_is_there_stays_and_is_named",),
    "X08": (f"{LAUNCHER}of_two_programs_the_one_for_this_c_library_starts",),
    "X09": (f"{BUNDLED}a_wheel_puts_its_program_on_path",),
    "X10": (STAGED,),
    "X11": (
        STAGED,
        f"{BUNDLED}an_include_that_takes_the_program_elsewhere_is_enough",
    ),
    "X12 maturin takes no file by ** at the end": (MATURIN,),
    "X13 nor by a pattern of the folder that it is in": (MATURIN,),
    "X14": (f"{BUNDLED}what_cannot_become_a_wheel_with_a_program_is_refused_before_anything_is_built",),
    "X14b": (
        MATURIN,
        f"{BUNDLED}an_include_that_takes_the_program_elsewhere_is_enough",
    ),
    "X15": (
        "plan/test_every_triple.py::test_the_plan_of_a_platform_is_the_one_that_was_read_and_approved",
        "run/verify/test_wheel.py::test_x15_a_program_of_windows_is_the_one_that_ends_in_exe",
    ),
}

OPEN: tuple[str, ...] = ()
"""Numbers of what has no test yet."""

TABLES = {**COMPLAINTS, **DEFECTS, **CASES}
SHOWN = [(name, test) for name, tests in TABLES.items() for test in tests]
PUBLISHING = (*(3, 4, 5, 6, 7, 8, 9, 23, 24, 29, 30, 31, 34, 37, 38, 39, 40),)
"""Those of the numbered defects that are about publishing."""


@pytest.mark.parametrize(("name", "test"), SHOWN, ids=lambda text: text.partition(" ")[0])
def test_there_is_a_test_that_shows_piot(name: str, test: str) -> None:
    path, _, function = test.partition("::")
    source = (TESTS / path).read_text(encoding="utf-8")
    assert re.search(rf"^def {re.escape(function)}\(", source, re.MULTILINE), f"{name}: {test} is gone"


def test_every_number_is_shown_or_open_and_none_is_both() -> None:
    numbers = [*(name.partition(" ")[0] for name in TABLES), *OPEN]
    assert sorted(numbers) == sorted(
        [
            *(f"C{number:02}" for number in range(1, 20)),
            *(f"B{number:02}" for number in PUBLISHING),
            *(f"F{number:02}" for number in range(1, 31)),
            *(f"X{number:02}" for number in range(1, 16)),
            "X14b",
        ]
    )
