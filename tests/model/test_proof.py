from __future__ import annotations

import dataclasses

import pytest

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

ALL: list[Proof] = [
    WheelProof(name="demo"),
    WheelProof(name="demo", version="1.0", triple="x86_64-unknown-linux-gnu", glibc="2.17", abi3=(3, 9)),
    WheelProof(name="demo", python="cp312"),
    SdistProof(name="demo"),
    CrateProof(name="demo"),
    BinaryProof(triple="x86_64-unknown-linux-gnu"),
    BinaryProof(triple="x86_64-unknown-linux-gnu", glibc="2.17"),
    LibraryProof(triple="x86_64-unknown-linux-gnu"),
    TarballProof(name="demo", version="1.0.0"),
    TarballProof(name="demo", version="1.0.0", triple="x86_64-unknown-linux-gnu"),
    ArchiveProof(file="demo.zip", triple="x86_64-unknown-linux-gnu", files=("demo",)),
    ArchiveProof(file="demo.zip", triple="x86_64-unknown-linux-gnu", files=("demo",), programs=("demo",)),
]


def test_different_proofs_print_differently_so_that_the_text_can_stand_in_a_key() -> None:
    assert len({repr(proof) for proof in ALL}) == len(ALL) == len(set(ALL))


@pytest.mark.parametrize("proof", ALL, ids=repr)
def test_a_proof_is_a_value_that_does_not_change(proof: Proof) -> None:
    assert dataclasses.replace(proof) == proof
    assert repr(dataclasses.replace(proof)) == repr(proof)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(proof, dataclasses.fields(proof)[0].name, "other")
