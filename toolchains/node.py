"""Node.js and npm: those of this machine, found on PATH."""

from piot.api import Answer, Found, Lack, NodeToolchain, Probe, Request, SystemTool, toolchain

NODE = Probe(
    name="node",
    programs=("node", "nodejs"),
    version=("--version",),
    content=("{program}", "{prefix}/share/nodejs/**"),
    libraries=("libnode.*", "libuv.*", "libz.*", "libicu*", "libcares.*", "libnghttp2.*", "libbrotli*"),
    roots=("{prefix}/lib", "{prefix}/share/nodejs"),
)
"""Debian has parts of Node.js, and the modules that its npm is made of, in ``share/nodejs``."""

NPM = Probe(
    name="npm",
    programs=("npm",),
    version=("--version",),
    content=(
        *("{prefix}/package.json", "{prefix}/index.js", "{prefix}/npmrc"),
        *("{prefix}/bin/**", "{prefix}/lib/**", "{prefix}/node_modules/**"),
    ),
    roots=("{prefix}",),
    whole=True,
)
"""On PATH stands a link to ``bin/npm-cli.js`` in npm's own folder, which Node.js runs."""

OLDEST_NPM = 8
"""The npm of Node.js 16; older ones lack something that is used here (``npm pack --pack-destination``)."""


@toolchain(kind="node", probes=(NODE, NPM))
def node(request: Request) -> Answer:
    """The first ``node`` and the first ``npm`` on PATH, as a shell would take them."""
    hint = "install Node.js with npm"
    lacks = [
        Lack(candidate=name, reason="is not on PATH, or does not run", remedy=hint)
        for name in ("node", "npm")
        if not request.found[name]
    ]
    if lacks:
        return tuple(lacks)
    found, npm = request.found["node"][0], request.found["npm"][0]
    major = npm.version.partition(".")[0]
    if not major.isdecimal() or int(major) < OLDEST_NPM:
        reason = f"is version {npm.version}, and {OLDEST_NPM} is the oldest that works"
        return Lack(candidate=f"npm ({npm.program})", reason=reason, remedy="run `npm install --global npm`")
    return NodeToolchain(node=_tool("node", found), npm=_tool("npm", npm))


def _tool(name: str, found: Found) -> SystemTool:
    return SystemTool(
        name=name,
        version=found.version,
        digest=found.digest,
        programs=((name, found.program),),
        roots=found.roots,
    )
