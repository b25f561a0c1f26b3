"""How a mapping is written, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import L2CError, way


class BadMapping(L2CError):
    """A mapping that cannot be understood."""

    @way("--map {text} はファイルでも「項目=列名, 項目=列名」の形でもありません。")
    def short(cls, text: str) -> str:
        return f"--map {text!r} is neither a file nor of the form attribute=column, attribute=column."

    @way(
        "マッピングファイル {path} がありません。名前を確認するか、「case_id=Deal No, time=When」の形で指定してください。"
    )
    def missing(cls, path: str) -> str:
        return f'There is no mapping file {path}. Check the spelling, or say it shortly: "case_id=Deal No, time=When".'

    @way("{kind} はマッピングではありません。YAMLファイル、その内容、または「case_id=Deal No」の形で指定してください。")
    def no_mapping(cls, kind: str) -> str:
        return f"A {kind} is no mapping. Give a YAML file, its content, or text such as 'case_id=Deal No'."

    @way("マッピング {path} はファイルではありません。YAMLファイルそのものを指定してください。")
    def no_file(cls, path: str) -> str:
        return f"The mapping {path} is no file. Name the YAML file itself."

    @way("マッピング {where} に項目がありません。`columns: {{case_id: Deal No}}` のように書いてください。")
    def no_sections(cls, where: str) -> str:
        return f"The mapping {where} holds no sections. It says, for example, `columns: {{case_id: Deal No}}`."

    @way("マッピング {where} をYAMLとして読めません：{error}")
    def unreadable(cls, where: str, error: object) -> str:
        why = " ".join(str(error).split())
        return f"The mapping {where} cannot be read as YAML: {why[:160]}."

    @way("マッピング {where} の {name} は {value} ですが、別の形（{wanted}）で書いてください。")
    def form(cls, where: str, name: str, value: object, wanted: str) -> str:
        has = "nothing" if value is None or value == "" else repr(value)[:80]
        return f"The mapping {where}: {name} holds {has}, and should be {wanted}."

    @way("マッピング {where} の {name} に {missing} がありません。追加してください。")
    def lacks(cls, where: str, name: str, missing: Iterable[str]) -> str:
        return f"The mapping {where}: {name} lacks {', '.join(missing)}."

    @way(
        "マッピング {where} はどのオブジェクトからもアクティビティを作りません。salesforce.yaml の写しから始めてください。"
    )
    def no_activities(cls, where: str) -> str:
        return f"The mapping {where} makes no activity of any object. Begin with a copy of salesforce.yaml, which `l2c template` writes."

    @way("マッピング {where} の列名 {name} はログが自分で作る列の名前です。別の名前にしてください。")
    def reserved(cls, where: str, name: str) -> str:
        return f"The mapping {where}: a log makes its column {name} itself. Give yours another name."

    @way(
        "マッピング {where} は列の意味を示すものですが、データは組織のオブジェクトです。"
        "salesforce.yaml と同じ形のものを指定するか、外してください。"
    )
    def of_columns(cls, where: str) -> str:
        return (
            f"The mapping {where} says what columns mean, but the source holds the objects of an org. Give one like "
            "salesforce.yaml, which `l2c template` writes, or none."
        )

    @way(
        "マッピング {where} は組織のオブジェクト用ですが、データは表です。"
        "列の意味を「case_id=Deal No, time=When」のように指定してください。"
    )
    def of_objects(cls, where: str) -> str:
        return (
            f"The mapping {where} says how the objects of an org become events, but the source is a table. Say what its "
            'columns mean, such as "case_id=Deal No, time=When".'
        )

    @way(
        "マッピング {where} はオブジェクト {name} から「{activity}」を作りますが、objects に {name} がありません。"
        "商談への到達経路とともに追加してください：`{name}: {{reach: [OpportunityId]}}`"
    )
    def no_object(cls, where: str, activity: str, name: str) -> str:
        return (
            f"The mapping {where} makes {activity} of the object {name}, which has no entry under `objects`. "
            f"Add it there, with the way it reaches its opportunity: `{name}: {{reach: [OpportunityId]}}`."
        )

    @way("マッピング {where} のアクティビティを解釈できません：{entry}。activity、object、time が必要です。")
    def rule(cls, where: str, entry: object) -> str:
        return (
            f"The mapping {where} holds an activity that is not understood: {str(entry)[:160]}. It needs `activity`, "
            "`object` and `time`; `when` takes values, lists of them, filled, empty or {not: [...]}."
        )

    @way(
        "マッピング {where} はアクティビティの列（{header}）と商談の日付（{dates}）の両方を示しています。"
        "1行が1イベントなら日付を、1行が1商談なら activity を外してください。"
    )
    def two_shapes(cls, where: str, header: str, dates: list[str]) -> str:
        return (
            f"The mapping {where} names a column of activities ({header}) and dates of deals ({', '.join(dates)}). If each row "
            "is an event, leave the dates out; if each row is a deal, leave `activity` out."
        )

    @way("マッピング {where} の {unknown} は解釈できません。使えるもの：{known}。")
    def unknown(cls, where: str, unknown: Iterable[str], known: Iterable[str]) -> str:
        return (
            f"The mapping {where} says {', '.join(unknown)}, which is not understood. "
            f"It may hold: {', '.join(sorted(known))}."
        )
