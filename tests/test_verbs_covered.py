"""Every verb, flag and format of the command line has an end-to-end test, and this is the list of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from piot.cli.flags import GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG, Flag, Verb
from piot.cli.verbs import VERBS

E2E = Path(__file__).parent / "e2e"
PLAIN_TEXT = ("run", "completion", "help")
"""Verbs without ``--json``."""

COVERED: dict[str, dict[str, str]] = {
    "bump": {
        "test_a_release_is_written_committed_and_locked": "bump --json",
        "test_a_dry_run_prints_a_patch_that_git_applies": "bump --dry-run",
        "test_packages_and_versions_can_be_chosen_by_hand": "bump --bump",
    },
    "doctor": {
        "test_on_a_laptop_that_builds_nothing_stops_a_release": "doctor --json, piot --offline",
    },
    "small_verbs": {
        "test_explain_says_why_each_action_would_run": "explain",
        "test_a_dry_run_says_what_would_be_built_and_does_nothing": "build --dry-run",
        "test_keep_going_builds_what_does_not_depend_on_the_failure": "build --jobs --keep-going",
        "test_a_kept_sandbox_has_a_script_that_runs_the_action_again": "build --keep-sandbox --sandbox",
    },
    "small_run": {
        "test_a_program_is_built_and_run_and_shares_its_result_with_build": "run",
        "test_the_dev_profile_reaches_programs_tests_and_commands": "run --profile, build --profile",
    },
    "small_incremental": {
        "test_its_result_is_not_stored_and_the_report_says_so": "build --incremental",
        "test_a_program_is_run_and_clean_removes_it_all": "run --incremental",
    },
    "verbs_build": {
        "test_these_flags_find_the_same_results": (
            "build --target --python --profile --jobs --keep-going --sandbox --keep-sandbox, "
            "test --target --python --profile --jobs --keep-going --sandbox --keep-sandbox, piot --offline"
        ),
        "test_quiet_leaves_the_results_alone": "piot --quiet",
        "test_verbose_shows_what_succeeding_actions_print": "piot --verbose",
        "test_colours_can_be_had_in_a_pipe": "piot --color",
        "test_forced_only_what_is_asked_for_runs_again": "build --force, test --force",
        "test_without_the_cache_all_runs_and_says_so": "build --no-cache, test --no-cache",
        "test_results_can_be_put_elsewhere": "build --out",
        "test_patterns_are_relative_to_the_folder_and_paths_to_the_one_of_the_caller": "piot -C",
        "test_another_configuration_file_can_be_named": "piot --config",
        "test_a_planned_version_is_built_and_tested": "build --set-version, test --set-version",
        "test_a_release_plan_is_built_and_tested": "build --plan, test --plan",
        "test_a_dry_run_of_tests_says_what_would_run": "test --dry-run",
        "test_a_failing_test_is_exit_1_and_others_go_on_with_k": "test --keep-going",
        "test_events_and_trace_are_what_is_documented": "build --events --trace, test --events --trace",
        "test_json_fits_its_schema": "build --json, test --json, piot --json",
        "test_a_program_runs_with_these_flags_as_without": "run --profile --jobs --sandbox --keep-sandbox",
        "test_a_program_is_built_again_where_that_is_asked_for": "run --force --no-cache --set-version",
        "test_what_was_fetched_is_enough_to_go_on_offline": (
            "fetch --json --jobs --target --python --profile --set-version, piot --offline"
        ),
    },
    "verbs_graph": {
        "test_a_query_prints_one_label_or_file_a_line": "query",
        "test_a_graph_can_be_had_in_these_formats": (
            "query --output --output=label --output=label_kind --output=dot --output=mermaid --output=tree"
        ),
        "test_queries_as_json_and_as_lines_of_json": "query --json --output=json --output=jsonl",
        "test_what_a_change_reaches_and_which_jobs_build_it": "query --output=matrix",
        "test_the_actions_of_a_target_and_of_what_it_needs": "actions",
        "test_these_flags_choose_the_same_actions": (
            "actions --target --python --profile, explain --target --python --profile"
        ),
        "test_actions_as_json": "actions --json",
        "test_other_flags_make_other_actions": "actions --profile --sandbox --set-version",
        "test_a_command_that_is_pasted_into_a_shell_does_what_the_action_does": "actions --sh",
        "test_why_and_since_when": "explain --since --set-version",
        "test_explain_as_json": "explain --json",
        "test_the_log_of_builds": "log --list",
        "test_the_log_as_json": "log --json",
    },
    "verbs_plan": {
        "test_the_plan_says_what_in_which_version_and_why": "plan",
        "test_the_plan_as_json_fits_its_schema": "plan --json",
        "test_a_release_by_hand_is_of_what_is_named": "plan --bump",
        "test_all_can_be_compared_with_another_commit": "plan --base",
        "test_a_pushed_tag_is_the_release_that_it_names": "plan --tag",
        "test_what_was_released_before_is_tagged_and_counts": "plan --adopt",
        "test_the_matrix_for_a_step_of_github": "plan --github-output",
        "test_all_work_of_a_machine_can_be_one_job": "plan --rows",
        "test_keys_are_looked_up_or_say_what_they_wait_for": "plan --keys",
        "test_built_files_are_held_against_what_registries_have": "plan --artifacts",
    },
    "publish": {
        "test_a_release_goes_out_once": "publish --plan --artifacts --dry-run --json",
        "test_the_same_files_go_to_another_registry_and_nothing_is_tagged": "publish --registry",
    },
    "status": {
        "test_the_state_of_a_package_on_each_registry": "status --check --json",
        "test_built_files_and_another_registry": "status --artifacts --registry",
    },
    "verbs_rest": {
        "test_the_table_of_toolchains": "toolchains --json",
        "test_rules_are_listed_and_shown": "rules --json",
        "test_the_store_is_described_checked_and_shrunk": "cache info gc verify --max-size --json",
        "test_results_are_forgotten_and_damage_is_found": "cache rm verify",
        "test_clean_removes_what_piot_made": "clean --json",
        "test_a_checkout_is_checked": "check --strict --json",
        "test_a_repository_is_read_and_its_files_written": "init --dry-run --yes --action --json",
        "test_the_launcher_of_a_program_in_a_wheel_is_written": "init --launcher",
        "test_tools_are_pinned_and_pins_kept": "lock --json",
        "test_what_is_installed_already_is_left_alone": (
            "develop --profile --jobs --sandbox --keep-sandbox --incremental"
        ),
        "test_a_wheel_is_built_again_where_that_is_asked_for": "develop --force --no-cache --set-version",
        "test_what_was_installed_as_json": "develop --json",
        "test_help_is_what_the_reference_shows": "help, piot --help",
        "test_the_version": "piot --version",
        "test_the_scripts_make_shells_complete": "completion bash fish",
        "test_the_script_for_zsh": "completion zsh",
    },
}
"""By file and test: verbs with their flags, formats and first words; ``piot`` is for flags of every verb."""


def test_every_verb_flag_and_format_has_a_test() -> None:
    covered = {each for tests in COVERED.values() for words in tests.values() for each in pairs(words)}
    wanted = {each for verb in VERBS for each in of_verb(verb)} | {("piot", ""), *map(of_all, everywhere())}
    assert sorted(wanted - covered) == []
    assert sorted(covered - wanted) == []


def test_every_test_of_the_list_is_there() -> None:
    for file, tests in COVERED.items():
        tree = ast.parse((E2E / f"test_{file}.py").read_text(encoding="utf-8"))
        there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert set(tests) - there == set(), file


def test_every_schema_is_listed_for_readers() -> None:
    reference = Path(__file__).parent.parent / "docs/reference"
    page = (reference / "json.md").read_text(encoding="utf-8")
    names = sorted(path.name for path in (reference / "schemas").iterdir())
    assert [name for name in names if f"(schemas/{name})" not in page] == []


def pairs(words: str) -> Iterator[tuple[str, str]]:
    """``build --force, test`` as (verb, flag), with an empty one for the verb itself."""
    for part in words.split(", "):
        verb, *rest = part.split()
        yield verb, ""
        yield from ((verb, each) for each in rest)


def of_verb(verb: Verb) -> Iterator[tuple[str, str]]:
    yield verb.name, ""
    yield from ((verb.name, word) for word in verb.first)
    yield from ((verb.name, flag.name) for flag in verb.flags)
    yield from (
        (verb.name, f"--output={choice}")
        for flag in verb.flags
        if flag.name == "--output"
        for choice in flag.choices
    )
    if verb.name not in PLAIN_TEXT:
        yield verb.name, "--json"


def everywhere() -> tuple[Flag, ...]:
    return (*GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG)


def of_all(flag: Flag) -> tuple[str, str]:
    return "piot", flag.name
