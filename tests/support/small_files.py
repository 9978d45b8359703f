"""Small files that registries take, made without any tool."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile


def tgz(name: str, version: str, text: str = "", **more: object) -> bytes:
    """A package of npm with one module."""
    manifest = {"name": name, "version": version, **more}
    return _packed(
        {"package/package.json": json.dumps(manifest), "package/index.js": f"module.exports = '{text}'\n"}
    )


def sdist(name: str, version: str, text: str = "") -> bytes:
    """A source distribution with its metadata and one file."""
    folder = f"{name}-{version}"
    return _packed({f"{folder}/PKG-INFO": metadata(name, version), f"{folder}/{name}.py": text})


def crate(name: str, version: str, text: str = "") -> bytes:
    """A ``.crate`` that nobody compiles."""
    manifest = f'[package]\nname = "{name}"\nversion = "{version}"\n'
    return _packed({f"{name}-{version}/Cargo.toml": manifest, f"{name}-{version}/src/lib.rs": text})


def wheel(name: str, version: str, text: str = "") -> tuple[str, bytes]:
    """A wheel for any Python: its name and its bytes."""
    stream, folder = io.BytesIO(), f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": text,
        f"{folder}/METADATA": metadata(name, version),
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{folder}/RECORD": "",
    }
    with zipfile.ZipFile(stream, "w") as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return f"{name}-{version}-py3-none-any.whl", stream.getvalue()


def metadata(name: str, version: str) -> str:
    return (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: small\n"
        "Classifier: Topic :: Software Development\nClassifier: Typing :: Typed\n"
        "Requires-Python: >=3.9\n\nAbout it.\n"
    )


def _packed(files: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for path, text in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return stream.getvalue()
