"""What lies around the package: pins, sample data, images and workflows say the truth about it."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import data

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def pins(name: str) -> dict[str, list[Requirement]]:
    """The requirements of a file by package."""
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt", "requirements-spark.txt"])
def test_every_pin_is_one_version_and_no_address(name):
    for package, lines in pins(name).items():
        for pin in lines:
            assert pin.url is None, package
            assert [each.operator for each in pin.specifier] == ["=="], package


def test_what_a_user_runs_is_pinned_apart_from_what_the_tests_add():
    run, tests, spark = (pins(f"requirements{name}.txt") for name in ("", "-test", "-spark"))
    user = PROJECT["dependencies"] + EXTRAS["notebook"] + EXTRAS["salesforce"] + EXTRAS["model"]
    for wanted, held in ((user, run), (EXTRAS["test"], tests), (EXTRAS["spark"], spark)):
        for requirement in map(Requirement, wanted):
            lines = held[canonicalize_name(requirement.name)]
            assert all(requirement.specifier.contains(next(iter(pin.specifier)).version) for pin in lines), requirement
    # Whatever only a test or a check needs, a user does not install.
    assert not {"pytest", "ruff", "mypy", "playwright", "hypothesis", "statsmodels", "nbval", "hatchling"} & set(run)
    versions = {str(pin.specifier) for name in set(run) & set(tests) for pin in [*run[name], *tests[name]]}
    assert len(versions) == len(set(run) & set(tests))


def test_the_two_commands_install_what_they_need_and_no_more():
    rules = dict(re.findall(r"^(\S[^:\n]*): (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert "$(READY)" in rules["report"] and "$(TESTS)" not in rules["report"]
    assert rules["$(READY)"] == "requirements.txt pyproject.toml"
    assert "requirements-test.txt" in rules["$(TESTS)"] and "$(TESTS)" in rules["$(SPARK)"]
    assert rules["test"] == "$(SPARK)"


def test_every_sample_has_a_source_and_a_licence():
    notice = (data.HERE / "NOTICE").read_text("utf-8")
    files = [path for path in data.HERE.rglob("*") if path.is_file() and path.name != "NOTICE"]
    assert sum(path.stat().st_size for path in files) < 1_500_000
    for path in files:
        place = path.relative_to(data.HERE)
        entry = next(
            part for part in notice.split("\n\n") if part.startswith((place.as_posix(), f"{place.parts[0]}/\n"))
        )
        assert "Licence: " in entry and "https://" in entry, place


def test_a_sample_that_was_promised_is_not_skipped(monkeypatch, tmp_path):
    monkeypatch.setattr(data, "ELSEWHERE", tmp_path)
    monkeypatch.setenv("L2C_DATA", str(tmp_path))
    with pytest.raises(pytest.fail.Exception, match=r"holds no nowhere\.csv"):
        data.sample("nowhere.csv")
    monkeypatch.delenv("L2C_DATA")
    with pytest.raises(pytest.skip.Exception, match="L2C_DATA"):
        data.sample("nowhere.csv")
    assert data.sample("maven_crm/sales_pipeline.csv.gz").is_relative_to(ROOT)
