"""What is wrong with the rules, key figures and models that a log is held against."""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import L2CError, closest, way


class BadRules(L2CError):
    """A file of rules that cannot be read, or a rule that makes no sense."""

    @way("{path} をルールファイルとして読めません：{error}。例は docs/rules.md にあります。")
    def unreadable(cls, path: object, error: object) -> str:
        return f"{path} cannot be read as a file of rules: {str(error).splitlines()[0]}. docs/rules.md shows one."

    @way("{path} にルールの一覧がありません。'rules:' で始め、ルールごとに '- id: …' と書いてください。")
    def shape(cls, path: object) -> str:
        return f"{path} holds no list of rules. It starts with 'rules:' and has one '- id: …' per rule."

    @way("ルールには id と require が必要です：{what}")
    def incomplete(cls, what: object) -> str:
        return f"A rule needs an id and a require, but this one is {str(what)[:120]!r}."

    @way("id が {rule} のルールが2つあります。別々の id にしてください。")
    def twice(cls, rule: str) -> str:
        return f"Two rules have the id {rule}. Give each its own."

    @way("ルール {rule}：{word} はここでは使えません。使えるもの：{known}。")
    def key(cls, rule: str, word: str, known: Iterable[str]) -> str:
        return f"Rule {rule}: {word!r} means nothing here. Known: {', '.join(known)}."

    @way("ルール {rule} の {word} は次のどれでもありません：{known}。")
    def verb(cls, rule: str, word: str, known: Iterable[str]) -> str:
        return f"Rule {rule} requires {word!r}, which is none of: {', '.join(known)}."

    @way("ルール {rule}：{word} の書き方が違います。{word}: {example} のように書いてください。")
    def argument(cls, rule: str, word: str, example: str) -> str:
        return f"Rule {rule}: {word!r} is not filled in as it should be. Write it like {word}: {example}."

    @way(
        "ルール {rule}：条件 {text} を解釈できません。"
        "discount > 0.2 and region in ['EMEA', 'APAC'] のように、項目と値を比べる形で書いてください。"
    )
    def condition(cls, rule: str, text: str) -> str:
        return (
            f"Rule {rule}: the condition {text[:120]!r} cannot be understood. Compare attributes with values, such as "
            "discount > 0.2 and region in ['EMEA', 'APAC']."
        )


class BadModel(L2CError):
    """A file that is no process model."""

    @way("{path} をタスク名のあるBPMN 2.0モデルとして読めません。BPMN 2.0 XMLでエクスポートしてください。")
    def unreadable(cls, path: object) -> str:
        return f"{path} cannot be read as a BPMN 2.0 model with named tasks. Export it as BPMN 2.0 XML."

    @way("モデルの分岐と合流が対応していないため、編集できません。分岐ごとに同じ種類の合流を置いてください。")
    def tangled(cls) -> str:
        return (
            "The ways of the model part and meet in no order, so it cannot be edited step by step. Let the ways behind each gateway "
            "meet again at one of the same kind."
        )


class NoModel(L2CError):
    """A process model that cannot be made or saved as asked."""

    @way("モデルを作る商談がありません。条件を緩めてください。")
    def no_case(cls) -> str:
        return "There is no case to make a model of. Loosen the filters."

    @way("noise={value} は0（すべての流れを残す）から1までの割合ではありません。")
    def noise(cls, value: object) -> str:
        return f"noise={value!r} is not a share from 0 (keep every path) to 1."

    @way("モデルは .bpmn ファイルとして保存します。{name} は別の名前です。")
    def format(cls, name: str) -> str:
        return f"A model is saved as a .bpmn file, and {name} is not named so."


class BadKpis(L2CError):
    """A file of key figures that cannot be read, or a key figure that makes no sense."""

    @way("{path} を指標ファイルとして読めません：{error}。例は docs/own-kpis.md にあります。")
    def unreadable(cls, path: object, error: object) -> str:
        return (
            f"{path} cannot be read as a file of key figures: {str(error).splitlines()[0]}. docs/own-kpis.md shows one."
        )

    @way("{path} に指標の一覧がありません。'kpis:' で始め、指標ごとに '- id: …' と書いてください。")
    def shape(cls, path: object) -> str:
        return f"{path} holds no list of key figures. It starts with 'kpis:' and has one '- id: …' per key figure."

    @way("指標には id が必要です：{what}")
    def no_id(cls, what: object) -> str:
        return f"A key figure needs an id, but this one is {str(what)[:120]!r}."

    @way("id が {id} の指標が2つあります。別々の id にしてください。")
    def twice(cls, id: str) -> str:
        return f"Two key figures have the id {id}. Give each its own."

    @way("指標 {id}：{value} はここでは使えません。近いもの：{closest}。")
    def key(cls, id: str, value: str, known: Iterable[str]) -> str:
        return f"Key figure {id}: {value!r} means nothing here. Closest: {closest(value, known)}."

    @way(
        "指標 {id} はl2cの標準の指標です。付けられるのは target だけで、{word} は変えられません。別の id にしてください。"
    )
    def known(cls, id: str, word: str) -> str:
        return f"Key figure {id} is one of the kit's: it can be given a target, but not another {word!r}. Choose another id."

    @way("id の {id} は、ログまたはl2cで別のものの名前です。別の id にしてください。")
    def taken(cls, id: str) -> str:
        return f"The id {id} is the name of something else, in this log or in the kit. Choose another id."

    @way("指標 {id} に {word} がありません。例：{word}: {example}。")
    def lacks(cls, id: str, word: str, example: str) -> str:
        return f"Key figure {id} has no {word!r}. Write one, such as {word}: {example}."

    @way("指標 {id}：{word} の書き方が違います。{word}: {example} のように書いてください。")
    def argument(cls, id: str, word: str, example: str) -> str:
        return f"Key figure {id}: {word!r} is not filled in as it should be. Write it like {word}: {example}."

    @way("指標 {id}：{word}：{value} は次のどれでもありません：{known}。")
    def value(cls, id: str, word: str, value: str, known: Iterable[str]) -> str:
        return f"Key figure {id}: {word}: {value!r} is none of: {', '.join(known)}."

    @way("指標 {id}：{problem}")
    def names(cls, id: str, problem: object) -> str:
        return f"Key figure {id}: {problem}"
