"""Every remark that the reader and the measures can make, collected from the source."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import l2c

NOTE = re.compile("note|silent|lacks|fragile|said", re.IGNORECASE)
PACKAGE = Path(l2c.__file__).parent
# Where remarks are made; what `show` says is not among them, and comments of the template's cells are no remarks.
PLACES = ("prepare", "measures", "kpis.py", "diagnose", "log")
NOT = {"prepare/template.py", "prepare/template_fields.py"}
# Functions that return remarks under another name than note.
MAKERS = {"_too_many", "_decimal_comma", "lacking", "unknown_values", "_unrecorded", "mixed", "_without_cancelled"}


def remarks() -> Iterator[tuple[str, list[str]]]:
    """Where each remark stands, and the texts it may become: samples for each of its blanks."""
    for place in PLACES:
        path = PACKAGE / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            name = file.relative_to(PACKAGE).as_posix()
            if name not in NOT:
                for node in _texts(ast.parse(file.read_text("utf-8"))):
                    yield f"{name}:{node.lineno}", list(_samples(node))


def _texts(tree: ast.AST) -> Iterator[ast.expr]:
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(NOTE.search(part) for target in targets for part in _names(target)):
                found.append(node.value)
        if isinstance(node, ast.Call):
            if (
                isinstance(node.func, ast.Attribute)
                and node.func.attr in ("append", "extend")
                and _noted(node.func.value)
            ):
                found += node.args
            found += [word.value for word in node.keywords if word.arg in ("note", "notes")]
            found += node.args if isinstance(node.func, ast.Name) and node.func.id == "_unknown" else []
        if isinstance(node, ast.FunctionDef) and node.name == "notes":
            found += [each.value for each in ast.walk(node) if isinstance(each, ast.Assign)]
        if isinstance(node, ast.FunctionDef) and ("note" in node.name or node.name in MAKERS):
            found += [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
    # What was given a name of its own before it joined the others.
    named = {
        each.id for part in found if isinstance(part, ast.List) for each in part.elts if isinstance(each, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and named & set(_names(node.targets[0])):
            found.append(node.value)
    seen = {}
    for part in found:
        for text in _sentences(part):
            seen[text.lineno, text.col_offset] = text
    yield from seen.values()


def _sentences(node: ast.AST) -> Iterator[ast.expr]:
    """The texts that an expression may be; not those it compares with, looks up by, or joins by."""
    if isinstance(node, ast.JoinedStr):
        yield node
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str) and " " in node.value.strip():
            yield node
    elif isinstance(node, ast.Call):
        # A helper that makes it has its own returns.
        for arg in node.args:
            yield from _sentences(arg)
    elif not isinstance(node, ast.Subscript | ast.Compare | ast.Attribute | ast.Dict):
        for child in ast.iter_child_nodes(node):
            yield from _sentences(child)


def _noted(node: ast.AST) -> bool:
    return any(NOTE.search(name) for name in _names(node))


def _names(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        if isinstance(each, ast.Attribute):
            yield each.attr


def _samples(node: ast.expr) -> Iterator[str]:
    """The text with each blank filled by a number or a name."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
        return
    assert isinstance(node, ast.JoinedStr)
    blanks = sum(isinstance(part, ast.FormattedValue) for part in node.values)
    for filled in itertools.product(("1,234", "12", "Quote", ""), repeat=blanks):
        values = iter(filled)
        yield "".join(str(p.value) if isinstance(p, ast.Constant) else next(values) for p in node.values)
