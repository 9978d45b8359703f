"""Where cargo keeps tokens: each place is named, no token is."""

from __future__ import annotations

from pathlib import Path

from piot.inspect.doctor.credential import Credential
from piot.inspect.doctor.of_cargo import CargoPlaces, cargo

CRATES = ("core", "cli")
SECRET = "s3cr3t-t0ken"


def found(home: Path, environ: dict[str, str] | None = None, *folders: Path) -> tuple[Credential, ...]:
    credentials = cargo(CargoPlaces(home=home, folders=folders), environ or {}, CRATES)
    assert SECRET not in repr(credentials)
    return credentials


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_machine_without_any_has_none(tmp_path: Path) -> None:
    assert found(tmp_path) == ()


def test_variables_of_crates_io_and_of_other_registries(tmp_path: Path) -> None:
    environ = {"CARGO_REGISTRY_TOKEN": SECRET, "CARGO_REGISTRIES_MY_OWN_TOKEN": SECRET}
    assert found(tmp_path, environ) == (
        Credential(
            kind="crates",
            means="token",
            place="the variable CARGO_REGISTRIES_MY_OWN_TOKEN",
            covers="crates of its owner on my-own",
        ),
        Credential(
            kind="crates",
            means="token",
            place="the variable CARGO_REGISTRY_TOKEN",
            covers="crates of its owner on crates.io",
            packages=CRATES,
        ),
    )


def test_an_empty_variable_is_no_token(tmp_path: Path) -> None:
    (one,) = found(tmp_path, {"CARGO_REGISTRY_TOKEN": " "})
    assert (one.flaw, one.usable) == ("is empty", False)


def test_a_token_of_a_trusted_publisher_is_known_by_its_prefix(tmp_path: Path) -> None:
    (one,) = found(tmp_path, {"CARGO_REGISTRY_TOKEN": f"cio_tp_{SECRET}"})
    assert one.covers == "crates of its owner on crates.io (short-lived, of a trusted publisher)"


def test_the_credentials_file_holds_tokens_by_registry(tmp_path: Path) -> None:
    text = f'[registry]\ntoken = "{SECRET}"\n[registries.mine]\ntoken = "{SECRET}"\n[registries.other]\n'
    path = write(tmp_path / "credentials.toml", text)
    assert [(each.place, each.covers, each.packages) for each in found(tmp_path)] == [
        (str(path), "crates of its owner on crates.io", CRATES),
        (f"{path} [registries.mine]", "crates of its owner on mine", ()),
    ]


def test_the_file_without_extension_comes_first(tmp_path: Path) -> None:
    write(tmp_path / "credentials.toml", f'[registry]\ntoken = "{SECRET}"\n')
    first = write(tmp_path / "credentials", f'[registry]\ntoken = "{SECRET}"\n')
    assert [each.place for each in found(tmp_path)] == [str(first)]


def test_a_file_that_is_no_toml_is_named_without_its_words(tmp_path: Path) -> None:
    path = write(tmp_path / "credentials.toml", f"[registry]\ntoken = {SECRET}\n")
    (one,) = found(tmp_path)
    assert (one.place, one.flaw, one.usable) == (str(path), "is not valid TOML", False)


def test_credential_providers_are_named_and_not_asked(tmp_path: Path) -> None:
    write(
        tmp_path / "repo/.cargo/config.toml",
        '[registry]\nglobal-credential-providers = ["cargo:token", "cargo:libsecret"]\n'
        '[registries.mine]\ncredential-provider = ["my-helper", "--x"]\n',
    )
    write(tmp_path / "home/config.toml", '[registry]\ncredential-provider = "cargo:token"\n')
    environ = {"CARGO_REGISTRIES_OWN_CREDENTIAL_PROVIDER": "helper"}
    every = found(tmp_path / "home", environ, tmp_path / "repo/.cargo")
    config = tmp_path / "repo/.cargo/config.toml"
    assert [(each.means, each.place, each.covers, each.usable) for each in every] == [
        (
            "credential provider",
            "the variable CARGO_REGISTRIES_OWN_CREDENTIAL_PROVIDER",
            "registry own",
            False,
        ),
        ("credential provider", f"{config} registry.global-credential-providers", "crates.io", False),
        ("credential provider", f"{config} registries.mine.credential-provider", "registry mine", False),
    ]
