"""Which packages have a smoke test, and of what."""

from __future__ import annotations

import pytest

from piot.load.smoke_targets import with_smoke_tests
from piot.model.label import Label
from piot.model.rule import Triples
from piot.model.select import Value
from piot.model.target import Target


def target(label: str, rule: str, **attrs: Value) -> Target:
    return Target(
        label=Label.parse(label),
        rule=rule,
        attrs=tuple(sorted(attrs.items())),
        package="pkg",
        location="putitoutthere.toml:4",
    )


def labels(*names: str) -> tuple[Label, ...]:
    return tuple(Label.parse(name) for name in names)


def smoke(*targets: Target) -> dict[str, dict[str, Value]]:
    """The attributes of the tests by label."""
    found = with_smoke_tests(targets)
    return {str(each.label): dict(each.attrs) for each in found if each.rule == "smoke"}


def test_a_wheel_is_tried_for_its_platforms_and_pythons() -> None:
    triples = Triples(("x86_64-unknown-linux-gnu",))
    wheel = target(
        "//py:a-wheel", "maturin_wheel", directory="py", targets=triples, python_versions=("3.12", "3.13")
    )
    kept, made = with_smoke_tests([wheel])
    assert kept is wheel
    assert (made.rule, made.package, made.location) == ("smoke", "pkg", "putitoutthere.toml:4")
    assert str(made.label) == "//py:a-smoke"
    assert dict(made.attrs) == {
        "of": labels("//py:a-wheel"),
        "beside": (),
        "directory": "py",
        "targets": triples,
        "python_versions": ("3.12", "3.13"),
    }


@pytest.mark.parametrize(
    ("wheels", "tried"),
    [
        (("3.9", "3.10", "3.14t"), ("3.10", "3.14t")),
        (("pypy3.9", "pypy3.11"), ("pypy3.11",)),
        (("3.8", "3.9"), ("3.8", "3.9")),
    ],
)
def test_wheels_for_pythons_that_pip_is_too_new_for_are_left_out_beside_others(
    wheels: tuple[str, ...], tried: tuple[str, ...]
) -> None:
    made = smoke(target("//py:wheel", "maturin_wheel", directory="py", python_versions=wheels))
    assert made["//py:smoke"]["python_versions"] == tried


def test_a_build_file_can_have_another_test_of_that_name() -> None:
    own = target("//py:smoke", "test")
    wheel = target("//py:wheel", "python_wheel")
    assert with_smoke_tests([wheel], [own]) == (wheel,)


def test_crates_programs_and_sources_have_no_test_of_their_own() -> None:
    rules = ("rust_crate", "rust_binary", "python_sdist", "maturin_sdist", "napi_addon", "npm_platforms")
    targets = [target(f"//a:{rule}", rule) for rule in rules]
    assert with_smoke_tests(targets) == tuple(targets)


def test_wheels_that_it_depends_on_are_installed_too_and_theirs() -> None:
    found = smoke(
        target("//c:wheel", "python_wheel"),
        target("//r:crate", "rust_crate", depends_on=labels("//c:wheel")),
        target("//b:wheel", "maturin_wheel", depends_on=labels("//c:wheel", "//n:package")),
        target("//n:package", "npm_package"),
        target("//a:wheel", "python_wheel", depends_on=labels("//r:crate", "//b:wheel", "//gone:wheel")),
    )
    assert found["//a:smoke"]["beside"] == labels("//b:wheel", "//c:wheel")
    assert found["//b:smoke"]["beside"] == labels("//c:wheel")


def test_a_package_of_npm_is_installed_with_those_that_it_uses_and_that_of_the_platform() -> None:
    found = smoke(
        target("//ts:cli", "rust_binary"),
        target("//ts:platforms", "npm_platforms"),
        target("//ts:package", "npm_program", packages=labels("//lib:package")),
        target("//lib:package", "npm_package", packages=labels("//ts:package")),
    )
    assert found["//ts:smoke"]["beside"] == labels("//lib:package", "//ts:platforms")
    assert found["//lib:smoke"]["beside"] == labels("//ts:package")
