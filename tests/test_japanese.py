"""Every Japanese text of the kit says one word for one thing, in polite sentences, with the signs of Japanese print."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import l2c
from l2c.words import measures, notes, vocabulary
from l2c.words.phrases import PHRASES

PACKAGE = Path(l2c.__file__).parent
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
JA = "぀-ヿ㐀-鿿々〆ヶ"
HAS = re.compile(f"[{JA}]")
# What stands as it is typed: code, commands, names of keys with an example behind them.
CODE = re.compile(
    r"\]\([^()]*\)|`[^`]*`|--[a-z][\w-]* \"[^\"]*\"|(?<![\w」）])'[^']*'|\{\{.*?\}\}|https?://\S+|[\w.]+\([^()ぁ-んァ-ヶ一-龠]*\)"
    r"|\{(?:word|attribute)\}: (?:\{example\}|…)|\b[a-z_]+: (?=の|\{|[\dA-Z])|[a-z_]+=\S+"
)
BLANK = re.compile(r"\{[^{}]*\}|_[A-Z]+_")
# What a button, a tick or a condition in force says is no sentence; neither is what another text goes on from.
COMMANDS = ("phrase live.edit.", "phrase chip.", "phrase live.", "phrase visitor.", "phrase lost.", "phrase check.")
PLAIN = re.compile(
    r"(?:(?:する|した|して|いる|いた|ある|あった|ない|なかった|なる|なった|れる|れた|せる|せた|える|えた|ける|げる|べる"
    r"|わる|かる|まる|くる|うる|きる|じる|だ|である|だった|だろう|[高長短多少遅早速良悪]い|しい|[ぁ-ん一-龠](?:う|く|ぐ|す|つ|ぬ|ぶ|む|る)))(?<!です)(?<!ます)(?<!でした)(?<!ました)$"
)
# Nouns that end like verbs.
NOUNS = re.compile(
    r"(?:ふつう|とおり|よう|ほう|はず|かどうか|どうか|向こう|約束|近く|多く|早く|こう|つまる|いくつ|ひとつ|一つ|二つ|三つ|もつ|ずつ)$"
)


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Every Japanese text, also one of blanks alone: where it stands, and what it says."""
    return tuple(
        (where, text) for where, text in _texts() if HAS.search(text) or where.startswith(("phrase ", "note "))
    )


def _texts() -> Iterator[tuple[str, str]]:
    yield from ((f"phrase {name}", both[1]) for name, both in PHRASES.items())
    yield from ((f"note {name}", said["ja"]) for name, said in notes.texts().items())
    for measure in measures.measures().values():
        yield f"name {measure.id}", measure.ja
        yield f"means {measure.id}", measure.meaning_ja
    for thing in (*vocabulary.attributes(), *vocabulary.activities(), *vocabulary.columns(), *vocabulary.phases()):
        yield f"name {thing.id}", thing.ja
        yield from ((f"{part} {thing.id}", getattr(thing, f"{part}_ja", "")) for part in ("meaning", "why"))
    yield from ((f"name {word['id']}", word["ja"]) for word in vocabulary.entries("words"))
    for file in ("prepare/template.yaml", "diagnose/rules/rules.yaml"):
        yield from _under_ja(file, yaml.load((PACKAGE / file).read_text("utf-8"), LOADER))
    for file in ("alerts.yaml", "kpis.yaml", "change.yaml"):
        path = PACKAGE.parent / "data_templates" / file
        yield from _under_ja(file, yaml.load(path.read_text("utf-8"), LOADER))
    yield from _errors()
    for kind, file in (("name", "show/page.py"), ("truth", "demo/planted.py"), ("truth", "demo/background.py")):
        tree = ast.walk(ast.parse((PACKAGE / file).read_text("utf-8")))
        yield from (
            (f"{kind} {file}", n.value) for n in tree if isinstance(n, ast.Constant) and isinstance(n.value, str)
        )
    for notebook in sorted((PACKAGE.parent / "notebooks").glob("*.ipynb")):
        for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "markdown" and (said := cell["metadata"].get("ja")):
                yield f"cell {cell['id']}", said


