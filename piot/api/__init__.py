"""The door: all that rule and toolchain files may import, beside the standard library."""

from piot.api.context import Context
from piot.api.faults import Faults
from piot.api.rule import Label, Rule, Source, Sources, StringMap, Triples, rule
from piot.api.toolchain import Answer, Request, Toolchain, toolchain
from piot.errors import near
from piot.model.action import Fetched, Incremental, Input, Mount, Output, Produced, SourceFile, Text, Unpacked
from piot.model.cargo.facts import Crate as CrateFacts
from piot.model.cargo.facts import Workspace
from piot.model.fetch import CargoGitFetch, CrateFetch, NpmFetch, PypiFetch
from piot.model.npm.project import NpmManifest, NpmProject
from piot.model.proof import (
    ArchiveProof,
    BinaryProof,
    CrateProof,
    LibraryProof,
    Proof,
    SdistProof,
    TarballProof,
    WheelProof,
)
from piot.model.provider import (
    Addon,
    Archive,
    Crate,
    Executable,
    Files,
    NpmPackage,
    Provider,
    Sdist,
    Tested,
    Wheel,
)
from piot.model.python.manylinux import compatibility, policy_glibc
from piot.model.python.pyproject import Maturin, Pyproject, python_tag
from piot.model.toolchain import (
    Emulator,
    Found,
    Interpreter,
    Lack,
    Linker,
    NodeToolchain,
    Preparation,
    Probe,
    RustToolchain,
    SystemTool,
)
from piot.model.triple import Triple

__all__ = [
    "Addon",
    "Answer",
    "Archive",
    "ArchiveProof",
    "BinaryProof",
    "CargoGitFetch",
    "Context",
    "Crate",
    "CrateFacts",
    "CrateFetch",
    "CrateProof",
    "Emulator",
    "Executable",
    "Faults",
    "Fetched",
    "Files",
    "Found",
    "Incremental",
    "Input",
    "Interpreter",
    "Label",
    "Lack",
    "LibraryProof",
    "Linker",
    "Maturin",
    "Mount",
    "NodeToolchain",
    "NpmFetch",
    "NpmManifest",
    "NpmPackage",
    "NpmProject",
    "Output",
    "Preparation",
    "Probe",
    "Produced",
    "Proof",
    "Provider",
    "PypiFetch",
    "Pyproject",
    "Request",
    "Rule",
    "RustToolchain",
    "Sdist",
    "SdistProof",
    "Source",
    "SourceFile",
    "Sources",
    "StringMap",
    "SystemTool",
    "TarballProof",
    "Tested",
    "Text",
    "Toolchain",
    "Triple",
    "Triples",
    "Unpacked",
    "Wheel",
    "WheelProof",
    "Workspace",
    "compatibility",
    "near",
    "policy_glibc",
    "python_tag",
    "rule",
    "toolchain",
]
