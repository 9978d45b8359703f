"""``.crate`` files: what ``cargo package`` writes and crates.io takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from piot.model.proof import CrateProof
from piot.model.tables import as_table
from piot.run.verify.archive import read_tar_gz

# crates.io refuses larger uploads (PIOT_CRATES_PACKAGE_TOO_LARGE).
LIMIT = 10 * 1024 * 1024


def crate_findings(file_name: str, data: bytes, proof: CrateProof) -> Iterator[str]:
    """What is wrong with the crate ``data`` that is called ``file_name``, one sentence each."""
    if len(data) > LIMIT:
        yield f"{file_name} has {len(data)} bytes, crates.io takes at most {LIMIT}."
    archive = read_tar_gz(data)
    yield from archive.findings
    if archive.findings:
        return
    for link in archive.links:
        yield f"Member {link} is a link, which crates.io refuses."
    yield from _case_findings(archive.members)
    folder = file_name.removesuffix(".crate")
    tops = sorted({name.split("/")[0] for name in (*archive.members, *archive.links)})
    if tops != [folder]:
        yield f"{file_name} has the top folders {', '.join(tops) or 'none'}, expected only {folder}."
    elif f"{folder}/Cargo.toml" not in archive.members:
        yield f"{file_name} has no {folder}/Cargo.toml."
    else:
        yield from _manifest_findings(file_name, folder, archive.members, proof)


def _case_findings(names: Mapping[str, bytes]) -> Iterator[str]:
    """Names that differ only by case, which crates.io refuses for the file systems that cannot hold both."""
    seen: dict[str, str] = {}
    for name in names:
        if (other := seen.setdefault(name.casefold(), name)) != name:
            yield f"Members {other} and {name} differ only in upper and lower case."


def _manifest_findings(
    file_name: str, folder: str, members: Mapping[str, bytes], proof: CrateProof
) -> Iterator[str]:
    import tomllib

    where = f"{folder}/Cargo.toml"
    try:
        manifest: dict[str, object] = tomllib.loads(members[where].decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        yield f"{where} is not TOML in UTF-8: {error}."
        return
    package = as_table(manifest.get("package"))
    name, version = str(package.get("name")), str(package.get("version"))
    if name != proof.name:
        yield f"{where} has the name {name}, expected {proof.name}."
    if proof.version is not None and version != proof.version:
        yield f"{where} has the version {version}, expected {proof.version}."
    if file_name != f"{name}-{version}.crate":
        yield f"The file is called {file_name}, expected {name}-{version}.crate as in its Cargo.toml."
    yield from _source_findings(where, folder, manifest, members)


def _source_findings(
    where: str, folder: str, manifest: Mapping[str, object], members: Mapping[str, bytes]
) -> Iterator[str]:
    """Roots of the library and the programs: named in the manifest or where cargo looks by itself."""
    bins = manifest.get("bin")
    programs = cast("list[object]", bins) if isinstance(bins, list) else []
    tables = [as_table(table) for table in (manifest.get("lib"), *programs)]
    named = [str(table["path"]).removeprefix("./") for table in tables if "path" in table]
    for path in named:
        if f"{folder}/{path}" not in members:
            yield f"{where} names the source {path}, which is not in the crate."
    usual = (f"{folder}/src/lib.rs", f"{folder}/src/main.rs", f"{folder}/src/bin/")
    if not named and not any(name.startswith(usual) for name in members):
        yield f"{folder} has no source: neither src/lib.rs, src/main.rs nor src/bin/ is in the crate."