def _under_ja(where: str, found: Any, inside: bool = False) -> Iterator[tuple[str, str]]:
    if isinstance(found, dict):
        for key, value in found.items():
            yield from _under_ja(f"{where} {key}", value, inside or key == "ja")
    elif isinstance(found, list):
        for value in found:
            yield from _under_ja(where, value, inside)
    elif inside and isinstance(found, str):
        yield where, found


def _errors() -> Iterator[tuple[str, str]]:
    for path in sorted((PACKAGE / "words" / "errors").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for call in getattr(node, "decorator_list", ()):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "way":
                    parts = [n.value for n in ast.walk(call) if isinstance(n, ast.Constant)]
                    ends = any(isinstance(n, ast.Name) and n.id == "AGAIN" for n in ast.walk(call))
                    yield f"error {node.name}", "".join(map(str, parts)) + ("してください。" if ends else "")


def _bare(text: str) -> str:
    """Without what is typed; a blank counts as a sign of Japanese, since most are filled with one or a number."""
    return BLANK.sub("〇", CODE.sub("x", text))


def _none(found: list[tuple[str, str]]) -> None:
    """Fail with a line for each text that is found."""
    assert not found, "\n" + "\n".join(f"{where}: {text}" for where, text in found)


def _glossary() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.load((PACKAGE / "words" / "glossary.yaml").read_text("utf-8"), LOADER)["terms"]
    return found


def test_there_are_texts_of_every_kind():
    kinds = {where.split()[0] for where, _ in texts()}
    assert {"phrase", "note", "name", "means", "meaning", "why", "error", "cell"} <= kinds and len(texts()) > 2000


@pytest.mark.parametrize("entry", _glossary(), ids=lambda entry: entry["term"])
def test_one_word_for_one_thing(entry):
    def without(text: str) -> str:
        for right in entry.get("but", ()):
            text = text.replace(right, "")
        return text

    said = [(where, word) for where, text in texts() for word in entry.get("never", ()) if word in without(text)]
    _none(said)


def test_signs_beside_japanese_are_wide():
    narrow = re.compile(f"[{JA}〇」）、。][(:;]|[):;] ?[{JA}〇「（]|[{JA}〇」] [(（]|） [{JA}〇]|\\([^()]*[{JA}〇]")
    _none([(where, _bare(text)) for where, text in texts() if narrow.search(_bare(text))])


def test_percent_follows_its_number_and_ranges_have_one_wave():
    _none([(where, text) for where, text in texts() if re.search(r"[\d}] %|％|〜|\} – \{|[\d}] ～|～ [\d{]", text)])


def _sentences(text: str) -> Iterator[str]:
    """Each sentence, without what stands in brackets, which may be a bare note (待機中も含む), and without headings."""
    for line in re.sub(r"[*`]|（[^（）]*）", "", re.sub(r"（[^（）]*）", "", text)).split("\n"):
        if not line.startswith(("#", "|", "!")):
            yield from (part.strip() for part in line.split("。"))


def test_sentences_are_polite():
    plain = []
    for where, text in texts():
        if where.startswith(COMMANDS) or where.startswith("name "):
            continue
        bare = _bare(text)
        ended = [m.start() for m in re.finditer("。", bare)]
        if not ended and where.split()[0] not in ("note", "error"):
            continue
        for part in _sentences(bare):
            if part and PLAIN.search(part) and not NOUNS.search(part):
                plain.append((where, part[-20:]))
    _none(plain)


def test_titles_and_heads_are_no_sentences():
    heads = [(w, t) for w, t in texts() if re.match(r"phrase \S*\.title|name ", w)]
    heads += [(w, line) for w, t in texts() if w.startswith("cell ") for line in t.split("\n") if line.startswith("#")]
    polite = re.compile(r"(?:です|ます|ません|でした|ました|ください)[。」]?$|。$")
    _none([(w, t) for w, t in heads if polite.search(t) or (PLAIN.search(_bare(t)) and not NOUNS.search(t))])
