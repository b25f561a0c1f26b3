"""What a file is instead of a table, and the way out."""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import AGAIN, L2CError, way
from l2c.words.errors.files import UnreadableFile


class OtherKind(UnreadableFile):
    """A file that holds something else than a table, and is told by what it is."""

    @way("{name} は {kind} のファイルで、表ではありません。元のデータをCSVまたは .xlsx で書き出してください。")
    def page(cls, name: str, kind: str) -> str:
        return f"{name} is a {kind} file, not a table. Export the data it shows as CSV or .xlsx, and read that."

    @way("{name} は {kind} のファイルで、{kind} でしか開けません。{kind} で開き、表をCSVとして書き出してください。")
    def program(cls, name: str, kind: str) -> str:
        return f"{name} is a file of {kind}, which only {kind} opens. Open it there and export its table as CSV."

    @way("{name} は {kind} で包まれたファイルです。先に展開し、中のファイルを読んでください。")
    def packing(cls, name: str, kind: str) -> str:
        return f"{name} is packed as {kind}. Unpack it first, and read what is inside."

    @way("{name} は {kind} 形式のデータで、読めません。Parquet または CSV で保存してください。")
    def data(cls, name: str, kind: str) -> str:
        return f"{name} holds data in the form {kind}, which is not read. Save them as Parquet or CSV."

    @way("{name} は {kind} の表で、無効になった行も残っています。現在の行を Parquet または CSV に書き出してください。")
    def lake(cls, name: str, kind: str) -> str:
        return f"{name} is a table of {kind}, whose files keep old rows too. Write its present rows to Parquet or CSV."

    @way(
        "{name} は表のないWebページ（{kind}、題名「{title}」）です。ログイン画面が保存された可能性があります。"
        "ログインして、" + AGAIN
    )
    def web_page(cls, name: str, title: str, kind: str = "HTML") -> str:
        return (
            f"{name} is a web page without a table ({kind}, its title: {title or 'none'}), most likely a log-in page that "
            "was saved in place of the export. Log in and export again."
        )

    @way("{name} は {kind} ですが、レコードの一覧がありません（あるもの：{found}）。" + AGAIN)
    def no_records(cls, name: str, found: Iterable[str], kind: str = "JSON") -> str:
        return (
            f"{name} is {kind} without a list of records; it holds {', '.join(found) or 'nothing'}. Give the answer of a "
            "query, an array of records, or a record a line; or export as CSV."
        )

    @way("{name} は {kind} ですが、イベントを持つトレースがありません。XESのイベントログを指定してください。")
    def no_events(cls, name: str, kind: str = "XML") -> str:
        return f"{name} is {kind}, but holds no trace with events. Give an event log in XES."

    @way("{name} にあるのはレコードではなく、エラーメッセージ（{kind}）です：{message}。" + AGAIN)
    def failure(cls, name: str, message: str, kind: str = "JSON") -> str:
        return f"{name} holds no records but what a program said when it failed ({kind}): {message}. Export the data again."

    @way("{name} はメール（{kind}）です。添付ファイルを保存して読んでください。")
    def mail(cls, name: str, kind: str) -> str:
        return f"{name} is an e-mail ({kind}), not a table. Save the file attached to it, and read that."

    @way("{name} は {kind} へのリンクです。表を開き、CSVまたは .xlsx でダウンロードしてください。")
    def link(cls, name: str, kind: str) -> str:
        return f"{name} is only a link to {kind}. Open it there, download the table as CSV or .xlsx, and read that."

    @way("{name} はzipファイルですが、表もExcelブックもありません（あるもの：{found}）。" + AGAIN)
    def no_tables(cls, name: str, found: Iterable[str], kind: str = "zip") -> str:
        return (
            f"{name} is a {kind} file without a table or an Excel workbook in it; it holds {', '.join(found) or 'nothing'}. "
            "Export the data again, as CSV or .xlsx."
        )

    @way("{name} は {kind} ですが、表がありません。" + AGAIN)
    def no_rows(cls, name: str, kind: str) -> str:
        return f"{name} is a {kind} file without a table that has rows. Export the data again."


class ObjectTypes(L2CError):
    """An object-centric log of which it is not known what a case is."""

    @way(
        "{name} はオブジェクト中心のログ（OCEL）です。どのオブジェクトが商談に当たるかを指定してください：{types}。"
        '例：--map "case_id={first}"'
    )
    def which(cls, name: str, types: Iterable[str], first: str) -> str:
        return (
            f"{name} is an object-centric log (OCEL), and events belong to several kinds of objects: {', '.join(types)}. Say "
            f'which of them a deal is, such as --map "case_id={first}".'
        )
