"""What is wrong with a file of alerts?"""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import closest, way
from l2c.words.errors.entries import BadEntry


class BadAlerts(BadEntry):
    """A file of alerts that cannot be read, or an alert that makes no sense for the log."""

    @way("{path} をアラートファイルとして読めません：{error}。例は docs/monitor.md にあります。")
    def unreadable(cls, path: object, error: object) -> str:
        return f"{path} cannot be read as a file of alerts: {str(error).splitlines()[0]}. docs/monitor.md shows one."

    @way("アラートの一覧がありません。'alerts:' で始め、アラートごとに '- id: …' と書いてください。")
    def shape(cls) -> str:
        return "There is no list of alerts. A file starts with 'alerts:' and has one '- id: …' per alert."

    @way("id が {id} のアラートが2つあります。別々の id にしてください。")
    def twice(cls, id: str) -> str:
        return f"Two alerts have the id {id}. Give each its own."

    @way("{place} では割合から基準を学習できません。学習できるのは日数（{known}）だけです。数値で書いてください。")
    def not_learnt(cls, place: str, known: Iterable[str]) -> str:
        return f"In {place}, a limit cannot be learnt: only days are ({', '.join(known)}). Write a number."

    @way("{place} の by に人（{attribute}）は指定できません。基準を人ごとに学習することはありません。")
    def people(cls, place: str, attribute: str) -> str:
        return f"In {place}, limits cannot be learnt by {attribute}: people are not held against limits of their own."

    @way("{place} の by の「{value}」はこのログの項目ではありません。近いもの：{closest}。")
    def group(cls, place: str, value: str, known: Iterable[str]) -> str:
        return f"In {place}, the log has no attribute {value!r} to learn limits by. Closest: {closest(value, known)}."

    @way("{place} の target がありません。register.yaml に {kpi} の目標を書くか、数値を指定してください。")
    def no_target(cls, place: str, kpi: str) -> str:
        return f"In {place}, no target is set for {kpi}. Write one into register.yaml (docs/register.md), or a number."

    @way("{place} の {line}行{at}文字目：「{value}」は {watch} の列ではありません。近いもの：{closest}。")
    def name(cls, place: str, line: int, at: int, value: str, watch: str, known: Iterable[str]) -> str:
        return f"In {place}, line {line}, column {at}: {value!r} is no column of {watch}. Closest: {closest(value, known)}."

    @way(
        "{place} の {line}行{at}文字目を解釈できません：「{text}」。"
        "amount > 100_000 and stage in ['Proposal', 'Negotiation'] のように、列と値を比べる形で書いてください。"
    )
    def condition(cls, place: str, line: int, at: int, text: str) -> str:
        return (
            f"In {place}, line {line}, column {at}: {text[:60]!r} cannot be understood. Compare columns with values, such as "
            "amount > 100_000 and stage in ['Proposal', 'Negotiation']."
        )

    @way("{place} の {line}行{at}文字目：{name} と {text} は比べられません。{example} のような値と比べてください。")
    def unlike(cls, place: str, line: int, at: int, name: str, text: str, example: str) -> str:
        return (
            f"In {place}, line {line}, column {at}: {name} cannot be compared with {text[:60]}. Compare it with something like "
            f"{example}."
        )

    @way("{place} の {line}行{at}文字目：「{value}」という {name} はこのログにありません。近いもの：{closest}。")
    def value(cls, place: str, line: int, at: int, value: str, name: str, known: Iterable[str]) -> str:
        return f"In {place}, line {line}, column {at}: no {name} is called {value!r}. Closest: {closest(value, known)}."
