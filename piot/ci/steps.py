"""The steps that jobs share, and how blocks of YAML are put together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import indent

from piot.ci.pins import uses
from piot.ci.workflow import Workflow

PYTHON = "3.12"
"""The Python that piot itself runs with."""

NODE = "24"
"""Has an npm that can publish as a trusted publisher (11.5.1 or newer, npm docs, *Trusted publishing*)."""

CACHE = "~/.cache/piot"
ENV = f"""\
  PIOT_CACHE_DIR: {CACHE}
  PIOT_CACHE_MAX_SIZE: 2GiB
"""
"""Of all workflows; GitHub keeps 10 GB for a repository (*Dependency caching reference*)."""

LOCKS = ("**/Cargo.lock", "**/package-lock.json", "**/pnpm-lock.yaml", "**/yarn.lock", "piot.lock")

_CHECKOUT = """\
- name: Check out<what>
  uses: <action>
  with:
<settings>
"""

_PYTHON = """\
- name: Python
  uses: <action>
  with:
    python-version: "<python>"
"""

_PYTHONS = """\
- name: Python, the one of this row and the one of piot
  uses: <action>
  with:
    python-version: |
      ${{ matrix.python_version || '<python>' }}
      <python>
"""

_NODE = """\
- name: Node.js
  uses: <action>
  with:
    node-version: "<node>"
"""

_RUST = """\
- name: Rust, as rust-toolchain.toml asks for it
  shell: bash
  run: rustup toolchain install --no-self-update
"""

_PIOT = """\
- name: Install piot
  uses: <action>
"""

_SIGNING = """\
  with:
    extras: attest # signs wheels and sdists (PEP 740)
"""

_CACHE = """\
- name: Results of earlier runs
  uses: <action>
  with:
    path: <cache>
    key: piot-${{ runner.os }}-${{ runner.arch }}-<part>-${{ hashFiles(<locks>) }}
    restore-keys: |
      piot-${{ runner.os }}-${{ runner.arch }}-<part>-
      piot-${{ runner.os }}-${{ runner.arch }}-
"""


def fill(template: str, **values: str) -> str:
    """The template with ``<name>`` filled in; a line of its own goes away where there is nothing for it."""

    def line(match: re.Match[str]) -> str:
        text = values[match[1]].rstrip("\n")
        return f"{text}\n" if text else ""

    whole = re.sub(r"^<([a-z_]+)>\n", line, template, flags=re.MULTILINE)
    return re.sub(r"<([a-z_]+)>", lambda match: values[match[1]], whole)


def steps(parts: Iterable[str]) -> str:
    """Steps below each other, indented as those of a job."""
    return indent("".join(part for part in parts if part), "      ").rstrip("\n")


def checkout(what: str, **settings: str) -> str:
    """Fetches the sources; the token stays out of the checkout unless ``settings`` say otherwise."""
    given = {"persist-credentials": "false", **{k.replace("_", "-"): v for k, v in settings.items()}}
    lines = "\n".join(f"    {key}: {value}" for key, value in given.items())
    return fill(_CHECKOUT, what=what, action=uses("actions/checkout"), settings=lines)


def python() -> str:
    """The Python that piot runs with."""
    return fill(_PYTHON, action=uses("actions/setup-python"), python=PYTHON)


def tools(workflow: Workflow, *, rows: bool) -> tuple[str, ...]:
    """Python, Node.js and Rust as far as this repository needs them; ``rows`` for a job of the matrix."""
    pythons = fill(_PYTHONS, action=uses("actions/setup-python"), python=PYTHON) if rows else python()
    node = fill(_NODE, action=uses("actions/setup-node"), node=NODE) if workflow.node else ""
    return pythons, node, _RUST if workflow.rust else ""


def piot(workflow: Workflow, *, signs: bool = False) -> str:
    """Puts piot on PATH, with what ``signs`` when it is to publish with attestations."""
    return fill(_PIOT, action=workflow.action) + (_SIGNING if signs else "")


def cache(part: str) -> str:
    """Keeps the store between runs; ``part`` tells apart what runs on machines of one kind.

    An entry never changes, and is found by the lock files: what a run adds to an old one is kept when a
    lock file changes (GitHub's *Dependency caching reference*).
    """
    locks = ", ".join(f"'{each}'" for each in LOCKS)
    return fill(_CACHE, action=uses("actions/cache"), cache=CACHE, part=part, locks=locks)
