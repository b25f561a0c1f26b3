"""Why a log cannot be saved, opened or held."""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import L2CError, way


class UnreadableLog(L2CError):
    """A folder that is not a saved log."""

    @way(
        "{folder} は保存されたログではありません（{missing} がありません）。`l2c read ファイル -o {folder}` で作成してください。"
    )
    def incomplete(cls, folder: object, missing: Iterable[str]) -> str:
        return (
            f"{folder} is not a saved log: {', '.join(missing)} is missing. "
            f"Make one with `l2c read YOUR_FILE -o {folder}`."
        )

    @way("{folder} には書けません。ログはフォルダーですが、{path} はファイルです。別の名前を指定してください。")
    def a_file(cls, folder: object, path: object) -> str:
        return f"{folder} cannot be written: a log is a folder, and {path} is a file. Choose another name."

    @way(
        "{folder} を開けません（{name}：{fault}）。保存後に壊れたか変更されています。"
        "コピーから戻すか、`l2c read` で作り直してください。"
    )
    def damaged(cls, folder: object, name: str, fault: str) -> str:
        return (
            f"{folder} cannot be opened: its file {name} {fault}. The log was damaged or changed after it was saved. "
            f"Restore it from a copy, or make it again with `l2c read YOUR_FILE -o {folder}`."
        )

    @way("{file} を依頼の記録として読めません。直すか、別の場所に移してください。")
    def tasks(cls, file: object) -> str:
        return f"{file} cannot be understood as a record of what was asked. Mend it, or move it away."

    @way("{folder} には前回の実行条件がありません。`l2c read ファイル -o {folder}` で読み込むと保存されます。")
    def no_last_run(cls, folder: object) -> str:
        return f"Nothing is known of how {folder} was read. Read it once with `l2c read YOUR_FILE -o {folder}`, which keeps the options."

    @way("{file} を前回の実行条件として読めません。直すか、削除して `l2c read` からやり直してください。")
    def bad_last_run(cls, file: object) -> str:
        return (
            f"{file} cannot be read as the options of the last runs. Mend it, or remove it and begin with `l2c read`."
        )

    @way(
        "{source} には {folder} の商談のうち{share}しか含まれていないため、続きのデータとは認めません。"
        "別のログであれば `l2c read` で別のフォルダーに保存してください。"
    )
    def no_later_state(cls, source: object, folder: object, share: str) -> str:
        return (
            f"{source} holds only {share} of the cases of {folder}, so it is no later state of that log. If it is another log, "
            "read it into a folder of its own with `l2c read`."
        )

    @way(
        "{folder} には別のログが保存されているため、その実行履歴には何も書き足しません。このログを保存したフォルダーを指定してください。"
    )
    def other_history(cls, folder: object) -> str:
        return f"{folder} holds another log, and nothing is added to its history. Give the folder in which this log is saved."

    @way("{folder} は新しい版のl2cで保存されています（schema {schema}）。l2cを更新するか、作り直してください。")
    def newer(cls, folder: object, schema: object) -> str:
        return f"{folder} was saved by a later version of l2c (schema {schema!r}). Update l2c, or make it again."

    @way("{folder} はほかのプログラムが繰り返し書き換えています。終わるまでお待ちください。")
    def restless(cls, folder: object) -> str:
        return f"{folder} is being replaced by another program again and again. Wait until it has ended."

    @way("{folder} はログの保存先として使えません（{why}）。名前と権限を確認してください。")
    def refused(cls, folder: object, why: str) -> str:
        return f"{folder} is no place for a log that this program can use ({why}). Check its name and your rights."

    @way(
        "{folder} にはほかのファイルがあるため、そのままにします。"
        "新しいフォルダー、空のフォルダー、または保存されたログを指定してください。"
    )
    def occupied(cls, folder: object) -> str:
        return f"{folder} holds other files and is left alone. Name a new or empty folder, or a saved log."

    @way(
        "{log} がなく、{folder} は使用中のため、デモ会社は作りません。"
        "log_path にログを、または out_dir に空のフォルダーを指定してください。"
    )
    def no_demo(cls, log: object, folder: object) -> str:
        return (
            f"{log} does not exist, and {folder} is in use, so that no demo company is written there. "
            "Name your log in log_path, or an empty folder in out_dir."
        )

    @way("{folder} は別のデータのログなので、そのままにします。別のフォルダーを指定してください。")
    def another(cls, folder: object) -> str:
        return f"{folder} is the log of other data and is left alone. Choose another folder for this one."

    @way(
        "{folder} には別のデータのレポートがあるため、そのままにします。-o で別のフォルダーを指定するか、先に削除してください。"
    )
    def other_report(cls, folder: object) -> str:
        return (
            f"{folder} holds the report of other data and is left alone. "
            "Choose another folder with -o, or remove that one first."
        )

    @way(
        "{folder} にはレポートが書いたものでない {names} があるため、そのままにします。-o で別のフォルダーを指定してください。"
    )
    def no_report(cls, folder: object, names: Iterable[str]) -> str:
        return f"{folder} holds {', '.join(names)}, which no report wrote, and is left alone. Choose another folder with -o."


class EngineTrouble(L2CError):
    """An engine that cannot do what was asked, for want of memory, disk or machines."""

    @way(
        "メモリが足りません（{why}）。対象を絞る、ほかのプログラムを終了する、L2C_MEMORY=8GB のように増やす、のいずれかを行ってください。"
        "より大きなログはSparkで処理できます。何も変更していません。"
    )
    def memory(cls, why: str) -> str:
        return (
            f"Memory does not suffice ({why.splitlines()[0]}). Filter the log, close other programs, or set "
            "L2C_MEMORY higher, such as L2C_MEMORY=8GB; larger logs run on Spark. Nothing was changed."
        )

    @way("ディスクの空きがありません（{folder}）。空きを作るか別のフォルダーを指定してください。何も変更していません。")
    def disk(cls, folder: object = None) -> str:
        place = f" at {folder}" if folder else ""
        return f"The disk{place} is full. Free some space or choose another folder. Nothing was changed."

    @way("Sparkで処理できませんでした：{why}")
    def spark(cls, why: str) -> str:
        return f"Spark could not do it: {why.strip().splitlines()[0][:300].rstrip('.')}."

    @way(
        "ファイルを読めませんでした（{why}）。変更・移動・破損のいずれかです。ログを開き直すか、元データを読み直してください。"
    )
    def reading(cls, why: str) -> str:
        return (
            f"A file could not be read ({why.strip().splitlines()[0][:300].rstrip('.')}). It was changed, moved or damaged. "
            "Open the log again, or read its source again."
        )

    @way("L2C_MEMORY={text} はメモリ量ではありません。4GB のように書いてください。")
    def no_size(cls, text: str) -> str:
        return f"L2C_MEMORY={text!r} is not an amount of memory. Write it like 4GB."
