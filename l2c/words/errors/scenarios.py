"""What is wrong with a file of changes, or with the register of what was decided."""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import L2CError, closest, way
from l2c.words.errors.entries import BadEntry


class BadScenario(L2CError):
    """A file of changes that cannot be read, or a change that makes no sense for the log."""

    @way("{path} を変更ファイルとして読めません：{error}。例は docs/improve.md にあります。")
    def unreadable(cls, path: object, error: object) -> str:
        return f"{path} cannot be read as a file of changes: {str(error).splitlines()[0]}. docs/improve.md shows one."

    @way("変更の一覧がありません。'changes:' で始め、変更ごとに '- skip: …' のように書いてください。")
    def shape(cls) -> str:
        return "There is no list of changes. A file starts with 'changes:' and has one line such as '- skip: …' per change."

    @way("「{value}」は変更ファイルの項目ではありません。近いもの：{closest}。")
    def top(cls, value: str, known: Iterable[str]) -> str:
        return f"{value!r} means nothing in a file of changes. Closest: {closest(value, known)}."

    @way("{word} の書き方が違います。{word}: {example} のように書いてください。")
    def form(cls, word: str, example: str) -> str:
        return f"{word!r} is not filled in as it should be. Write it like {word}: {example}."

    @way("変更{number}の「{value}」は変更の種類ではありません。近いもの：{closest}。")
    def kind(cls, number: int, value: str, known: Iterable[str]) -> str:
        return f"Change {number} says {value!r}, which is no kind of change. Closest: {closest(value, known)}."

    @way("変更{number}には {one} と {other} の2つがあります。変更は1つずつ、'- ' で始まる行に分けて書いてください。")
    def two(cls, number: int, one: str, other: str) -> str:
        return f"Change {number} is two, {one!r} and {other!r}. Write each of them behind a '- ' of its own."

    @way("変更{number}（{head}）：「{value}」はここでは使えません。近いもの：{closest}。")
    def key(cls, number: int, head: str, value: str, known: Iterable[str]) -> str:
        return f"Change {number} ({head}): {value!r} means nothing here. Closest: {closest(value, known)}."

    @way(
        "変更{number}（{head}）に {word} がありません。ログからは分からないため、{word}: {example} のように書いてください。"
    )
    def lacks(cls, number: int, head: str, word: str, example: str) -> str:
        return f"Change {number} ({head}) has no {word!r}, which no log can know. Write it, such as {word}: {example}."

    @way("変更{number}（{head}）：{word} の書き方が違います。{word}: {example} のように書いてください。")
    def argument(cls, number: int, head: str, word: str, example: str) -> str:
        return f"Change {number} ({head}): {word!r} is not filled in as it should be. Write it like {word}: {example}."

    @way("変更{number}（{head}）：「{name}」はすでにあります。場所を変えるときは move を使ってください。")
    def there(cls, number: int, head: str, name: str) -> str:
        return f"Change {number} ({head}): there is a {name} already. To do it elsewhere, write move: {name}."

    @way("変更{number}（{head}）：{problem}")
    def names(cls, number: int, head: str, problem: object) -> str:
        return f"Change {number} ({head}): {problem}"

    @way(
        "変更{number}（{head}）：where の「{value}」は、始まった時点で分かる商談の項目ではありません。近いもの：{closest}。"
    )
    def where(cls, number: int, head: str, value: str, known: Iterable[str]) -> str:
        return (
            f"Change {number} ({head}): 'where' chooses cases by what is known of them from the start, and {value!r} is no "
            f"such attribute. Closest: {closest(value, known)}."
        )

    @way(
        "変更{number}（{head}）：このログでは、「{name}」の作業は順番待ちにならず、まとめて処理もされません。step と share で書いてください。"
    )
    def no_desk(cls, number: int, head: str, name: str) -> str:
        return (
            f"Change {number} ({head}): in this log no work queues up for {name!r} and none is done in batches, so nobody can "
            "tell what this would change. Say by how much the step gets shorter, with step and share."
        )

    @way("変更{number}（{head}）：担当者「{value}」は「{name}」にいません。近いもの：{closest}。")
    def no_server(cls, number: int, head: str, name: str, value: str, known: Iterable[str]) -> str:
        return f"Change {number} ({head}): nobody called {value!r} does {name!r}. Closest: {closest(value, known)}."

    @way(
        "変更{number}（{head}）：{attribute} ごとに担当が分かれています。where: {{{attribute}: …}} で対象を書いてください：{known}。"
    )
    def whom(cls, number: int, head: str, attribute: str, known: Iterable[str]) -> str:
        return (
            f"Change {number} ({head}): different people serve each {attribute} there. Say whom this is about, with where: "
            f"{{{attribute}: …}}, one of: {', '.join(known)}."
        )

    @way(
        "変更{number}（{head}）：このログでは、{name} が {limit} の前後で進み方が変わらないため、変える基準がありません。"
    )
    def no_limit(cls, number: int, head: str, name: str, limit: float | None) -> str:
        return (
            f"Change {number} ({head}): in this log cases do not go another way there by their {name}, at {limit:g} or near it, "
            "so there is no such limit to move."
        )

    @way("変更{number}（{head}）：このログには入金または支払条件の日数がないため、変更の効果は計算できません。")
    def no_terms(cls, number: int, head: str) -> str:
        return (
            f"Change {number} ({head}): this log tells no payments, or not after how many days they are due "
            "(payment_terms_days), so nobody can tell what this would change."
        )

    @way("「{name}」は、変更の効果を判定する指標にできません。使えるもの：{known}。")
    def kpi(cls, name: str, known: Iterable[str]) -> str:
        return f"{name!r} is no key figure by which a simulated change can be told. Choose one of: {', '.join(known)}."

    @way("{word}={value} は指定できません。{word}={example} のように指定してください。")
    def option(cls, word: str, value: object, example: str) -> str:
        return f"{word}={value!r} is not possible. Write it like {word}={example}."


class NotTrusted(L2CError):
    """A simulation that would not be worth its numbers."""

    @way(
        "このログでは変更の効果をシミュレーションできません。過去の一部から学んだモデルがその後の実績を再現できないためです：{why}。"
    )
    def because(cls, why: object) -> str:
        return (
            "What a change would bring cannot be simulated for this log: learnt on its first part, the model does not tell what "
            f"came after ({why})."
        )


class BadRegister(BadEntry):
    """A register of decisions that cannot be read, or an entry that makes no sense."""

    @way("{path} を決定の記録として読めません：{error}。例は docs/register.md にあります。")
    def unreadable(cls, path: object, error: object) -> str:
        return f"{path} cannot be read as a register: {str(error).splitlines()[0]}. docs/register.md shows one."

    @way("{place} に id が {id} のものが2つあります。別々の id にしてください。")
    def twice(cls, place: str, id: str) -> str:
        return f"In {place}, two have the id {id}. Give each its own."

    @way(
        "{path} は書き換えませんでした。手で書かれた部分に触れずに追記できない書き方のためです。decisions などを1行目から始まる項目にしてください。"
    )
    def layout(cls, path: object) -> str:
        return (
            f"{path} was left as it is: it is laid out so that nothing can be added without touching what was written by hand. "
            "Begin its parts, such as decisions, in lines of their own."
        )
