"""Releases on GitHub for the tags of a run of ``piot publish``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from piot.app.releasing.subjects import subjects_of
from piot.app.session.session import Session
from piot.cascade.baselines import tag_format
from piot.effects import clock, remote, tags
from piot.effects.history import History
from piot.effects.http import Http
from piot.errors import MachineError, PiotError
from piot.model.events import Note
from piot.model.package import Package
from piot.model.release import changelog
from piot.model.release.forge import Asset, Wanted, assigned, originals_of
from piot.model.release.plan import PlannedPackage, ReleasePlan
from piot.model.release.spelling import spelled
from piot.model.release.steps import Release, Step, Tag
from piot.model.secrets import Secrets
from piot.model.semver import Semver
from piot.release.archives import archives
from piot.release.forge.client import GitHub
from piot.release.forge.place import TOKENS, forge_place, token_of
from piot.release.forge.releases import Releases
from piot.release.registries import WHOLE
from piot.release.steps import There


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeRequest:
    """``artifacts`` is the folder of the archives, ``dist/`` when None; ``resume`` looks for what is left."""

    artifacts: Path | None = None
    dry: bool = False
    resume: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """``wanted`` are the releases of this run by tag, ``left`` the steps that an earlier run died before."""

    wanted: Mapping[str, Wanted]
    releases: Releases
    left: tuple[Step, ...] = ()
    _drafts: list[frozenset[str]] = field(default_factory=list[frozenset[str]], init=False)

    def prepare(self, steps: Iterable[Step]) -> None:
        """Before the first upload, for the tags in ``steps``: the drafts tell where its files are.

        What fails here is only said: the step of the tag tries it again.
        """
        for tag in (each.tag for each in steps if isinstance(each, Tag)):
            try:
                self.draft(tag)
            except PiotError as error:
                self.releases.say(f"no draft of the release {tag} yet: {error.message}")

    def close(self) -> None:
        """Close the connections."""
        self.releases.github.http.close()

    def draft(self, tag: str) -> None:
        """Before the tag is made: a run that dies finds no tag, and does all of it again."""
        self.releases.draft(self.wanted[tag])

    def publish(self, tag: str) -> str | There:
        """When the tag is pushed; gives what is worth telling."""
        if originals_of(tag) in self._drafts_there():
            self.releases.drop(originals_of(tag))  # all of it is visible, or there were no tag
        wanted = self.wanted.get(tag)
        return self.releases.publish_left(tag) if wanted is None else self.releases.publish(wanted)

    def _drafts_there(self) -> frozenset[str]:
        """Asked for once, when all was sent: a run elsewhere may have kept originals too."""
        if not self._drafts:
            self._drafts.append(self.releases.drafts())
        return self._drafts[0]


def forge(session: Session, request: ForgeRequest, plan: ReleasePlan) -> Forge | None:
    """None where releases are left to another tool, or there is no GitHub or no token.

    Raises MachineError in a job that has no token, and InputError for archives that are not what they claim.
    """
    env, root = session.where.environ, session.root
    if not session.config.settings.release.github or not tags.has_remote(root, env):
        return None
    repository = "/".join(remote.owner_and_name(root, env) or ())
    place, token = forge_place(env, remote.host(root, env), repository), token_of(env)
    if place is None:
        return None
    if token is None and not request.dry:
        if plan.packages:
            _say_without_token(session)
        return None
    github = GitHub(http=Http(whole=WHOLE), api=place.api, repository=place.repository, token=token or "")
    releases = Releases(github=github, sleep=clock.sleep, say=_teller(session, token))
    wanted = _wanted(session, root / (request.artifacts or "dist"), plan)
    left = _left(session, releases, wanted) if request.resume and not request.dry else ()
    return Forge(wanted=wanted, releases=releases, left=left)


def _teller(session: Session, token: str | None) -> Callable[[str], None]:
    secrets = Secrets()
    secrets.add(token)
    return lambda text: session.emit(Note(text=secrets.clean(text)))


def _say_without_token(session: Session) -> None:
    text = f"no release is made on GitHub: there is no token in {' or '.join(TOKENS)}"
    if session.where.environ.get("GITHUB_ACTIONS") == "true":
        raise MachineError(
            f"nothing was sent, since {text}",
            hint="write `GITHUB_TOKEN: ${{ github.token }}` into the step's `env`, or leave releases to "
            "another tool: github = false in [piot.release]",
        )
    session.emit(Note(text=text))


def _left(session: Session, releases: Releases, wanted: Mapping[str, Wanted]) -> tuple[Step, ...]:
    """Of tags that are there already: their packages are in no new plan."""
    try:
        found = [tag for tag in releases.left() if tag not in wanted]
    except PiotError as error:
        releases.say(f"nobody knows whether an earlier run left releases: {error.message}")
        return ()
    owners = {tag: [e.name for e in session.config.packages if tag_format(e).version(tag)] for tag in found}
    return tuple(Release(packages=tuple(names), tag=tag) for tag, names in owners.items() if names)


def _wanted(session: Session, folder: Path, plan: ReleasePlan) -> dict[str, Wanted]:
    packages = {each.name: each for each in session.config.packages}
    members: dict[str, list[PlannedPackage]] = {}
    for planned in plan.packages:
        members.setdefault(planned.tag, []).append(planned)
    files = _files(session, folder, members, packages)
    return {
        tag: Wanted(
            tag=tag,
            notes=_notes(session, plan, several, packages),
            prerelease=bool(Semver.parse(several[0].version).pre),
            assets=files.get(tag, ()),
            run=session.where.environ.get("GITHUB_RUN_ID", ""),
        )
        for tag, several in members.items()
    }


def _files(
    session: Session,
    folder: Path,
    members: Mapping[str, Sequence[PlannedPackage]],
    packages: Mapping[str, Package],
) -> dict[str, tuple[Asset, ...]]:
    """Archives and their checksums by tag; one that is of no package is said, and left out."""
    pairs = {pair[0].name: pair for pair in archives(folder)}
    names = {
        tag: tuple(row for each in several for row in _names(packages[each.name], each.version))
        for tag, several in members.items()
    }
    found = assigned((pair[0] for pair in pairs.values()), names)
    for stray in found.pop(None, ()):
        text = f"{stray.name} is in no release: its name begins like no package of this run"
        session.emit(Note(text=text))
    return {
        tag: tuple(each for archive in several for each in pairs[archive.name])
        for tag, several in found.items()
        if tag is not None
    }


def _names(package: Package, version: str) -> tuple[tuple[str, str], ...]:
    versions = dict.fromkeys((version, spelled(package.kind, Semver.parse(version))))
    names = dict.fromkeys((package.name, *package.registry_names))
    return tuple((name, each) for name in names for each in versions)


def _notes(
    session: Session,
    plan: ReleasePlan,
    members: Sequence[PlannedPackage],
    packages: Mapping[str, Package],
) -> str:
    several = [packages[each.name] for each in members]
    since = _before(session, several[0], Semver.parse(members[0].version))
    told = changelog.Release(
        name="",
        version=members[0].version,
        date="",
        subjects=subjects_of(session, several, since, plan.commit),
    )
    if not told.subjects:
        needed = {name for each in several for name in each.depends_on}
        updates = (f"Update of {e.name} to {e.version}" for e in plan.packages if e.name in needed)
        told = replace(told, others=tuple(updates) or ("Released without changes of its own",))
    return changelog.notes(told)


def _before(session: Session, package: Package, version: Semver) -> str | None:
    """The commit of the greatest earlier version in this history; None for a first release.

    By tags, and not by the plan's word, which a run that goes on after its tag was made cannot ask for again.
    """
    form = tag_format(package)
    found = [
        (earlier.precedence, tag.commit)
        for tag in History(session.root, session.where.environ).tags()
        if tag.reachable and (earlier := form.version(tag.name)) and earlier.precedence < version.precedence
    ]
    return max(found, default=(None, None), key=lambda each: each[0])[1]
