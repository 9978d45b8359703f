"""Planned versions laid over the manifests of a checkout, before anything is analysed."""

from __future__ import annotations

from collections.abc import Mapping

from piot.load.repository import Reader, Repository


def stamped(found: Repository, reader: Reader, versions: Mapping[str, str]) -> Repository:
    raise NotImplementedError
