from __future__ import annotations

import pytest

from piot.cli.help import HELP_WIDTH, help_text, version_text
from piot.cli.main import main
from piot.cli.parser import parse
from piot.cli.verbs import VERBS
from piot.errors import UsageError

FRONT = """\
piot builds and releases libraries with one Rust core and many artifacts

Usage: piot [FLAGS] VERB …

Verbs:
  build       build targets and put the results into dist/
  run         build a program for this machine and run it
  develop     install wheels into your Python environment, with their sources in the checkout
  test        run test targets
  fetch       download what targets need, so that everything else works offline
  query       ask the graph: what needs what, what is made of which files
  actions     show the actions of targets: commands, inputs with digests, outputs, keys
  explain     say why targets would run, or did: the first difference to the last result
  log         show what the last build did, or build N: what ran, failed, was slow
  toolchains  show what this machine can build for, and what is lacking
  rules       list the rules, or show one with its attributes
  lock        pin tools and build requirements by hash in piot.lock
  cache       look after the store that all checkouts share
  clean       remove dist/ and .piot/ of this checkout, never the shared store
  completion  print a script that lets bash, zsh or fish complete piot's command lines
  bump        write planned versions, locks and changelogs into the checkout
  check       say what would go wrong with a release, as far as the checkout tells
  doctor      look for what hinders builds and releases: tools, git, the job, credentials
  init        read the repository, and write putitoutthere.toml and the workflows
  plan        show what would be released, in which versions, and why
  publish     send what is planned and built to its registries, and tag it
  status      compare tags, registries and built files
  help        show help, also for one verb

Flags of every verb:
  -C DIR         run as if started in DIR
  --config FILE  use FILE instead of putitoutthere.toml
  -q, --quiet    say only what went wrong
  -v, --verbose  also show the output of actions that succeed
  --color WHEN   colour on stderr: auto (on a terminal), always or never [auto]
  --offline      use no network; what is not in the store is an error
  --json         print the result as one JSON object on stdout
  -h, --help     show help, also for a verb: piot help VERB
  -V, --version  show the version

Patterns:
  //...                    all targets
  //packages/...           all targets in and under packages/
  //packages/python        all targets of that folder
  //packages/python:wheel  one target
  my-py                    all targets of the package with this name
  :wheel                   a target of the current folder
  -//packages/ts/...       take these away; a package's name is taken away after --

piot help VERB says more about a verb.
"""

FETCH = """\
piot fetch: download what targets need, so that everything else works offline

Usage: piot fetch [FLAGS] PATTERN…

Flags:
  --target, --platform TRIPLE  build for this triple; also host (the default) and all; can be
                               repeated
  --python X.Y                 build for this Python; also 3.14t and pypy3.11; can be repeated
  --profile NAME               cargo's profile [release]
  --set-version NAME=X.Y.Z     build package NAME as this version; your manifests stay as they
                               are; can be repeated
  -j, --jobs N                 run at most N jobs at once

Examples:
  piot fetch //... --target all

piot help lists the flags of every verb and the patterns.
"""

RULES = """\
piot rules: list the rules, or show one with its attributes

Usage: piot rules [NAME]

piot help lists the flags of every verb.
"""


@pytest.mark.parametrize(("verb", "page"), [(None, FRONT), ("fetch", FETCH), ("rules", RULES)])
def test_help_pages_read_like_this(verb: str | None, page: str) -> None:
    assert help_text(verb) == page


@pytest.mark.parametrize("verb", [None, *(verb.name for verb in VERBS)])
def test_no_line_of_help_is_too_wide(verb: str | None) -> None:
    assert max(len(line) for line in help_text(verb).splitlines()) <= HELP_WIDTH


@pytest.mark.parametrize("example", [example for verb in VERBS for example in verb.examples])
def test_examples_are_command_lines_that_parse(example: str) -> None:
    import shlex

    assert parse(shlex.split(example)[1:]).verb == example.split()[1]


def test_help_for_an_unknown_verb_names_the_nearest() -> None:
    with pytest.raises(UsageError) as raised:
        help_text("biuld")
    assert str(raised.value) == 'unknown verb "biuld"\n\nhint: did you mean "build"? See: piot help'


def test_the_version_is_one_line() -> None:
    assert version_text("1.2.3") == "piot 1.2.3\n"


def test_without_a_word_piot_shows_what_there_is_and_that_nothing_was_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2
    assert capsys.readouterr() == ("", help_text())
