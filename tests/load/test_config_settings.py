"""Settings are layered: the checkout's, the user's own file, ``PIOT_*`` variables."""

from __future__ import annotations

import pytest

from piot.errors import Problems
from piot.load.config import merge_settings
from piot.model.settings import RegistrySpec, RunnerSpec, Settings

CHECKOUT = Settings(
    sandbox="dir",
    jobs=2,
    runners=(
        RunnerSpec(name="a", endpoint="grpc://localhost:1"),
        RunnerSpec(name="b", endpoint="grpc://localhost:2"),
    ),
    registries=(RegistrySpec(name="mine", values=(("index", "http://localhost:1/"),)),),
)


def test_nothing_said_changes_nothing() -> None:
    assert merge_settings(CHECKOUT, None, {}) == CHECKOUT
    assert merge_settings(CHECKOUT, "", {"PIOT_JOBS": "", "PATH": "/bin"}) == CHECKOUT


def test_the_user_says_it_over_the_checkout_and_variables_over_both() -> None:
    user = '[piot]\njobs = 4\nsandbox = "bwrap"\n[piot.cache]\ndir = "/user"\nmax_size = "500MB"\n'
    environ = {"PIOT_JOBS": "8", "PIOT_CACHE_DIR": "/env", "PIOT_GLIBC": "2.28"}
    settings = merge_settings(CHECKOUT, user, environ)
    assert (settings.jobs, settings.sandbox, settings.cache_dir) == (8, "bwrap", "/env")
    assert (settings.cache_max_size, settings.glibc) == (500_000_000, "2.28")


def test_every_variable_has_its_setting() -> None:
    environ = {"PIOT_SANDBOX": "none", "PIOT_CACHE_MAX_SIZE": "2 TiB"}
    settings = merge_settings(CHECKOUT, None, environ)
    assert (settings.sandbox, settings.cache_max_size) == ("none", 2 * 1024**4)


def test_the_users_entry_replaces_the_whole_one_of_a_checkout() -> None:
    user = (
        '[[piot.runner]]\nname = "b"\nendpoint = "grpc://localhost:9"\n'
        '[piot.registry.mine]\nkind = "pypi"\ntoken_command = ["pass", "pypi"]\n'
        '[piot.registry.other]\nindex = "http://me:pass@localhost:2/"\n'
    )
    settings = merge_settings(CHECKOUT, user, {})
    assert [(r.name, r.endpoint) for r in settings.runners] == [
        ("a", "grpc://localhost:1"),
        ("b", "grpc://localhost:9"),
    ]
    assert settings.registries == (
        RegistrySpec(
            name="mine", values=(("kind", "pypi"), ("token_command", ("pass", "pypi"))), trusted=True
        ),
        RegistrySpec(name="other", values=(("index", "http://me:pass@localhost:2/"),), trusted=True),
    )


@pytest.mark.parametrize(
    ("user", "message"),
    [
        (
            '[piot]\njobs = "all"\n[cache]\ndir = "x"\n',
            'config.toml:2:8: PIOT_NUMBER: [piot]: "jobs" is "all"\n'
            "    hint: write a whole number of at least 1, or leave it out for one per processor\n"
            'config.toml:3:1: PIOT_UNKNOWN_KEY: unknown key "cache"\n'
            "    hint: known keys: piot",
        ),
        (
            '[piot.registry.mine]\npassword = "hunter2\n',
            "config.toml:2:20: PIOT_TOML: invalid TOML: Illegal character '\\n'\n"
            "    hint: look at this place and right before it",
        ),
    ],
)
def test_a_wrong_user_file_is_explained(user: str, message: str) -> None:
    with pytest.raises(Problems) as wrong:
        merge_settings(CHECKOUT, user, {})
    assert str(wrong.value) == message


def test_wrong_variables_are_explained_all_at_once() -> None:
    environ = {
        "PIOT_JOBS": "many",
        "PIOT_SANDBOX": "docker",
        "PIOT_CACHE_MAX_SIZE": "3",
        "PIOT_GLIBC": "glibc-2.17",
    }
    with pytest.raises(Problems) as wrong:
        merge_settings(CHECKOUT, None, environ)
    assert str(wrong.value) == (
        'environment variable PIOT_CACHE_MAX_SIZE: PIOT_SIZE: it is "3", which is not a size\n'
        '    hint: write a number and a unit, as "20GiB"\n'
        'environment variable PIOT_GLIBC: PIOT_GLIBC: it is "glibc-2.17"\n'
        '    hint: write its version, as "2.17" or "2.28"\n'
        'environment variable PIOT_JOBS: PIOT_NUMBER: it is "many"\n'
        "    hint: write a whole number of at least 1, or leave it out for one per processor\n"
        'environment variable PIOT_SANDBOX: PIOT_VALUE: it is "docker"\n'
        "    hint: one of auto, none, dir, bwrap"
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", 'config.toml:1:1: PIOT_MISSING_KEY: [piot.toolchain.xwin]: "sdk" is missing'),
        ('sdk = "xwin"', 'config.toml:2:7: PIOT_VALUE: [piot.toolchain.xwin]: "sdk" is "xwin"'),
    ],
)
def test_a_copy_of_the_windows_sdk_is_named_by_its_place(table: str, said: str) -> None:
    with pytest.raises(Problems) as caught:
        merge_settings(CHECKOUT, f"[piot.toolchain.xwin]\n{table}\n", {})
    assert str(caught.value).splitlines()[0] == said
