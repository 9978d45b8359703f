"""Defects that tools of this kind have had in building, each with the tests that show piot without it.

Numbers are those of the list that the project keeps of them. A test that is renamed or gone is missed here.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

DEFECTS: dict[str, tuple[str, ...]] = {
    "B16 a napi spelling of an arm64 platform runs on x64": (
        "model/test_triple.py::test_runners_follow_the_platform_however_it_is_spelled",
    ),
    "B17 with programs for two libcs the last one is started": (
        "api/test_npm_launcher.py::test_of_two_programs_the_one_for_this_c_library_starts",
    ),
    "B18 the launcher breaks in a package that is a module": (
        "api/test_npm_launcher.py::test_arguments_streams_and_the_exit_code_are_passed_on",
        "api/test_npm_launcher.py::test_node_reads_a_file_by_its_ending_and_type",
    ),
    "B19 the launcher loses signals and hides why a program cannot start": (
        "api/test_npm_launcher.py::test_a_program_that_is_ended_by_a_signal_ends_the_launcher_alike",
        "api/test_npm_launcher.py::test_why_a_program_cannot_start_is_said",
    ),
    "B20 an umbrella ships without its launcher": (
        "e2e/test_npm_projects.py::test_a_program_is_installed_by_npm_and_started_by_its_launcher",
    ),
    "B21 with an addon named first there is no launcher": (
        "load/test_packages.py::test_a_package_with_an_addon_and_a_program_has_two_families",
    ),
    "B22 of two packages in a folder the first one's program is taken": (
        "load/test_packages.py::test_packages_in_one_folder_have_their_own_programs",
    ),
    "B26 valid TOML cannot be stamped": (
        "model/test_stamp.py::test_a_crate_its_dependents_and_the_lock_follow",
    ),
    "B27 the operator of a requirement is dropped": (
        "model/test_stamp.py::test_a_crate_its_dependents_and_the_lock_follow",
    ),
    "B28 all crates of a repository get one version": (
        "model/test_stamp.py::test_every_crate_gets_its_own_version",
    ),
    "B32 requires-python is read wrong, or silently as 3.12": (
        "model/python/test_pyproject.py::test_requires_python_means_minor_versions",
        "model/python/test_pyproject.py::test_a_requires_python_that_leaves_nothing_is_an_error",
    ),
    "B33 a program in a manylinux wheel needs the builder's glibc": (
        "run/verify/test_wheel_native.py::test_a_program_in_a_wheel_must_keep_the_tag_too",
        "e2e/test_example_bundle.py::test_a_wheel_puts_its_program_on_path",
    ),
    "B36 platform packages of targets that are gone stay in the umbrella": (
        "api/test_npm_family.py::test_the_umbrella_names_its_own_family_exactly_and_leaves_others_alone",
        "api/test_npm_family.py::test_stale_packages_are_known_by_any_template",
    ),
    "B44 the lock file of a workspace's root is not found": (
        "load/test_npm_projects.py::test_a_package_belongs_to_the_workspace_above_it",
        "rules/test_npm_build.py::test_a_workspace_is_installed_and_built_from_pinned_files",
    ),
    "B45 what lies about in dist/ ships too": (
        "app/building/test_delivery.py::test_a_dist_that_piot_did_not_make_is_refused_before_anything_runs",
        "load/test_repository.py::test_piots_own_folders_are_no_sources",
    ),
    "B49 of several programs in a package one is executable": (
        "run/stores/test_capture.py::test_files_folders_and_links_are_taken_and_the_rest_is_left",
        "run/verify/test_tarball.py::test_programs_are_there_and_can_be_started",
        "run/verify/test_wheel.py::test_a_program_that_is_to_be_shipped_is_inside_and_can_be_run",
    ),
    "B50 nothing holds the lock file to what it says": (
        "model/cargo/test_edit.py::test_cargo_takes_what_was_made_as_locked",
        "e2e/test_locked.py::test_a_crate_that_the_lock_file_does_not_pin_is_never_chosen",
        "rules/test_npm_build.py::test_a_lock_file_that_is_out_of_date_is_refused_before_anything_runs",
    ),
    "B51 a valid include of maturin is refused": (
        "model/python/test_pyproject.py::test_what_maturin_takes_into_a_wheel",
        "e2e/test_example_bundle.py::test_an_include_that_takes_the_program_elsewhere_is_enough",
    ),
}

SHOWN = [(defect, test) for defect, tests in DEFECTS.items() for test in tests]


@pytest.mark.parametrize(("defect", "test"), SHOWN, ids=lambda text: text.partition(" ")[0])
def test_there_is_a_test_that_shows_piot_without_the_defect(defect: str, test: str) -> None:
    path, _, name = test.partition("::")
    source = (TESTS / path).read_text(encoding="utf-8")
    assert re.search(rf"^def {re.escape(name)}\(", source, re.MULTILINE), f"{defect}: {test} is gone"
