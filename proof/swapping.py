"""Other code for functions that are loaded already: a mutant's, or code that says which of its blocks are reached.

So a mutant needs no new process that imports everything and collects all tests: a fork of one that has is enough. What
runs once, while a module is imported, cannot be exchanged so.
"""

from __future__ import annotations

import ast
import builtins
import gc
import inspect
from collections import defaultdict
from collections.abc import Iterator
from types import CodeType, FunctionType

from mutants import PACKAGE, ROOT, Mutant, every_module, path_of, source_of

_MARK = "__reached__"

Name = tuple[str, str, int]
"""What names a function: its file, its qualified name, its first line."""

Functions = dict[Name, list[FunctionType]]


def loaded() -> Functions:
    """Return every function of the package that is in memory."""
    found: Functions = defaultdict(list)
    gc.unfreeze()  # tests/conftest.py keeps the collector from looking at what stays
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(f"{PACKAGE}/"):
            found[name_of(each.__code__)].append(each)
    gc.freeze()
    return dict(found)


def swap(functions: Functions, codes: dict[Name, CodeType]) -> None:
    """Give functions other code."""
    for key, code in codes.items():
        for function in functions[key]:
            function.__code__ = code


def name_of(code: CodeType) -> Name:
    """Return what names the function that has this code."""
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _inside(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]


# ---- a mutant's code ------------------------------------------------------------------------------------------------


def changed(mutant: Mutant, functions: Functions) -> dict[Name, CodeType] | None:
    """Return the functions that a mutant changes, or nothing if it changes what runs while its module is imported."""
    path = str(ROOT / path_of(mutant.module))
    old, new = (
        compile(text, path, "exec", dont_inherit=True) for text in (source_of(mutant.module), mutant.code)
    )
    found: dict[Name, CodeType] = {}
    return found if _changed(old, new, functions, found) else None


def _changed(old: CodeType, new: CodeType, functions: Functions, found: dict[Name, CodeType]) -> bool:
    """Add the functions that differ; tell whether all else is the same."""
    if old == new:
        return True
    inside, others = _inside(old), _inside(new)
    if old.co_flags & inspect.CO_OPTIMIZED:  # a function; not a module, nor the body of a class
        if name_of(old) not in functions or old.co_freevars != new.co_freevars:
            return False
        found[name_of(old)] = new
        for one, other in zip(inside, others, strict=False):  # those made while the module was imported, too
            _changed(one, other, functions, found)
        return True
    return (
        len(inside) == len(others)
        and _of_its_own(old) == _of_its_own(new)
        and all(_changed(one, other, functions, found) for one, other in zip(inside, others, strict=True))
    )


def _of_its_own(code: CodeType) -> tuple[object, ...]:
    """Return what a module or a class does, without the functions in it."""
    consts = [None if isinstance(one, CodeType) else (type(one), one) for one in code.co_consts]
    return code.co_code, code.co_names, consts


# ---- which blocks are reached ---------------------------------------------------------------------------------------


def mark(functions: Functions) -> set[str]:
    """Let each block of each function say that it is reached; return where they say it."""
    for module in every_module():
        tree = ast.parse(source_of(module))
        for block in list(_blocks(tree)):
            call = ast.Call(ast.Name(_MARK, ast.Load()), [ast.Constant(f"{module}:{block[0].lineno}")], [])
            block.insert(0, ast.fix_missing_locations(ast.copy_location(ast.Expr(call), block[0])))
        codes = [compile(tree, str(ROOT / path_of(module)), "exec", dont_inherit=True)]
        for code in codes:
            codes += _inside(code)
        swap(functions, {name_of(code): code for code in codes if name_of(code) in functions})
    reached: set[str] = set()
    setattr(builtins, _MARK, reached.add)
    return reached


def block_of(mutant: Mutant) -> str:
    """Return the name of the innermost block that a mutant changes; it is in one: see `in_a_function`."""
    return f"{mutant.module}:{max(_starts(mutant))}"


def in_a_function(mutant: Mutant) -> bool:
    """Tell whether a mutant is in a block, which says that it is reached; a lambda in a table is not."""
    return bool(_starts(mutant))


def _starts(mutant: Mutant) -> list[int]:
    return [
        block[0].lineno
        for block in _blocks(ast.parse(source_of(mutant.module)))
        if block[0].lineno <= mutant.line <= (block[-1].end_lineno or 0)
    ]


def _blocks(node: ast.AST, *, inside: bool = False) -> Iterator[list[ast.stmt]]:
    """Yield the blocks of statements in functions."""
    inside = inside or isinstance(node, ast.FunctionDef)
    for _, value in ast.iter_fields(node):
        if isinstance(value, list):
            if inside and value and isinstance(value[0], ast.stmt):
                yield value
            for each in value:
                if isinstance(each, ast.AST):
                    yield from _blocks(each, inside=inside)
