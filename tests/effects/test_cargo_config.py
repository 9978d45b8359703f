"""Cargo's configuration: which file wins, where crates come from, which token is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.effects.cargo_config import (
    CRATES_IO_GIT,
    CRATES_IO_SPARSE,
    CargoConfig,
    Place,
)
from piot.errors import InputError

CORP = "sparse+https://crates.corp.example/index/"


def config(
    tmp_path: Path, text: str = "", *, home: str = "", env: dict[str, str] | None = None
) -> CargoConfig:
    root = tmp_path / "repo"
    for folder, content in ((root / ".cargo", text), (tmp_path / "home", home)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(content, encoding="utf-8")
    return CargoConfig.read(root, {"CARGO_HOME": str(tmp_path / "home"), **(env or {})})


@pytest.mark.parametrize("source", [CRATES_IO_GIT, CRATES_IO_SPARSE])
def test_the_built_in_registry_needs_no_configuration(tmp_path: Path, source: str) -> None:
    assert config(tmp_path).place(source) == Place(index=CRATES_IO_SPARSE, registry="crates-io")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            f'[source.crates-io]\nreplace-with = "mirror"\n[source.mirror]\nregistry = "{CORP}"\n',
            Place(index=CORP, registry="mirror"),
        ),
        (
            f'[source.crates-io]\nreplace-with = "corp"\n[registries.corp]\nindex = "{CORP}"\n',
            Place(index=CORP, registry="corp"),
        ),
        (
            '[source.crates-io]\nreplace-with = "a"\n[source.a]\nreplace-with = "b"\n'
            '[source.b]\nregistry = "https://git.example/index"\n',
            Place(index="https://git.example/index", registry="b"),
        ),
    ],
)
def test_a_source_may_be_replaced_by_another(tmp_path: Path, text: str, place: Place) -> None:
    assert config(tmp_path, text).place(CRATES_IO_GIT) == place


def test_paths_are_relative_to_the_folder_above_the_file(tmp_path: Path) -> None:
    text = '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"\n'
    assert config(tmp_path, text).place(CRATES_IO_GIT) == Place(directory=tmp_path / "repo" / "vendor")
    local = text.replace("directory", "local-registry")
    home = f'{local}[http]\ncainfo = "ca.pem"\n'
    read = config(tmp_path, home=home)
    assert read.place(CRATES_IO_GIT) == Place(local=tmp_path / "vendor")
    assert read.cainfo == tmp_path / "ca.pem"


def test_an_alternative_registry_is_known_by_its_index(tmp_path: Path) -> None:
    read = config(tmp_path, f'[registries.corp]\nindex = "{CORP}"\n')
    assert read.place(CORP.rstrip("/")) == Place(index=CORP.rstrip("/"), registry="corp")
    assert read.place("registry+https://other.example") == Place(index="https://other.example")


def test_a_registry_may_be_named_by_the_environment_alone(tmp_path: Path) -> None:
    read = config(
        tmp_path, env={"CARGO_REGISTRIES_MY_CORP_INDEX": CORP, "CARGO_REGISTRIES_MY_CORP_TOKEN": "t"}
    )
    place = read.place(CORP)
    assert place == Place(index=CORP, registry="my-corp")
    assert read.token(place.registry) == "t"


def test_the_nearest_file_wins_and_the_environment_over_all(tmp_path: Path) -> None:
    http = '[http]\nproxy = "{}"\n'
    read = config(tmp_path, http.format("near.example:80"), home=http.format("far.example:80"))
    assert read.proxy == "http://near.example:80"
    read = config(tmp_path, env={"CARGO_HTTP_PROXY": "socks5://env.example"})
    assert read.proxy == "socks5://env.example"
    assert config(tmp_path, home=http.format("far.example:80")).proxy == "http://far.example:80"
    assert config(tmp_path).proxy is None


def test_tokens_come_from_variables_then_from_the_credentials_file(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "credentials.toml").write_text(
        '[registry]\ntoken = "main"\n[registries.my-corp]\ntoken = "stored"\n', encoding="utf-8"
    )
    read = config(tmp_path)
    assert [read.token(name) for name in ("crates-io", "my-corp", "other", None)] == [
        "main",
        "stored",
        None,
        None,
    ]
    read = config(tmp_path, env={"CARGO_REGISTRY_TOKEN": "a", "CARGO_REGISTRIES_MY_CORP_TOKEN": "b"})
    assert [read.token(name) for name in ("crates-io", "my-corp")] == ["a", "b"]
    assert "stored" not in repr(read)


def test_a_checkout_cannot_bring_credentials(tmp_path: Path) -> None:
    read = config(tmp_path, '[registries.corp]\ntoken = "evil"\n')
    assert read.token("corp") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[source.crates-io]\nreplace-with = "miror"\n[source.mirror]\nregistry = "x"\n',
            'cargo\'s configuration replaces a source by "miror", which it does not define\n\n'
            'hint: did you mean "mirror"?',
        ),
        (
            '[source.crates-io]\nreplace-with = "a"\n[source.a]\nreplace-with = "crates-io"\n',
            "cargo's source replacement runs in a circle: crates-io -> a -> crates-io",
        ),
    ],
)
def test_a_replacement_that_leads_nowhere_is_named(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        config(tmp_path, text).place(CRATES_IO_GIT)
    assert str(caught.value) == expected


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        config(tmp_path, "x = ")
    assert str(caught.value).startswith(f"cannot read {tmp_path / 'repo' / '.cargo' / 'config.toml'}: ")
