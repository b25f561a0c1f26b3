"""What lies around the package: pins, sample data, images and workflows say the truth about it."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml
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


def test_the_image_runs_as_nobody_special_and_fetches_nothing():
    steps = re.findall(r"^([A-Z]+) (.*)$", (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " "), re.MULTILINE)
    last = [words for name, words in steps if name == "USER"]
    assert last and last[-1] not in ("root", "0")
    after = [name for name, _ in steps[max(n for n, (name, _) in enumerate(steps) if name == "USER") :]]
    assert not {"RUN", "ADD", "COPY"} & set(after)
    assert json.loads(dict(steps)["ENTRYPOINT"]) == ["l2c"]
    fetched = [words for name, words in steps if name == "RUN" and "pip install" in words and "--no-deps" not in words]
    assert len(fetched) == 1 and "--requirement /tmp/requirements.txt" in fetched[0]


def test_an_image_holds_nothing_but_the_kit():
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    kept = {rule[1:] for rule in rules if rule.startswith("!")}
    metadata = {"pyproject.toml", PROJECT["readme"], *PROJECT["license-files"]}
    built = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    folders = {pattern.strip("/").partition("/")[0] for pattern in built["include"]}
    # .gitignore tells the build what is never packed.
    assert kept == metadata | folders | {"requirements.txt", ".gitignore"}
    assert "notebooks/out" in rules


def test_workflows_run_the_tests_on_every_python_and_a_report_each_month():
    test, report = (
        yaml.safe_load((ROOT / ".github/workflows" / f"{name}.yml").read_text("utf-8")) for name in ("test", "report")
    )
    # YAML 1.1 takes the word `on` for a yes.
    assert "push" in test[True]
    job = test["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert PROJECT["requires-python"] == ">=3.11"
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert (ROOT / ".ci/run").stat().st_mode & 0o100 or os.name == "nt"
    assert re.fullmatch(r"\d+ \d+ \d+ \* \*", report[True]["schedule"][0]["cron"])
    steps = report["jobs"]["report"]["steps"]
    assert any(step.get("run") == "make report" for step in steps)
    assert any(step.get("uses", "").startswith("actions/upload-artifact@") for step in steps)
    for workflow in (test, report):
        assert workflow["permissions"] == {"contents": "read"}


def test_binder_and_the_dev_container_use_the_pins_and_the_make_file():
    assert (ROOT / "binder/requirements.txt").read_text("utf-8").split() == ["-r", "../requirements.txt"]
    assert (ROOT / "binder/postBuild").read_text("utf-8").startswith("#!")
    assert "pip install --no-deps --editable ." in (ROOT / "binder/postBuild").read_text("utf-8")
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
    assert container["postCreateCommand"] == "make report"
    assert container["remoteUser"] != "root"
