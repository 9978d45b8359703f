"""What a plan makes its reader look at: unreadable trailers, versions that go back, what is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from piot.cascade.choice import Choice, Facts
from piot.cascade.versions import Step
from piot.errors import listed, near
from piot.model.bump_spec import BumpSpec
from piot.model.finding import Finding
from piot.model.trailer import Malformed, Trailer


def look_at_commits(facts: Facts) -> Iterator[Finding]:
    """Trailers since the oldest baseline that cannot be read, or name what is no package; newest first."""
    names = [package.name for package in facts.packages]
    baselines = {facts.baseline(package) for package in facts.packages}
    for commit in {
        commit.id: commit for baseline in baselines for commit in facts.past.speaking(baseline)
    }.values():
        for line in facts.past.trailers[commit.id]:
            where = f"commit {commit.id[:8]}, line {line.line} of its message"
            if isinstance(line, Malformed):
                yield Finding(
                    code="PIOT_TRAILER",
                    severity="warning",
                    message=f'{where}: "{line.text}" counts for nothing: {line.message}',
                    fix=f"{line.fix}; a new commit can say it, or --bump",
                )
                continue
            for name in line.names:
                if name not in names:
                    yield _unknown(where, line, name, names)


def _unknown(where: str, line: Trailer, name: str, names: list[str]) -> Finding:
    return Finding(
        code="PIOT_TRAILER_NAME",
        severity="warning",
        message=f'{where}: "release: {line}" names "{name}", which is no package',
        fix=f"{near(name, names) or f'the packages are {listed(names)}'}; a new commit can say it right",
    )


def look_at_plan(
    facts: Facts, choice: Choice, steps: Mapping[str, Step], spec: BumpSpec
) -> Iterator[Finding]:
    """What is odd about what was chosen."""
    for name, reasons in choice.deferred.items():
        yield Finding(
            code="PIOT_SKIPPED",
            severity="note",
            package=name,
            message=f"{name} waits: {reasons[0].text}, but the commits since say release: skip",
            fix="nothing: the next commit that does not say it releases what has gathered",
        )
    yield from _versions(facts, choice, steps)
    if spec.packages:
        yield from _left_out(facts, choice)


def _versions(facts: Facts, choice: Choice, steps: Mapping[str, Step]) -> Iterator[Finding]:
    packages = {package.line: package for package in facts.packages if package.name in choice.reasons}
    for line, found in steps.items():
        taken = [tag for version, tag in facts.released.elsewhere[line] if version == found.version]
        if taken:
            yield Finding(
                code="PIOT_TAG_TAKEN",
                severity="error",
                package=packages[line].name,
                message=f"{line} would be released as {found.version}, but {taken[0].name} exists, on "
                f"commit {taken[0].commit[:8]} that is not in the history of HEAD",
                fix="choose another version with --bump, or merge the branch that it is on",
            )
        if found.previous and found.version.precedence <= found.previous.precedence:
            manual = found.asked == "--bump"
            yield Finding(
                code="PIOT_VERSION_BACK",
                severity="warning" if manual and found.version != found.previous else "error",
                package=packages[line].name,
                message=f"{found.asked} asks for {line} {found.version}, but {found.previous} is released",
                fix=f"ask for a version after {found.previous}",
            )


def _left_out(facts: Facts, choice: Choice) -> Iterator[Finding]:
    """``--bump`` releases what it names and nothing else: what that leaves behind, or builds with."""
    for name in choice.reasons:
        missing = [each for each in facts.closures[name] if each not in choice.reasons and choice.stale(each)]
        if missing:
            yield Finding(
                code="PIOT_LEFT_OUT",
                severity="warning",
                package=name,
                message=f"{name} would be built with changes of {listed(missing)} that are not released",
                fix=f"name them too: --bump {','.join((*missing, name))}",
            )
    behind = [
        name
        for name, closure in facts.closures.items()
        if name not in choice.reasons and any(each in choice.reasons for each in closure)
    ]
    if behind:
        one = len(behind) == 1
        yield Finding(
            code="PIOT_LEFT_OUT",
            severity="warning",
            message=f"{listed(behind)} {'depends' if one else 'depend'} on what --bump names, "
            f"and {'is' if one else 'are'} not released with it",
            fix=f"name {'it' if one else 'them'} too: --bump {','.join((*choice.reasons, *behind))}",
        )
