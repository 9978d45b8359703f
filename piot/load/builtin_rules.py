"""The schemas of piot's own rule files, with the files' digests; see `scripts/reference`."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from piot.model.rule import Attr, AttrType, RuleSchema, Sources, StringMap, Triples

KNOWN: dict[str, tuple[str, tuple[RuleSchema, ...]]] = {
    "@piot//rules:command.py": ("a10685509348c70a63bf227a470f2e1aec7a93a61c4997bc687a0220fe1954d1", (
        RuleSchema(
            name='command',
            attrs=(
                Attr(name='argv', type=AttrType.STRINGS, required=True, doc='the command; ``$(location //x:y)`` is where the output of a dependency stands'),
                Attr(name='outputs', type=AttrType.STRINGS, required=True, doc='files that it makes, relative to the folder it runs in; a folder ends in ``/``'),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it reads, at their places in the repository'),
                Attr(name='deps', type=AttrType.LABELS, default=(), doc='targets whose outputs it reads'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='its environment'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that it may call, such as python3'),
            ),
            location='@piot//rules:command.py:30',
            doc='Runs a command and keeps the files that it makes.',
            configured_by=frozenset(['triple']),
            provides=('Files',),
        ),
        RuleSchema(
            name='test',
            attrs=(
                Attr(name='argv', type=AttrType.STRINGS, required=True, doc='the command; ``$(location //x:y)`` is where the output of a dependency stands'),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it reads, at their places in the repository'),
                Attr(name='deps', type=AttrType.LABELS, default=(), doc='targets whose outputs it reads'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='its environment'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that it may call, such as python3'),
                Attr(name='timeout', type=AttrType.INT, default=300, doc='seconds after which it has failed'),
            ),
            location='@piot//rules:command.py:64',
            doc='Runs a command that passes when it ends with 0; a passed test runs again only when an input changed.',
            configured_by=frozenset(['triple']),
            test=True,
            provides=('Tested',),
        ),
    )),
    "@piot//rules:maturin.py": ("2feab37fbb0264088862db07d5f2eb19771dc8cccb0946560e2aa64d6a90174f", (
        RuleSchema(
            name='maturin_wheel',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of; those of in-repository crates it depends on are added'),
                Attr(name='distribution', type=AttrType.STR, default='', doc='registered name; the one in pyproject.toml when left out'),
                Attr(name='targets', type=AttrType.TRIPLES, default=Triples(), doc='triples that it is declared for; any when empty'),
                Attr(name='manylinux', type=AttrType.STR, default='', doc='manylinux policy (2014, 2_28, …) or musllinux policy; by the glibc floor when left out'),
                Attr(name='programs', type=AttrType.LABELS, default=(), doc='``rust_binary`` targets that are shipped inside'),
                Attr(name='stage_to', type=AttrType.STR, default='', doc='folder that they are put into before maturin runs, relative to ``directory``'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its build'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that build scripts may call, such as protoc'),
            ),
            location='@piot//rules:maturin.py:59',
            doc='A wheel for every triple that is asked for; one for all Pythons when the extension is abi3.',
            configured_by=frozenset(['triple']),
            provides=('Wheel',),
        ),
        RuleSchema(
            name='maturin_sdist',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of; those of in-repository crates it depends on are added'),
                Attr(name='distribution', type=AttrType.STR, default='', doc='registered name; the one in pyproject.toml when left out'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its build'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that build scripts may call, such as protoc'),
            ),
            location='@piot//rules:maturin.py:178',
            doc='A source distribution with the sources of all in-repository crates that it needs.',
            provides=('Sdist',),
        ),
    )),
    "@piot//rules:napi.py": ("53d2ead31aa70d1afc6855cf4530af603afc58dfa1a790be1ea8e6e00911fc86", (
        RuleSchema(
            name='napi_addon',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of package.json, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of; those of in-repository crates it depends on are added'),
                Attr(name='targets', type=AttrType.TRIPLES, default=Triples(), doc='triples that it is declared for; any when empty'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its build'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that build scripts may call, such as protoc'),
            ),
            location='@piot//rules:napi.py:50',
            doc='The ``.node`` file that the CLI of napi-rs makes of a crate, for every triple that is asked for.',
            configured_by=frozenset(['triple']),
            provides=('Addon',),
        ),
        RuleSchema(
            name='napi_package',
            attrs=(
                Attr(name='addon', type=AttrType.LABEL, required=True, doc='the ``napi_addon`` that it loads'),
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of package.json, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of'),
                Attr(name='targets', type=AttrType.TRIPLES, default=Triples(), doc='triples whose platform packages it names'),
                Attr(name='addon_family', type=AttrType.STR, default='', doc='names of its platform packages, with ``{triple}`` in them'),
                Attr(name='spelled', type=AttrType.STRING_MAP, default=StringMap(), doc='how names spell a triple, by triple; as Rust does when left out'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its scripts'),
            ),
            location='@piot//rules:napi.py:139',
            doc='The npm package of an addon: loader and types from the CLI of napi-rs, and its platform packages named.',
            provides=('NpmPackage',),
        ),
    )),
    "@piot//rules:npm.py": ("914a8affd45d31c133458adea859f023a5e1441ec1f37b6e2d97856087b7c35f", (
        RuleSchema(
            name='npm_package',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of package.json, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of'),
                Attr(name='npm', type=AttrType.STR, default='', doc='registered name; the one in package.json when left out'),
                Attr(name='packages', type=AttrType.LABELS, default=(), doc="the ``:package`` targets of the workspace's packages that it uses, whether published yet or not"),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its scripts'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that its scripts may call, such as make'),
            ),
            location='@piot//rules:npm.py:44',
            doc='A ``.tgz``, as ``npm pack`` makes it and a registry of npm takes it.\n\nBefore, ``npm ci`` installs what package-lock.json pins, and ``npm run build`` runs.',
            provides=('NpmPackage',),
        ),
    )),
    "@piot//rules:npm_family.py": ("c5f19cc22ce944db8f8012bc66f5d150b799220e081713f233045ec23d8a866e", (
        RuleSchema(
            name='npm_platforms',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of the umbrella's package.json, relative to the root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files of the umbrella, of which README and licence are packed too'),
                Attr(name='targets', type=AttrType.TRIPLES, default=Triples(), doc='triples that it is declared for; any when empty'),
                Attr(name='addon', type=AttrType.LABEL, doc='the ``napi_addon`` to pack'),
                Attr(name='addon_family', type=AttrType.STR, default='', doc='names of its packages, with ``{triple}`` in them'),
                Attr(name='program', type=AttrType.LABEL, doc='the ``rust_binary`` to pack'),
                Attr(name='program_family', type=AttrType.STR, default='', doc='names of its packages, with ``{triple}`` in them'),
                Attr(name='spelled', type=AttrType.STRING_MAP, default=StringMap(), doc='how names spell a triple, by triple; as Rust does when left out'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its scripts'),
            ),
            location='@piot//rules:npm_family.py:52',
            doc="The packages of an npm package's platforms, one per triple that is asked for, packed by npm itself.",
            configured_by=frozenset(['triple']),
            provides=('NpmPackage',),
        ),
    )),
    "@piot//rules:npm_program.py": ("7915439f2ba7c0921708273dc494bf73d8058d8f3c5059551ab47cd924e97683", (
        RuleSchema(
            name='npm_program',
            attrs=(
                Attr(name='program', type=AttrType.STR, required=True, doc='name of the cargo binary, without ``.exe``'),
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of package.json, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of'),
                Attr(name='npm', type=AttrType.STR, default='', doc='registered name; the one in package.json when left out'),
                Attr(name='targets', type=AttrType.TRIPLES, default=Triples(), doc='triples whose platform packages it names'),
                Attr(name='program_family', type=AttrType.STR, default='', doc='names of the platform packages with the program, with ``{triple}`` in them'),
                Attr(name='addon', type=AttrType.LABEL, doc='the ``napi_addon`` that it loads, if it has one too'),
                Attr(name='addon_family', type=AttrType.STR, default='', doc='names of the platform packages with the addon, with ``{triple}`` in them'),
                Attr(name='spelled', type=AttrType.STRING_MAP, default=StringMap(), doc='how names spell a triple, by triple; as Rust does when left out'),
                Attr(name='packages', type=AttrType.LABELS, default=(), doc="the ``:package`` targets of the workspace's packages that it uses, whether published yet or not"),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its scripts'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that its scripts may call, such as make'),
            ),
            location='@piot//rules:npm_program.py:66',
            doc='The npm package of a program: a launcher for the one that npm installs beside it, per platform.\n\nA program that package.json names (``bin``) and that is among ``srcs`` is left as it is; one that is not\nthere is made, and where ``bin`` names none, ``bin/NAME.cjs`` is.',
            provides=('NpmPackage',),
        ),
    )),
    "@piot//rules:rust.py": ("9864cc9a82cae61745f7304e0ac54d8415b81fdd23d40e9237d82ee8c69908cf", (
        RuleSchema(
            name='rust_crate',
            attrs=(
                Attr(name='directory', type=AttrType.STR, required=True, doc='folder of its Cargo.toml, relative to the repository root'),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of; those of in-repository crates it depends on are added'),
                Attr(name='crates', type=AttrType.LABELS, default=(), doc='the ``:crate`` targets of in-repository crates that it depends on, whether published yet or not'),
                Attr(name='features', type=AttrType.STRINGS, default=(), doc='features to verify with'),
                Attr(name='no_default_features', type=AttrType.BOOL, default=False, doc='verify without the default features'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its build'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that build scripts may call, such as protoc'),
            ),
            location='@piot//rules:rust.py:49',
            doc='A ``.crate``, as ``cargo package`` makes it and crates.io takes it; verified by compiling it.',
            provides=('Crate',),
        ),
        RuleSchema(
            name='rust_binary',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of the crate's Cargo.toml, relative to the root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of; those of in-repository crates it depends on are added'),
                Attr(name='bin', type=AttrType.STR, default='', doc="name of the binary; the crate's only one when left out"),
                Attr(name='targets', type=AttrType.TRIPLES, default=Triples(), doc='triples that it is declared for; any when empty'),
                Attr(name='features', type=AttrType.STRINGS, default=(), doc='features to build with'),
                Attr(name='no_default_features', type=AttrType.BOOL, default=False, doc='build without the default features'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its build'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that build scripts may call, such as protoc'),
            ),
            location='@piot//rules:rust.py:123',
            doc='A program that cargo builds, for every triple that is asked for.',
            configured_by=frozenset(['triple']),
            provides=('Executable',),
        ),
    )),
    "@piot//toolchains:rust.py": ("54bae27c0699c988b7ab7e55deb83cbf7c3f082aa3f7b21d6181cfd803a5842b", (
    )),
    "@piot//toolchains:native.py": ("4a63c1be079e0ae80761b44e600e4283a940e83bf9d015ad281391cc614d089d", (
    )),
    "@piot//toolchains:zig.py": ("196e999025a368e9e9c4cac53f09d26a2591fa0fa454f48b9e62359e1994d03a", (
    )),
    "@piot//toolchains:node.py": ("62e505b52ac436a8b6978b400445800aaed5703d0ba6d752829e0c0eb4c78f8b", (
    )),
}
