"""What the scripts of a package.json say to ``napi build``.

https://napi.rs/docs/cli/build, of version 3.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

CLI = "@napi-rs/cli"
"""The package of the command line tool."""

_FLAGS = {
    *("--const-enum", "--no-const-enum", "--no-dts-header", "--no-js", "--esm", "--commonjs"),
    *("--runtime-string-enum", "--no-default-features", "--all-features", "--strip", "-s"),
}
_VALUES = {"--js", "--js-binding", "--dts", "--dts-header", "--format", "--config-path", "-c"}
_OWN_VALUES = {"--output-dir", "-o", "--features", "-F", "--manifest-path"}
_OTHER_VALUES = {
    *("--target", "-t", "--profile", "--target-dir", "--cwd", "--package-json-path", "--package", "-p"),
    *("--js-package-name", "--bin", "--pipe"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What the package's own script says to ``napi build``, as far as it shapes the result.

    ``kept`` are arguments to be given as they are; ``output_dir`` and ``manifest_path`` are relative to the
    package. Triple, profile and how to cross-compile are for piot to say.
    """

    kept: tuple[str, ...] = ()
    output_dir: str = "."
    manifest_path: str = "Cargo.toml"
    features: tuple[str, ...] = ()
    no_default_features: bool = False

    def plus(self, features: tuple[str, ...], *, no_default_features: bool) -> BuildOptions:
        """With what a target asks for besides."""
        missing = no_default_features and not self.no_default_features
        return replace(
            self,
            kept=(*self.kept, *(["--no-default-features"] if missing else [])),
            features=tuple(dict.fromkeys((*self.features, *features))),
            no_default_features=self.no_default_features or no_default_features,
        )


def options(scripts: Sequence[str]) -> BuildOptions:
    """Of the first script that calls ``napi build``; none otherwise."""
    for script in scripts:
        words = arguments(script)
        if words is not None:
            return _read(words)
    return BuildOptions()


def arguments(script: str) -> list[str] | None:
    """What a script says to ``napi build``, and all that follows; None when it does not call it."""
    lexer = shlex.shlex(script, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        return None
    starts = [at for at in range(len(words) - 1) if words[at : at + 2] == ["napi", "build"]]
    return words[starts[0] + 2 :] if starts else None


def _read(words: Sequence[str]) -> BuildOptions:
    kept: list[str] = []
    own: dict[str, str] = {}
    given = iter(words)
    for word in given:
        if word == "--" or set(word) <= set("&|;<>()"):
            break
        name, equals, value = word.partition("=")
        if name in _FLAGS:
            kept.append(word)
        elif name in _VALUES | _OWN_VALUES | _OTHER_VALUES:
            value = value if equals else next(given, "")
            if name in _VALUES:
                kept += [name, value]
            elif name in _OWN_VALUES:
                own[name] = value
    features = own.get("--features", own.get("-F", "")).replace(",", " ").split()
    return BuildOptions(
        kept=tuple(kept),
        output_dir=posixpath.normpath(own.get("--output-dir", own.get("-o", "."))),
        manifest_path=own.get("--manifest-path", "Cargo.toml"),
        features=tuple(features),
        no_default_features="--no-default-features" in kept,
    )
