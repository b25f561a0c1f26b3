"""Imports point one way, and only some modules may know some libraries."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

import pytest

import l2c

PACKAGE = Path(l2c.__file__).parent
ORDER = [
    "words",
    "system",
    "stats",
    "engine",
    "log",
    "geometry",
    "prepare",
    "demo",
    "lab",
    "discover",
    "measures",
    "kpis",
    "diagnose",
    "improve",
    "monitor",
    "analysis",
    "check",
    "show",
    "report",
    "dashboard",
    "cli",
]
# A room more than these needs its reason here.
ROOMS = 21
# Numbers that may go by one name in several modules, with the reason.
NAMESAKES = {
    "SCHEMA": "each format counts its own versions",
}
ONLY = {
    "duckdb": {"engine"},
    "pyspark": {"engine"},
    "matplotlib": {"show"},
    "matplotlib_fontja": {"show"},
    "seaborn": {"show"},
    "ipywidgets": {"show"},
    "IPython": {"show", "report"},
    "anywidget": {"show"},
    "itables": {"show"},
    "voila": {"dashboard"},
}


def modules() -> dict[str, Path]:
    """The package's modules by name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imports(tree: ast.AST, known: Container[str] = MODULES) -> list[str]:
    """What a module imports, inside functions too: a module where a name is one, else whatever holds the name."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [name if name in known else node.module for name in names]
    return found


def offences(name: str, tree: ast.AST) -> list[str]:
    home = name.split("/")[0].removesuffix(".py")
    found = []
    for imported in imports(tree):
        top, _, rest = imported.partition(".")
        target = rest.partition(".")[0]
        if home not in ONLY.get(top, {home}):
            found.append(f"{name}: {top} belongs to {ONLY[top]}")
        if top == "l2c" and target in ORDER and home in ORDER and ORDER.index(target) > ORDER.index(home):
            found.append(f"{name}: {home} must not know {target}")
    return found


def circles(arrows: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Modules that lead back to themselves: what is left when whoever depends on nothing left is taken away, both ways."""
    left = {name: set(targets) & set(arrows) - {name} for name, targets in arrows.items()}
    while free := {n for n, to in left.items() if not to} or set(left) - {t for to in left.values() for t in to}:
        left = {name: targets - free for name, targets in left.items() if name not in free}
    return [sorted(left)] if left else []


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


def test_no_modules_lead_back_to_themselves():
    # What only the type checker reads is no less read by people.
    arrows = {name: imports(ast.parse(path.read_text("utf-8"))) for name, path in MODULES.items()}
    assert circles(arrows) == []


def test_the_check_sees_a_circle():
    assert circles({"a": ["b"], "b": ["c"], "c": ["b"], "d": ["a", "b"]}) == [["b", "c"]]
    assert circles({"a": ["b", "c"], "b": ["c"], "c": []}) == []


def test_every_module_stands_in_a_room():
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES.values()} - {"__init__"}
    assert rooms == set(ORDER)
    assert len(rooms) <= ROOMS


def test_pm4py_is_imported_inside_functions_only():
    for path in PACKAGE.rglob("*.py"):
        top = [n for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.Import | ast.ImportFrom)]
        assert not any(name.startswith("pm4py") for name in imports(ast.Module(body=top, type_ignores=[]))), path


def numbers(tree: ast.Module) -> Iterator[str]:
    """Names of the numbers that a module sets for itself and others."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names = [n.id for n in ast.walk(ast.Tuple(elts=node.targets)) if isinstance(n, ast.Name)]
            values = node.value.elts if isinstance(node.value, ast.Tuple) and len(names) > 1 else [node.value]
            constants = [isinstance(n, ast.Constant) and isinstance(n.value, int | float) for n in values]
            yield from (
                name
                for name, is_number in zip(names, constants, strict=False)
                if is_number and name.isupper() and name[0] != "_"
            )


def test_a_number_has_one_name_and_a_name_one_number():
    homes = Counter(name for path in MODULES.values() for name in set(numbers(ast.parse(path.read_text("utf-8")))))
    assert {name for name, count in homes.items() if count > 1} <= set(NAMESAKES)
    assert list(numbers(ast.parse("A, B = 1, 'x'\nC = 2.0\nd = 3\nE = len('')"))) == ["A", "C"]


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
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    assert found.stdout.strip() == "[]"


def test_a_report_loads_nothing_that_its_pages_do_not_need():
    code = "import sys, l2c.report; print([m for m in ['matplotlib', 'scipy.stats'] if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"


FUNNEL = "show.funnel(discover.funnel(log)).svg()"
MAP = "show.process_map(discover.flow(log)).svg"


@pytest.mark.parametrize(("first", "unasked"), [(FUNNEL, ["seaborn", "matplotlib.pyplot"]), (MAP, ["matplotlib"])])
def test_a_first_picture_waits_for_no_library_that_does_not_draw_it(first, unasked):
    text = "a: Opportunity Created 0, Quote Sent 1, Closed Won 2"
    code = (
        "import sys; from l2c import discover, show; from tests.logs import from_text;"
        f"log = from_text({text!r}); {first}; print([m for m in {unasked} if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    assert found.stdout.strip() == "[]"


def test_functions_keep_their_names_after_their_modules_are_imported():
    import l2c.demo
    import l2c.kpis

    assert callable(l2c.kpis)
    assert callable(l2c.demo)
