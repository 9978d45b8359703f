"""What registries have of files, as text and as JSON."""

from __future__ import annotations

from piot.model.release.artifact import Observed


def observed_text(observed: Observed) -> str:
    """``my_py-1.0.0.tar.gz: absent``."""
    seen = f"{observed.state}: {observed.detail}" if observed.detail else observed.state
    return f"{observed.artifact.file}: {seen}"


def observed_json(observed: Observed) -> dict[str, object]:
    """An item of ``artifacts``, in `status --json` and `plan --json`."""
    artifact = observed.artifact
    return {
        "file": artifact.file,
        "name": artifact.registry_name,
        "version": artifact.version,
        "sha256": artifact.sha256,
        "state": observed.state,
        "detail": observed.detail,
    }
