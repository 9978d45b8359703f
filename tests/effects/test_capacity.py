"""Processors and memory, from made-up kernels."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from piot.effects import capacity


def kernel(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.skipif(sys.platform != "linux", reason="cgroups are Linux's")
@pytest.mark.parametrize(
    "files",
    [
        {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "50000 100000\n"},
        {"proc/self/cgroup": "0::/../outer\n", "sys/fs/cgroup/cpu.max": "100000 100000\n"},
        {
            "proc/self/cgroup": "4:cpu,cpuacct:/j\n",
            "sys/fs/cgroup/cpu/j/cpu.cfs_quota_us": "90000\n",
            "sys/fs/cgroup/cpu/j/cpu.cfs_period_us": "100000\n",
        },
    ],
    ids=["v2, set above us", "v2, seen from inside", "v1"],
)
def test_a_quota_of_at_most_one_processor_counts_as_one(tmp_path: Path, files: dict[str, str]) -> None:
    assert capacity.cpu_count(files=kernel(tmp_path, files)) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="cgroups are Linux's")
@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"},
        {
            "proc/self/cgroup": "4:cpu:/\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        },
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "nonsense\n"},
    ],
    ids=["nothing known", "v2 without limit", "v1 without limit", "nonsense"],
)
def test_without_a_quota_all_processors_of_the_affinity_count(tmp_path: Path, files: dict[str, str]) -> None:
    assert capacity.cpu_count(files=kernel(tmp_path, files)) == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "1048576\n"}, 1048576),
        (
            {"proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "4096\n"},
            4096,
        ),
    ],
    ids=["v2", "v1"],
)
def test_the_memory_is_at_most_the_limit_of_the_cgroup(
    tmp_path: Path, files: dict[str, str], limit: int
) -> None:
    assert capacity.memory_bytes(files=kernel(tmp_path, files)) == limit


def test_a_limit_that_means_no_limit_leaves_the_memory_of_the_machine(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/\n4:memory:/\n", "sys/fs/cgroup/memory.max": "max\n"}
    files["sys/fs/cgroup/memory/memory.limit_in_bytes"] = "9223372036854771712\n"
    empty = tmp_path / "empty"
    assert (
        capacity.memory_bytes(files=kernel(tmp_path, files)) == capacity.memory_bytes(files=empty) > 1 << 24
    )
