"""Policies of wheels for Linux: which libc each is about, and what ``maturin --compatibility`` is told."""

from __future__ import annotations

from piot.model.triple import Triple

MUSLLINUX = "musllinux_1_2"
"""The policy for musl unless told: that of Rust's own musl and of Alpine 3.13 (PEP 656)."""


def applies(policy: str, triple: Triple) -> bool:
    """Whether a configured policy (``2_28``, ``auto``, ``musllinux_1_2``) is about the triple's libc."""
    if triple.os != "linux":
        return False
    return (triple.libc == "musl") == policy.startswith("musllinux")


def compatibility(policy: str, triple: Triple, glibc: str | None) -> str:
    """What ``maturin --compatibility`` is told; a policy that does not apply gives way to the floor.

    ``policy`` is as configured, empty when it is not; ``glibc`` is the oldest that the wheel must run with.
    Empty where there is nothing to tell, on other systems than Linux.
    """
    if triple.os != "linux":
        return ""
    own = policy if applies(policy, triple) else ""
    if triple.libc == "musl":
        return own or MUSLLINUX
    if own in ("", "auto"):
        return f"manylinux_{(glibc or '2.17').replace('.', '_')}"
    return f"manylinux_{own}" if "_" in own else f"manylinux{own}"


def policy_glibc(policy: str) -> str | None:
    """The glibc of a manylinux policy (PEP 513, 571, 599, 600)."""
    if policy.startswith("2_"):
        return policy.replace("_", ".")
    return {"1": "2.5", "2010": "2.12", "2014": "2.17"}.get(policy)
