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
    "@piot//rules:maturin.py": ("6a388745bdf1cd20a477475025afc13ae814da810e985317721c8af58f61fa0a", (
        RuleSchema(
            name='maturin_wheel',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of; those of in-repository crates it depends on are added'),
                Attr(name='distribution', type=AttrType.STR, default='', doc='registered name; the one in pyproject.toml when left out'),
                Attr(name='targets', type=AttrType.TRIPLES, default=Triples(), doc='triples that it is declared for; any when empty'),
                Attr(name='features', type=AttrType.STRINGS, default=(), doc='features to build with, besides those that pyproject.toml names'),
                Attr(name='no_default_features', type=AttrType.BOOL, default=False, doc='build without the default features'),
                Attr(name='rustflags', type=AttrType.STRINGS, default=(), doc="flags for rustc, instead of those that cargo's settings name"),
                Attr(name='python_versions', type=AttrType.STRINGS, default=(), doc='Pythons that need a wheel of their own (``3.12``, ``3.14t``, ``pypy3.11``)'),
                Attr(name='manylinux', type=AttrType.STR, default='', doc='manylinux policy (2014, 2_28, …) or musllinux policy; by the glibc floor when left out'),
                Attr(name='programs', type=AttrType.LABELS, default=(), doc='``rust_binary`` targets that are shipped inside'),
                Attr(name='stage_to', type=AttrType.STR, default='', doc='folder that they are put into before maturin runs, relative to ``directory``'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its build'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that build scripts may call, such as protoc'),
            ),
            location='@piot//rules:maturin.py:70',
            doc='A wheel for every triple that is asked for, and for every Python unless one serves all.\n\nOne does when the extension is abi3, and when a program is all that the wheel has (``bindings = "bin"``).',
            configured_by=frozenset(['python', 'triple']),
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
            location='@piot//rules:maturin.py:238',
            doc='A source distribution with the sources of all in-repository crates that it needs.',
            provides=('Sdist',),
        ),
    )),
    "@piot//rules:napi.py": ("66c467d60fc20ab45f83ddbae37404bc761db286a1e7677e27ed6a3e3220bc52", (
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
            location='@piot//rules:napi.py:47',
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
            location='@piot//rules:napi.py:136',
            doc='The npm package of an addon: loader and types from the CLI of napi-rs, and its platform packages named.',
            provides=('NpmPackage',),
        ),
    )),
    "@piot//rules:npm.py": ("1adba37454f2e2396a4d974603644f06ec1a2b289e8450f3be92a3d19cebfdfc", (
        RuleSchema(
            name='npm_package',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of package.json, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its scripts'),
            ),
            location='@piot//rules:npm.py:28',
            doc='A ``.tgz``, as ``npm pack`` makes it and a registry of npm takes it.',
            provides=('NpmPackage',),
        ),
    )),
    "@piot//rules:npm_family.py": ("790fa21d8aa7f47f53fae1364d73057112fdee67bfdd0da21771bda2fffa54c8", (
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
            location='@piot//rules:npm_family.py:51',
            doc="The packages of an npm package's platforms, one per triple that is asked for, packed by npm itself.",
            configured_by=frozenset(['triple']),
            provides=('NpmPackage',),
        ),
    )),
    "@piot//rules:python.py": ("4d69b7c33f28c3d0fe85745fa30662a32144ed47aa920ff82cdece4df96fe9bf", (
        RuleSchema(
            name='python_wheel',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of'),
                Attr(name='distribution', type=AttrType.STR, default='', doc='registered name; the one in pyproject.toml when left out'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its build'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that its build may call, such as protoc'),
            ),
            location='@piot//rules:python.py:45',
            doc='A wheel for all platforms, made by the back end that ``pyproject.toml`` names.',
            provides=('Wheel',),
        ),
        RuleSchema(
            name='python_extension_wheel',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of'),
                Attr(name='distribution', type=AttrType.STR, default='', doc='registered name; the one in pyproject.toml when left out'),
                Attr(name='targets', type=AttrType.TRIPLES, default=Triples(), doc='triples that it is declared for; any when empty'),
                Attr(name='runners', type=AttrType.STRING_MAP, default=StringMap(), doc='CI machines that build it, by triple; the usual ones when left out'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its build'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that its build may call, such as protoc'),
            ),
            location='@piot//rules:python.py:77',
            doc='A wheel with extension modules: one for every triple that is asked for, built on a machine of its kind.',
            configured_by=frozenset(['triple']),
            provides=('Wheel',),
        ),
        RuleSchema(
            name='python_sdist',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that it is made of'),
                Attr(name='distribution', type=AttrType.STR, default='', doc='registered name; the one in pyproject.toml when left out'),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its build'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that its build may call, such as protoc'),
            ),
            location='@piot//rules:python.py:138',
            doc='A source distribution, made by the back end that ``pyproject.toml`` names.',
            provides=('Sdist',),
        ),
        RuleSchema(
            name='python_requirements',
            attrs=(
                Attr(name='directory', type=AttrType.STR, default='', doc="folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out"),
                Attr(name='srcs', type=AttrType.SOURCES, default=Sources(), doc='files that the project is made of'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its build'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that its build may call, such as protoc'),
            ),
            location='@piot//rules:python.py:162',
            doc='What a back end asks for beyond ``pyproject.toml``, as a JSON list: what ``piot lock`` pins.',
            provides=('Files',),
        ),
    )),
    "@piot//rules:rust.py": ("a313b24009843efa46eada37d405019ebb8a1eb642c4aeeb254701c3647c4950", (
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
                Attr(name='rustflags', type=AttrType.STRINGS, default=(), doc="flags for rustc, instead of those that cargo's settings name"),
                Attr(name='depends_on', type=AttrType.LABELS, default=(), doc='targets that are released before it'),
                Attr(name='env', type=AttrType.STRING_MAP, default=StringMap(), doc='environment of its build'),
                Attr(name='tools', type=AttrType.STRINGS, default=(), doc='programs of this machine that build scripts may call, such as protoc'),
            ),
            location='@piot//rules:rust.py:125',
            doc='A program that cargo builds, for every triple that is asked for.',
            configured_by=frozenset(['triple']),
            provides=('Executable',),
        ),
    )),
    "@piot//toolchains:rust.py": ("54bae27c0699c988b7ab7e55deb83cbf7c3f082aa3f7b21d6181cfd803a5842b", (
    )),
    "@piot//toolchains:native.py": ("4a63c1be079e0ae80761b44e600e4283a940e83bf9d015ad281391cc614d089d", (
    )),
    "@piot//toolchains:zig.py": ("b24a86da7eb42e7ef75c4b7e9ccb743516e9dedef1b7d0ce6dd5b3e737662da2", (
    )),
    "@piot//toolchains:node.py": ("62e505b52ac436a8b6978b400445800aaed5703d0ba6d752829e0c0eb4c78f8b", (
    )),
    "@piot//toolchains:python.py": ("18c43d4f27ac17fbb13e816b19f6038ceb42856976dbfce9cf33310e269cb34f", (
    )),
}
