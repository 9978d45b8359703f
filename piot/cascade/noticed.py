"""What a plan makes its reader look at: unreadable trailers, what waits, what is left out."""

from __future__ import annotations

from collections.abc import Iterator

from piot.cascade.choice import Choice
from piot.cascade.facts import Facts
from piot.errors import listed, near
from piot.model.finding import Finding
from piot.model.release.bump_spec import BumpSpec
from piot.model.release.trailer import Malformed, Trailer


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


def look_at_choice(facts: Facts, choice: Choice, spec: BumpSpec) -> Iterator[Finding]:
    """What waits, and what is left out of a release by hand."""
    for name, reasons in choice.deferred.items():
        yield Finding(
            code="PIOT_SKIPPED",
            severity="note",
            package=name,
            message=f"{name} waits: {reasons[0].text}, but the commits since say release: skip",
            fix="nothing: the next commit that does not say it releases what has gathered",
        )
    if spec.packages:
        yield from _left_out(facts, choice)


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
