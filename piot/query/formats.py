"""What was chosen, as text: labels, and the graph between the chosen targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from piot.model.catalog import Catalog


def label(catalog: Catalog, numbers: Sequence[int]) -> str:
    """A label a line."""
    return "".join([f"{catalog.labels[number]}\n" for number in numbers])


def label_kind(catalog: Catalog, numbers: Sequence[int]) -> str:
    """``KIND LABEL`` a line."""
    return "".join(f"{catalog.kinds[number]} {catalog.labels[number]}\n" for number in numbers)


def dot(catalog: Catalog, numbers: Sequence[int]) -> str:
    """A graph in the language of Graphviz (graphviz.org, "DOT Language"); labels need no escapes there."""
    lines = [f'  "{catalog.labels[number]}";\n' for number in numbers]
    lines += [
        f'  "{catalog.labels[number]}" -> "{catalog.labels[dep]}";\n'
        for number, dep in _edges(catalog, numbers)
    ]
    return "".join(("digraph piot {\n", "  node [shape=box];\n", *lines, "}\n"))


def mermaid(catalog: Catalog, numbers: Sequence[int]) -> str:
    """A flowchart that GitHub draws in Markdown (mermaid.js.org, "Flowcharts")."""
    names = {number: f"n{place}" for place, number in enumerate(numbers)}
    lines = [f'  {names[number]}["{catalog.labels[number]}"]\n' for number in numbers]
    lines += [f"  {names[number]} --> {names[dep]}\n" for number, dep in _edges(catalog, numbers)]
    return "".join(("flowchart LR\n", *lines))


def tree(catalog: Catalog, numbers: Sequence[int]) -> str:
    """Dependencies below what needs them; ``(*)``, as in cargo tree: what is below it was shown before."""
    chosen = frozenset(numbers)
    needed = {dep for _, dep in _edges(catalog, numbers)}
    seen: set[int] = set()
    lines: list[str] = []
    todo = [(number, 0) for number in reversed(numbers) if number not in needed]
    while todo:
        number, depth = todo.pop()
        below = [dep for dep in catalog.forward[number] if dep in chosen]
        again = number in seen and bool(below)
        lines.append(f"{'  ' * depth}{catalog.labels[number]}{' (*)' if again else ''}\n")
        if not again:
            todo += [(dep, depth + 1) for dep in reversed(below)]
        seen.add(number)
    return "".join(lines)


def _edges(catalog: Catalog, numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The dependencies among the chosen targets."""
    chosen = frozenset(numbers)
    return ((number, dep) for number in numbers for dep in catalog.forward[number] if dep in chosen)


FORMATS: Mapping[str, Callable[[Catalog, Sequence[int]], str]] = {
    "label": label,
    "label_kind": label_kind,
    "dot": dot,
    "mermaid": mermaid,
    "tree": tree,
}
"""By the value of ``--output``; JSON, which needs digests of files, is made in ``data``."""
