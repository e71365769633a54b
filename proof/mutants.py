"""Every small way to break a module, one at a time. cosmic-ray makes them; this file decides which."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from difflib import unified_diff
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src/csp_transfer"

# All that cosmic-ray has, but what only makes a type error of a comparison or of arithmetic on days.
LEFT_OUT = (
    *(
        "*BinaryOperator_*_*",
        "*Comparison*_Is_*",
        "*Comparison*_IsNot_*",
        "*Comparison*_Is",
        "*Comparison*_IsNot",
    ),
    *("*Variable*", "*Exception*"),
)
KEPT = (
    *(
        "*_Add_Sub",
        "*_Sub_Add",
        "*_Mul_Div",
        "*_FloorDiv_Mul",
        "*_Mod_Mul",
        "*_BitOr_BitAnd",
        "*_BitAnd_BitOr",
    ),
    *("*_Is_IsNot", "*_IsNot_Is"),
)

_STRICT = re.compile(r"strict=(True|False)")
_ANNOTATION = re.compile(r"(self, )?(\w+: )|(def )|(.*\) -> )")


Key = tuple[str, str, str]
"""What names a mutant while other lines come and go: its module, and the code before and after."""


class Mutant(NamedTuple):
    """One small change of one module."""

    module: str
    operator: str
    occurrence: int
    code: str
    before: str
    after: str
    line: int
    """The first that changes."""

    @property
    def key(self) -> Key:
        """What names it."""
        return self.module, self.before, self.after


class Place(NamedTuple):
    """Where an operator can change a module."""

    module: str
    operator: str
    occurrence: int


def every_module() -> list[str]:
    """Return the modules of the package, as they are named from inside it."""
    paths = (path.relative_to(PACKAGE).with_suffix("") for path in sorted(PACKAGE.rglob("*.py")))
    return [".".join(path.parts) for path in paths]


def path_of(module: str) -> str:
    """Return where a module is, below the root."""
    return f"src/csp_transfer/{module.replace('.', '/')}.py"


@cache
def source_of(module: str) -> str:
    """Return the code of a module."""
    return (ROOT / path_of(module)).read_text(encoding="utf-8")


def operators() -> list[str]:
    """Return the names of the operators that are used."""
    left_out = {name for name in operator_names() if any(fnmatch.fnmatch(name, p) for p in LEFT_OUT)}
    kept = {name for name in operator_names() if any(fnmatch.fnmatch(name, p) for p in KEPT)}
    return sorted(set(operator_names()) - left_out | kept)


def places_in(module: str) -> list[Place]:
    """Return where each operator can change a module."""
    nodes = list(ast_nodes(get_ast(source_of(module))))
    return [
        Place(module, name, occurrence)
        for name in operators()
        for occurrence in range(
            sum(1 for node in nodes for _ in get_operator(name)().mutation_positions(node))
        )
    ]


def mutants_at(places: Iterable[Place]) -> Iterator[Mutant]:
    """Yield the mutants of some places: none for a place whose code does not change, or changes like another's."""
    seen: set[str | None] = {None}
    for module, name, occurrence in places:
        source = source_of(module)
        code = mutate_code(source, get_operator(name)(), occurrence)
        if code is None or code == source or code in seen:
            continue
        seen.add(code)
        if not _compiles(code):
            continue
        lines, others = source.splitlines(), code.splitlines()
        changed = list(unified_diff(lines, others, n=0, lineterm=""))[3:]
        before = " ".join(line[1:].strip() for line in changed if line.startswith("-"))
        after = " ".join(line[1:].strip() for line in changed if line.startswith("+"))
        # Annotations are for type checkers, which see a `|` that became a `&`; `strict=True` is an assertion.
        asserts = name.endswith("TrueWithFalse") and _STRICT.sub("", before) == _STRICT.sub("", after)
        if not (asserts or (_ANNOTATION.match(before) and "_Bit" in name)):
            first = next(n for n, (old, new) in enumerate(zip(lines, others, strict=False), 1) if old != new)
            yield Mutant(module, name, occurrence, code, before, after, first)


def _compiles(code: str) -> bool:
    try:
        compile(code, "", "exec", dont_inherit=True)
    except SyntaxError:  # `not` before an assignment in a condition
        return False
    return True


def mutants(modules: Iterable[str], workers: int) -> list[Mutant]:
    """Return every mutant of some modules, found by so many processes."""
    with ProcessPoolExecutor(workers) as processes:
        return [mutant for found in processes.map(_listed, modules) for mutant in found]


def places(modules: Iterable[str], workers: int) -> list[Place]:
    """Return every place of some modules, found by so many processes."""
    with ProcessPoolExecutor(workers) as processes:
        return [place for found in processes.map(places_in, modules) for place in found]


def _listed(module: str) -> list[Mutant]:
    return list(mutants_at(places_in(module)))
