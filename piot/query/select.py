"""What one word of a query chooses: targets by pattern, by package, or by a file that they are made of."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from piot.errors import InputError, UsageError, near
from piot.model.catalog import Catalog
from piot.model.label import PackageName, Pattern
from piot.model.nearness import near_label, near_word, refuse_only_negative
from piot.query.expression import Word, fault
from piot.query.values import owners


@dataclass(frozen=True, slots=True)
class Selector:
    """Reads words typed in the folder ``package``; ``functions`` are for hints, ``text`` for carets."""

    catalog: Catalog
    text: str
    package: str
    functions: tuple[str, ...]

    def chosen(self, words: tuple[Word, ...]) -> frozenset[int]:
        """What the words choose together, from left to right; ``-PATTERN`` takes away.

        Raises UsageError for a word that chooses nothing, except a file that belongs to no target, and where
        all words take away.
        """
        found: frozenset[int] = frozenset()
        patterns = [self._pattern(word) for word in words]
        refuse_only_negative(patterns)
        for word, pattern in zip(words, patterns, strict=True):
            matching = self._matching(pattern)
            if not matching:
                matching = self._by_file(word, pattern)
            found = found - matching if pattern.negative else found | matching
        return found

    def file(self, word: Word) -> str | None:
        """The source file that a path, relative to the folder or after ``//`` to the root, names."""
        inside = word.text.removeprefix("//")
        path = inside if inside != word.text else posixpath.join(self.package, word.text)
        path = posixpath.normpath(path)
        files = self.catalog.files()
        place = bisect_left(files, path)
        return path if place < len(files) and files[place] == path else None

    def no_file(self, word: Word) -> UsageError:
        """An error for a word that should have named a file."""
        hint = near(posixpath.join(self.package, word.text), self.catalog.files())
        hint = hint or "paths are relative to the current folder; files that git ignores do not count"
        return fault(f"no file {word.text}", self.text, word.column, hint)

    def _pattern(self, word: Word) -> Pattern | PackageName:
        try:
            return Pattern.parse(word.text, package=self.package)
        except InputError as error:
            if self.file(word) is not None:
                return PackageName(name=word.text)
            raise fault(error.message, self.text, word.column, error.hint) from None

    def _matching(self, pattern: Pattern | PackageName) -> frozenset[int]:
        if isinstance(pattern, Pattern) and pattern.name is not None:
            number = self.catalog.index.get(f"//{pattern.package}:{pattern.name}")
            return frozenset() if number is None else frozenset((number,))
        return frozenset(self._fitting(pattern)) - self.catalog.publishing

    def _fitting(self, pattern: Pattern | PackageName) -> Iterable[int]:
        if isinstance(pattern, PackageName):
            packages = self.catalog.packages
            return (number for number, package in enumerate(packages) if package == pattern.name)
        if pattern.recursive and not pattern.package:
            return range(len(self.catalog.labels))
        folder = f"//{pattern.package}"
        begins = (f"{folder}:", f"{folder}/") if pattern.recursive else (f"{folder}:",)
        return (number for number, label in enumerate(self.catalog.labels) if label.startswith(begins))

    def _by_file(self, word: Word, pattern: Pattern | PackageName) -> frozenset[int]:
        path = self.file(word)
        if path is not None:
            return owners(self.catalog, frozenset((path,)))
        if isinstance(pattern, Pattern):
            message, hint = f"no target matches {pattern}", self._near(pattern)
        else:
            message = f'no package, function or file is called "{pattern.name}"'
            packages = {package for package in self.catalog.packages if package}
            hint = near(pattern.name, sorted({*packages, *self.functions}))
            hint = hint or near_word(word.text, self.package, self.catalog.labels) or self._near_file(word)
        raise fault(message, self.text, word.column, hint)

    def _near_file(self, word: Word) -> str | None:
        return near(word.text, self.catalog.files()) if "/" in word.text or "." in word.text else None

    def _near(self, pattern: Pattern) -> str | None:
        labels = self.catalog.labels
        if pattern.name is None:
            folders = {label.partition(":")[0] for label in labels} - {"//"}
            return near(f"//{pattern.package}", sorted(folders))
        sent = {labels[number] for number in self.catalog.publishing}
        return near_label(f"//{pattern.package}:{pattern.name}", labels, sent)
