"""Whether npm and Node.js are new enough for trusted and for staged publishing.

npm's documentation, *Trusted publishing for npm packages* and *Staged publishing*; ``engines`` of npm 12.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from piot.errors import listed
from piot.model.finding import Finding

NPM = (11, 5, 1)
NPM_THAT_STAGES = (11, 15, 0)
NODE = (22, 14, 0)
NODE_OF_NPM_12 = (22, 22, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmClient:
    """Versions as the programs say them; empty when there is none.

    ``packages`` are those of npm, ``only_way`` whether this is a job with nothing but OIDC to publish them.
    With ``staged`` they are staged for an approval, which older clients do not know, whatever the token.
    """

    npm: str
    node: str
    packages: tuple[str, ...]
    only_way: bool
    staged: bool = False


def npm_client(view: NpmClient) -> tuple[Finding, ...]:
    """One finding for each that is too old."""
    if not view.packages:
        return ()
    newest = _numbers(view.npm) >= (12,)
    purpose = "staged" if view.staged else "trusted"
    checks = (
        ("npm", view.npm, NPM_THAT_STAGES if view.staged else NPM),
        ("Node.js", view.node, NODE_OF_NPM_12 if newest else NODE),
    )
    return tuple(
        Finding(
            code="PIOT_NPM_OLD",
            severity="error" if view.only_way or (view.staged and name == "npm") else "warning",
            message=f"{name} {version} is too old for {purpose} publishing of {listed(view.packages)}, "
            f"which needs {'.'.join(map(str, least))}",
            fix="npm install -g npm@11" if name == "npm" else "use Node.js 24, which brings npm 11",
        )
        for name, version, least in checks
        if version and _numbers(version) < least
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version.partition("-")[0])[:3]))
