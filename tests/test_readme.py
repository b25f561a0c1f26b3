import doctest
import re
from pathlib import Path

from l2c.cli import arguments
from l2c.cli.commands import COMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_code_of_the_readme_runs():
    found = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert found.attempted >= 5
    assert found.failed == 0


def test_its_pictures_and_notebooks_are_there():
    for name in re.findall(r'<img src="([^"]+)"', README):
        assert (ROOT / name).stat().st_size > 10_000, name
    for name in re.findall(r"\| `(\d\d_\w+)` \|", README):
        assert (ROOT / "notebooks" / f"{name}.ipynb").exists()


def test_it_names_every_command_and_make_target():
    parser = arguments.parser(COMMANDS)
    commands = next(a for a in parser._actions if a.choices).choices
    assert commands is not None
    assert set(re.findall(r"^l2c (\w+)", README, re.MULTILINE)) == set(commands)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"(?:^|`)make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_nothing_names_where_it_was_made():
    places = re.compile("/wo" + "rk/|arti" + "factory|ne" + "xus|https?://[^ ]*pypi", re.IGNORECASE)
    for path in [*ROOT.glob("*.md"), *ROOT.glob("*.txt"), *ROOT.glob("l2c/**/*.py"), *ROOT.glob("notebooks/*.ipynb")]:
        assert not places.search(path.read_text("utf-8")), path
