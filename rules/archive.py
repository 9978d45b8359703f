"""Release archives: programs with what belongs to them, for people who have no package manager."""

from collections.abc import Mapping
from dataclasses import dataclass

from piot.api import Archive, Context, Faults, Label, Sources, StringMap, Triple, Triples, rule
from piot.api import archive as archives


@dataclass(frozen=True)
class ReleaseArchive:
    """A ``.tar.gz``, ``.tar.xz`` or ``.zip`` for every triple that is asked for, and its ``.sha256``.

    Files go to the top of the archive by their own names, unless ``layout`` says otherwise. Templates know
    ``{name}``, ``{version}``, ``{triple}``, ``{arch}`` and ``{os}``.

    programs: targets that give programs, such as ``rust_binary``; they can be executed
    srcs: files of the repository, such as licences and README
    completions: targets that give shell completions, which go to ``complete/``
    manuals: targets that give manual pages, which go to ``doc/``
    deps: other targets whose outputs are packed
    layout: where files, folders and targets go: a new name, or a folder that ends in ``/`` (``./``: the top)
    format: ``tar.gz``, ``tar.xz`` or ``zip``; ``zip`` for Windows and ``tar.gz`` elsewhere when left out
    called: what ``{name}`` stands for; the name of its only program when left out
    directory: folder of the Cargo.toml, pyproject.toml or package.json that has the version, relative to the
        repository root; the version of the programs when left out
    stem: template of the file name, without its ending
    top: template of the folder that everything is in, ``{stem}`` may be in it; none when empty
    targets: triples that it is declared for; any when empty
    depends_on: targets that are released before it
    """

    programs: tuple[Label, ...] = ()
    srcs: Sources = Sources()
    completions: tuple[Label, ...] = ()
    manuals: tuple[Label, ...] = ()
    deps: tuple[Label, ...] = ()
    layout: Mapping[str, str] = StringMap()
    format: str = ""
    called: str = ""
    directory: str = ""
    stem: str = "{name}-{version}-{triple}"
    top: str = "{stem}"
    targets: Triples = Triples()
    depends_on: tuple[Label, ...] = ()


@rule(configured_by=("triple",))
def archive(ctx: Context, attrs: ReleaseArchive) -> tuple[Archive]:
    faults = Faults(ctx.label)
    triple = Triple.parse(ctx.triple)
    programs = archives.programs(ctx, attrs.programs, faults)
    names = {each.name for each in programs.values()}
    naming = archives.Naming(
        stem=attrs.stem,
        top=attrs.top,
        format=attrs.format or ("zip" if triple.os == "windows" else "tar.gz"),
        values={
            "name": attrs.called or (names.pop() if len(names) == 1 else ""),
            "version": archives.version_of(ctx, attrs.directory, [*programs.values()], faults),
            "triple": triple.text,
            "arch": triple.arch,
            "os": triple.os,
        },
        why=UNKNOWN,
    )
    items = [
        *(
            archives.Item(key=str(label), content=each.file, program=True, suffix=triple.exe_suffix)
            for label, each in programs.items()
        ),
        *(archives.Item(key=path, content=path) for path in ctx.files(attrs.srcs)),
        *archives.outputs(ctx, attrs.completions, archives.COMPLETIONS, faults),
        *archives.outputs(ctx, attrs.manuals, archives.MANUALS, faults),
        *archives.outputs(ctx, attrs.deps, "", faults),
    ]
    return (archives.pack(ctx, items, attrs.layout, naming, faults),)


UNKNOWN = {
    "name": ("it has not just one program that it could be called like", 'name it: called = "…"'),
    "version": (
        "its programs do not have one version that it could have",
        'name the folder of the manifest that has it: directory = "…"',
    ),
}
