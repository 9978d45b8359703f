"""The door: all that rule and toolchain files may import, beside the standard library."""

from piot.api.context import Context
from piot.api.rule import Label, Rule, Source, Sources, StringMap, Triples, rule
from piot.api.toolchain import Answer, Request, Toolchain, toolchain
from piot.errors import near
from piot.model.action import Incremental, Input, Mount, Output, Produced, SourceFile, Text, Unpacked
from piot.model.cargo import Crate as CrateFacts
from piot.model.cargo import Workspace
from piot.model.fetch import CargoGitFetch, CrateFetch, PypiFetch
from piot.model.proof import BinaryProof, CrateProof, LibraryProof, Proof, SdistProof, WheelProof
from piot.model.provider import Crate, Executable, Files, Provider, Sdist, Tested, Wheel
from piot.model.pyproject import Maturin, Pyproject, python_tag
from piot.model.toolchain import (
    Found,
    Interpreter,
    Lack,
    Linker,
    Preparation,
    Probe,
    RustToolchain,
    SystemTool,
)
from piot.model.triple import Triple

__all__ = [
    "Answer",
    "BinaryProof",
    "CargoGitFetch",
    "Context",
    "Crate",
    "CrateFacts",
    "CrateFetch",
    "CrateProof",
    "Executable",
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
    "Tested",
    "Text",
    "Toolchain",
    "Triple",
    "Triples",
    "Unpacked",
    "Wheel",
    "WheelProof",
    "Workspace",
    "near",
    "python_tag",
    "rule",
    "toolchain",
]
