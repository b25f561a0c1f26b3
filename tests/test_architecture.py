"""Imports point one way, and only some modules may know some libraries."""

import ast
import subprocess
import sys
from pathlib import Path

import l2c

PACKAGE = Path(l2c.__file__).parent
ORDER = [
    "errors",
    "extras",
    "places",
    "children",
    "vocabulary",
    "terms",
    "engine",
    "cells",
    "quality",
    "origin",
    "filter_words",
    "filters",
    "traces",
    "ordering",
    "ordering_anywhere",
    "leads",
    "base",
    "beside",
    "manifest",
    "storage",
    "ocel",
    "log",
    "stats",
    "prepare",
    "masking",
    "names",
    "demo",
    "lab",
    "discover",
    "kpis",
    "diagnose",
    "improve",
    "monitor",
    "analysis",
    "show",
    "claim",
    "report",
    "dashboard",
    "serving",
    "arguments",
    "cli",
]
ONLY = {
    "duckdb": {"engine"},
    "pyspark": {"engine"},
    "matplotlib": {"show"},
    "matplotlib_fontja": {"show"},
    "seaborn": {"show"},
    "ipywidgets": {"show"},
    "IPython": {"show"},
    "anywidget": {"show"},
    "itables": {"show"},
    "voila": {"serving"},
}


def imports(tree: ast.AST, package: str) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" if node.module == "l2c" else node.module for alias in node.names]
    return found


def offences(name: str, tree: ast.AST) -> list[str]:
    home = name.split("/")[0].removesuffix(".py")
    found = []
    for imported in imports(tree, home):
        top, _, rest = imported.partition(".")
        target = rest.partition(".")[0]
        if home not in ONLY.get(top, {home}):
            found.append(f"{name}: {top} belongs to {ONLY[top]}")
        if top == "l2c" and target in ORDER and home in ORDER and ORDER.index(target) > ORDER.index(home):
            found.append(f"{name}: {home} must not know {target}")
    return found


def runtime(tree: ast.Module) -> ast.Module:
    """The module without what only the type checker reads."""
    body = [n for n in tree.body if not (isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test))]
    return ast.Module(body=body, type_ignores=[])


def test_imports_point_one_way():
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        found += offences(str(path.relative_to(PACKAGE)), runtime(ast.parse(path.read_text("utf-8"))))
    assert found == []


def test_the_check_sees_an_arrow_that_points_back():
    assert offences("engine.py", ast.parse("from l2c.log import EventLog")) == ["engine.py: engine must not know log"]
    assert offences("kpis.py", ast.parse("import duckdb")) == ["kpis.py: duckdb belongs to {'engine'}"]


def test_every_module_has_its_place():
    homes = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in PACKAGE.rglob("*.py")}
    assert homes - {"__init__"} <= set(ORDER)


def test_pm4py_is_imported_inside_functions_only():
    for path in PACKAGE.rglob("*.py"):
        top = [n for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.Import | ast.ImportFrom)]
        assert not any(name.startswith("pm4py") for name in imports(ast.Module(body=top, type_ignores=[]), "")), path


def unitless(tree: ast.AST) -> list[int]:
    """Lines where numpy is given a time without its unit: deprecated from numpy 2.5 on, which Python 3.12 and newer get."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    return [
        n.lineno
        for n in calls
        if n.func.attr in ("datetime64", "timedelta64")
        and len(n.args) == 1
        and isinstance(n.args[0], ast.Constant)
        and n.args[0].value in (0, 1, "NaT")
    ]


def test_every_time_of_numpy_has_its_unit():
    for path in PACKAGE.rglob("*.py"):
        assert unitless(ast.parse(path.read_text("utf-8"))) == [], path
    assert unitless(ast.parse('np.datetime64("NaT")')) == [1]
    assert unitless(ast.parse('np.datetime64("NaT", "us")')) == []


def test_importing_the_package_loads_nothing_heavy():
    heavy = ["pm4py", "matplotlib", "IPython", "pandas", "polars", "duckdb", "numpy", "scipy"]
    code = f"import sys, l2c; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"


def test_functions_keep_their_names_after_their_modules_are_imported():
    import l2c.demo
    import l2c.kpis

    assert callable(l2c.kpis)
    assert callable(l2c.demo)
