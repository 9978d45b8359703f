"""``piot plan --adopt``: tags for packages that were released before piot came."""

from __future__ import annotations

from collections.abc import Sequence

from piot.app.releasing.committed import committed_versions
from piot.app.releasing.past_facts import Published, Versions
from piot.app.session.session import Session
from piot.cascade.baselines import Baselines, tag_format
from piot.effects.history import History
from piot.errors import PiotError, UsageError, listed
from piot.model.finding import Finding
from piot.model.package import Package
from piot.model.release.bump_spec import BumpSpec
from piot.model.release.spelling import highest
from piot.model.semver import Semver


def adopt(
    session: Session,
    history: History,
    packages: Sequence[Package],
    released: Baselines,
    *,
    commit: str,
    spec: BumpSpec,
    published: Published,
) -> tuple[Finding, ...]:
    """Makes a tag at ``commit`` for every line of ``packages`` that has none, and says so.

    Its version is the one that ``spec`` names, else the highest of the registry, else the manifest's. All up
    to ``commit`` counts as released then. Nothing is pushed. Raises UsageError when no version is known, and
    what a registry did that does not tell.
    """
    wanting = {package.line: package for package in reversed(packages) if package.line not in released.last}
    told = published(tuple(wanting.values()))
    manifests = committed_versions(session, wanting.values())
    found = {
        line: _version(package, spec, told.get(package.name), manifests.get(package.name))
        for line, package in wanting.items()
    }
    unknown = [wanting[line].name for line, known in found.items() if known is None]
    if unknown:
        raise UsageError(
            f"nothing says which version of {listed(unknown)} was released",
            hint=f"say it: piot plan --adopt --bump {','.join(f'{name}@1.2.3' for name in unknown)}",
        )
    return tuple(_made(history, wanting[line], known, commit) for line, known in found.items() if known)


def _version(
    package: Package, spec: BumpSpec, known: Versions | None, committed: Semver | None
) -> tuple[Semver, str] | None:
    """The version, and who says it; 0.0.0 in a manifest is a placeholder. Raises what is known instead."""
    named = spec.of(package.name) or spec.every
    if isinstance(named, Semver):
        return named, "--bump says"
    if isinstance(known, PiotError):
        raise known
    if known and (last := highest(package.kind, known)):
        return last, "its registry has"
    if committed is not None and committed.core != (0, 0, 0):
        return committed, "its manifest says"
    return None


def _made(history: History, package: Package, known: tuple[Semver, str], commit: str) -> Finding:
    version, who = known
    tag = tag_format(package).tag(version)
    history.make_tag(tag, commit)
    return Finding(
        code="PIOT_ADOPTED",
        severity="note",
        package=package.name,
        message=f"the tag {tag} is made at commit {commit[:8]}, since {who} {version}: "
        f"all up to there counts as released",
        fix=f"git push origin {tag}; or take it back: git tag --delete {tag}",
    )
