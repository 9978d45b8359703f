"""The files that a release begins with, kept where a later run can fetch them until all are published.

In a job of GitHub the CI keeps what was built, and the draft of the release names the run. Elsewhere a draft
of its own keeps the files, if there is a GitHub that takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from piot.app.releasing.forge import Forge
from piot.errors import InputError, PiotError
from piot.model.release.artifact import Artifact
from piot.model.release.forge import Asset, Wanted, originals_of
from piot.model.release.plan import ReleasePlan
from piot.model.release.steps import Step, Tag, Upload, owners
from piot.release.artifacts import Found
from piot.release.forge.releases import OtherFiles

_NOBODY = (
    "no CI and no draft keeps the files of this release: keep them until all is published, since what cannot "
    "be built again bit for bit is finished with them only"
)
_NOTES = (
    "The files that `piot publish` set out to publish. It removes this draft when all of them are there.\n"
)


def keep(
    there: Forge | None,
    environ: Mapping[str, str],
    waiting: Sequence[Upload],
    steps: Iterable[Step],
    found: Mapping[Artifact, Found],
    say: Callable[[str], None],
) -> None:
    """Keeps what is about to be sent, or says that nobody does.

    Raises InputError, with the command that fetches them, when an earlier run began with other files.
    """
    if not waiting or environ.get("GITHUB_RUN_ID"):
        return
    if there is None:
        say(_NOBODY)
        return
    todo = tuple(steps)
    sent = {each.package for each in waiting}
    for tag in (each for each in todo if isinstance(each, Tag) and not sent.isdisjoint(owners(each))):
        uploads = [each for each in todo if isinstance(each, Upload) and each.package in owners(tag)]
        files = [found[each.artifact] for each in uploads]
        _keep(there, _wanted(tag.tag, files), begun=any(each.settled for each in uploads), say=say)


def fetching(there: Forge | None, plan: ReleasePlan, names: frozenset[str]) -> str | None:
    """The command that fetches what an earlier run began to publish of some packages; None: nobody knows."""
    if there is None:
        return None
    place = f"--repo {there.releases.github.repository} --dir originals"
    try:
        runs = [run for each in plan.packages if each.name in names and (run := there.releases.run(each.tag))]
        if runs:
            return f"gh run download {runs[0]} {place}"
        kept = dict.fromkeys(originals_of(each.tag) for each in plan.packages)
        return (
            " && ".join(f"gh release download {tag} {place}" for tag in kept if there.releases.has(tag))
            or None
        )
    except PiotError:
        return None


def _keep(there: Forge, wanted: Wanted, *, begun: bool, say: Callable[[str], None]) -> None:
    try:
        there.releases.keep(wanted, begun=begun)
    except OtherFiles as error:
        place = f"--repo {there.releases.github.repository} --dir originals"
        raise InputError(
            f"a release was begun with other files, so nothing was sent: {error.message}",
            hint=f"fetch those: `gh release download {wanted.tag} {place}`, then `piot publish --artifacts "
            "originals`, or release another version",
        ) from error
    except PiotError as error:
        say(f"{_NOBODY} ({error.message})")


def _wanted(tag: str, files: Iterable[Found]) -> Wanted:
    """With the digests in the text, as ``sha256sum`` checks them."""
    assets = tuple(
        Asset(name=each.path.name, path=each.path, sha256=each.artifact.sha256 or "") for each in files
    )
    sums = "".join(f"{each.sha256}  {each.name}\n" for each in assets)
    return Wanted(
        tag=originals_of(tag), notes=f"{_NOTES}\n```text\n{sums}```\n", prerelease=True, assets=assets
    )
