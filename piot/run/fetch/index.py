"""The package index that pip is set to use: which files of a project it has, with which hashes."""

from __future__ import annotations

from piot.effects.http import Http, without_secrets
from piot.errors import MachineError
from piot.model.python.index import ACCEPT, IndexFile, files_on


def project_files(http: Http, url: str, project: str) -> tuple[IndexFile, ...]:
    """The files of ``project`` by the simple API of the index at ``url`` (PEP 503, 691, 700).

    Raises MachineError when the index does not have it or answers something else.
    """
    address = f"{url.rstrip('/')}/{project}/"
    answer = http.get(address, headers={"Accept": ACCEPT})
    shown = without_secrets(address)
    if answer.status == 404:
        raise MachineError(f"the package index has no {project}: {shown} answered 404")
    if answer.status != 200:
        raise MachineError(f"{shown} answered {answer.status}")
    try:
        return files_on(answer.body, answer.headers.get("content-type", ""))
    except ValueError as error:
        raise MachineError(f"{shown} is no package index: it answered something else") from error
