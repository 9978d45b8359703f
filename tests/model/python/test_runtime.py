"""What the Python packages of a repository need of others."""

from __future__ import annotations

from piot.model.python.pyproject import Pyproject
from piot.model.python.runtime import third_party


def project(name: str, *dependencies: str) -> Pyproject:
    return Pyproject(directory=name.lower(), name=name, dependencies=dependencies)


def test_what_packages_of_the_repository_need_counts_and_they_themselves_do_not() -> None:
    one = project("One", "two>=1", "numpy>=2", "Idna[all]; python_version < '3.12'")
    two = project("Two", "THREE", "numpy")
    three = project("Three", "one", "rich")
    other = project("other", "attrs")
    found = third_party(one, (one, two, three, other))
    assert found == ("Idna[all]; python_version < '3.12'", "numpy", "numpy>=2", "rich")


def test_what_is_no_requirement_is_left_to_the_back_end() -> None:
    assert third_party(project("one", "no such thing", "rich"), ()) == ("rich",)
