"""What a file or a frame holds, and why it cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from l2c.words.errors.base import AGAIN, L2CError, listed, way


class UnreadableFile(L2CError):
    """A file that holds no table, or holds it in a way that cannot be read."""

    @way("{name} は空です。" + AGAIN)
    def empty(cls, name: str) -> str:
        return f"{name} is empty. Export the data again."

    @way("{name} はファイルではありません。ファイル、ファイルの入ったフォルダー、またはパイプを指定してください。")
    def not_a_file(cls, name: str, instead: str) -> str:
        return f"{name} is {instead}, not a file. Give a file, a folder of files, or a pipe."

    @way("{name} は {target} へのリンクですが、リンク先がありません。ファイルそのものを指定してください。")
    def broken_link(cls, name: str, target: str) -> str:
        return f"{name} is a link to {target}, which is not there. Give the file itself, or mend the link."

    @way("{name} には{seconds}秒間何も書き込まれませんでした。先に書き込むプログラムを開始してください。")
    def silent(cls, name: str, seconds: float) -> str:
        return f"Nothing was written into {name} within {seconds:.0f} seconds. Start what writes into it first."

    @way("{name} は4 GBを超え、終わりがない可能性があります。ファイルに保存してから読んでください。")
    def endless(cls, name: str) -> str:
        return f"{name} gives more than 4 GB, and may never end. Write it to a file, and read that."

    @way("{name} を読めません：{why}。手元のディスクにコピーして読んでください。")
    def failed(cls, name: str, why: str) -> str:
        return f"{name} cannot be read: {why}. Copy it to a local disk and read the copy."

    @way("{name} はパスワードで保護されています。保護なしで保存してください。")
    def locked(cls, name: str) -> str:
        return f"{name} is protected by a password. Save it without one."

    @way("{name} を開けません。読む権限がないか、ほかのプログラムが使用中です。")
    def forbidden(cls, name: str) -> str:
        return f"{name} may not be opened: you lack the right to read it, or another program holds it."

    @way("{name} は {kind} ファイルのようですが、壊れているか途中までです。" + AGAIN)
    def damaged(cls, name: str, kind: str) -> str:
        return f"{name} begins like a file of the kind {kind}, but is damaged or incomplete. Export or copy it again."

    @way("{name} は表でもイベントログでもありません。CSV、Excel(.xlsx)、Parquet、XESを指定してください。")
    def not_text(cls, name: str) -> str:
        return f"{name} is neither a table nor an event log. Give a CSV, Excel (.xlsx), Parquet or XES file."

    @way("{name} を行と列に分けられません（{why}）。CSVとして" + AGAIN)
    def not_a_table(cls, name: str, why: str) -> str:
        return f"{name} cannot be laid out in rows and columns ({why}). Export it as CSV again."

    @way("{name} には数メガバイトの行があり、行の表ではありません。CSVとして" + AGAIN)
    def endless_line(cls, name: str) -> str:
        return f"{name} has a line of several megabytes, so it is no table of rows. Export it as CSV again."

    @way(
        "{name} の{opens}行目で開いた引用符は{closes}行目で閉じていますが、その間の行も表の行に見えます（{begin}…）。"
        "改行を含む1行か、引用符の閉じ忘れかを判断できません。{opens}行目の引用符を閉じるか消して、もう一度読んでください。"
    )
    def quotes(cls, name: str, opens: int, closes: int, begin: Sequence[str]) -> str:
        return (
            f"{name}: the quote that opens in line {opens:,} is closed in line {closes:,}, and the lines between look like rows "
            f"themselves. Either this is one row with a text of {closes - opens + 1:,} lines, or these are {closes - opens + 1:,} rows "
            f"({', '.join(begin)} …) and a quote too many. Close the quote in line {opens:,}, or take it out, and read the file again."
        )

    @way(
        "{name} の表示されているシートには読める表がありません。非表示のシート：{sheets}。数えるシートを再表示して保存してください。"
    )
    def hidden(cls, name: str, sheets: list[str]) -> str:
        return f"No visible sheet of {name} can be read; hidden are {listed(sheets)}. Unhide those that count, and save it."

    @way(
        "{name} はマトリックスレポート、サマリーレポートまたはピボットテーブルの集計値（{headers}）で、商談そのものではありません。"
        "レポートを「詳細のみ」でエクスポートするか、集計元の表を指定してください。"
    )
    def totals(cls, name: str, headers: list[str]) -> str:
        return (
            f"{name} holds the totals of a matrix or summary report, or of a pivot table ({listed(headers, 4)}), and not "
            'the deals. Export the report with "Details Only", or give the table that the totals are made of.'
        )

    @way("{name} は圧縮されたファイルです。先に展開してください。")
    def packed(cls, name: str, kind: str) -> str:
        return f"{name} holds a file of the kind {kind}, packed once more. Unpack it first."

    @way("{name} はzipファイルですが、Excelブック（.xlsx）ではありません。.xlsx で保存し直してください。")
    def not_a_workbook(cls, name: str) -> str:
        return (
            f"{name} is a zip file without an Excel workbook (.xlsx) in it. Save the workbook as .xlsx, and read that."
        )

    @way("{name} は展開するとサイズに見合わない大きさになるため、読みませんでした。ご自身で展開してください。")
    def too_large(cls, name: str) -> str:
        return f"{name} unpacks to far more than its size can hold honestly, and was not read. Unpack it yourself."

    @way("{name} の宣言は実際の内容と合わないため、読みませんでした。保存し直すか、CSVとしてエクスポートしてください。")
    def declares(cls, name: str, things: str) -> str:
        return f"{name} declares more {things} than it holds, and was not read. Save it again, or export it as CSV."

    @way("{name} には100万文字を超えるセルがあるため、読みませんでした。短くするか、除いてください。")
    def endless_cell(cls, name: str) -> str:
        return f"{name} has a cell of more than a million signs, and was not read. Shorten it, or leave it out."

    @way("{name} には{width}列ありますが、読めるのは{most}列までです。必要な列だけをエクスポートしてください。")
    def too_wide(cls, name: str, width: int, most: int) -> str:
        return f"{name} has {width:,} columns, and no more than {most:,} are read. Export only those that are needed."

    @way(
        "{name} は{rows}行{columns}列に及びますが、値があるのは{held}個だけです。"
        "表から離れた値を消すか、必要な列だけをエクスポートしてください。"
    )
    def sparse(cls, name: str, rows: int, columns: int, held: int) -> str:
        return (
            f"{name} reaches over {rows:,} rows and {columns:,} columns, but fills only {held:,} of their cells. Delete "
            "what stands far from the table, or export only the columns that are needed."
        )

    @way("{name} は1 GBを超えるJSONのため、読みませんでした。CSVまたはParquetとして書き出してください。")
    def too_much_json(cls, name: str) -> str:
        return f"{name} holds more than 1 GB of JSON, and was not read. Export it as CSV or Parquet."

    @way("{name} はXMLの実体を宣言しています。攻撃に使われうるため、読みませんでした。")
    def entities(cls, name: str) -> str:
        return f"{name} declares XML entities, which can be used to attack a reader, and was not read."


class UnreadableColumn(L2CError):
    """A column of a data frame whose cells are no text, number or time."""

    @way("{where}：{row}行目の値（{kind}）は文字列として読めません。列を文字・数値・日時に変えるか、除いてください。")
    def cell(cls, where: str, row: int, kind: str) -> str:
        return (
            f"{where}: row {row:,} holds a {kind}, which cannot be read as text. Turn the column into text, numbers or "
            "times first, or leave it out."
        )

    @way(
        "{where}：数式{count}個（{row}行目など）に値がありません。プログラムが書き出した数式で、未計算です。Excelで開いて保存してから読んでください。"
    )
    def uncalculated(cls, where: str, count: int, row: int) -> str:
        return (
            f"{where}: {count:,} formulas hold no value, the first in row {row:,}: a program wrote them, and nothing has "
            "calculated them yet. Open the workbook in Excel, save it, and read it again."
        )


class NothingToRead(L2CError):
    """A source without a usable event."""

    @way("{names} には見出しの下に行がありません。レコードを含めて" + AGAIN)
    def no_rows(cls, names: Iterable[str]) -> str:
        return f"{', '.join(names)} holds no rows below its header. Export the data again and include the records."

    @way(
        "{where}：日時として読めませんでした（例：{values}）。{rows}行はどれも使えません。"
        '--date-format "%d.%m.%Y %H:%M" のように形式を指定するか、日時の列を --map "time=列名" で指定してください。'
    )
    def no_dates(cls, where: str, values: list[str], rows: int) -> str:
        return (
            f"{where}: no date or time was understood in {', '.join(map(repr, values))}, so that none of {rows:,} rows could be "
            'used. Say their form with --date-format, such as --date-format "%d.%m.%Y %H:%M", or name another column with '
            '--map "time=YOUR_COLUMN".'
        )

    @way("{names} の{rows}行はどれも使えません：{reasons}。商談、アクティビティ、日時の列を確認してください（--map）。")
    def nothing_usable(cls, names: Iterable[str], rows: int, reasons: dict[str, int]) -> str:
        why = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
        return (
            f"None of the {rows:,} rows of {', '.join(names)} could be used: {why}. "
            "Check which columns hold the deal, the activity and the time (--map)."
        )

    @way(
        '{names} にあるのは書類の明細だけです。イベントの表と一緒に渡してください：l2c.read(["events.csv", "lines.csv"])。'
    )
    def only_lines(cls, names: Iterable[str]) -> str:
        return (
            f"{', '.join(names)} holds lines of documents and no events. Give it together with the events: "
            'l2c.read(["events.csv", "lines.csv"]).'
        )

    @way("{names} は{kinds}の一覧で、商談ではありません。商談、または何がいつ起きたかの表を一緒に渡してください。")
    def only_lists(cls, names: Iterable[str], kinds: Iterable[str]) -> str:
        return (
            f"{', '.join(names)} lists {' and '.join(kinds)}, and no deals. Give the deals, or a table of what happened to "
            "them and when."
        )

    @way(
        "{names} は{kinds}の一覧ですが、商談につながる列がありません。商談のファイルを一緒に渡すか、"
        "商談IDの列を --map case_id=列名 で指定してください。"
    )
    def unlinked_lists(cls, names: Iterable[str], kinds: Iterable[str]) -> str:
        return (
            f"{', '.join(names)} lists {' and '.join(kinds)}, and no column leads to a deal. Give the deals beside it or, "
            "where a column holds the id of the deal, say which: --map case_id=YOUR_COLUMN."
        )

    @way("{why} そのため、{names} には起きたことの分かる行がありません。")
    def nothing_happened(cls, names: Iterable[str], why: str) -> str:
        return f"{why} So nothing is known to have happened by any row of {', '.join(names)}."

    @way("{folder} に読めるファイルがありません（あるもの：{found}）。CSV、Excel、Parquet、JSON、XESを置いてください。")
    def no_files(cls, folder: object, found: Iterable[str] = ()) -> str:
        return (
            f"{folder} holds no file that can be read; it holds {', '.join(found) or 'nothing'}. Put CSV, Excel, Parquet, "
            "JSON or XES files into it."
        )

    @way(
        "使える Opportunity または Lead のレコードがありません（あるもの：{found}）。"
        "少なくとも Id、CreatedDate、StageName を含む Opportunity をエクスポートしてください（docs/salesforce.md）。"
    )
    def no_deals(cls, found: Iterable[str]) -> str:
        return (
            f"No record of Opportunity or Lead can be used; found: {', '.join(found) or 'nothing'}. Export at least "
            "Opportunity with Id, CreatedDate and StageName (docs/salesforce.md lists the objects)."
        )

    @way(
        "{path} に列 Id（レポートでは {name} ID）がないため、{name} にほかのレコードを結び付けられません。Id を含めて"
        + AGAIN
    )
    def no_ids(cls, name: str, path: object) -> str:
        return (
            f"{path} has no column Id (in a report: {name} ID), so that no other record can be joined to its {name}. Export it "
            "with that column."
        )

    @way("{kind} は読めません。パス、フォルダー、データフレームのいずれかを指定してください。")
    def not_a_source(cls, kind: str) -> str:
        return (
            f"A {kind} cannot be read. Give a path, several paths, a folder, a data frame of pandas, polars or "
            "Arrow, or a list of records."
        )

    @way("読むファイルも表もレコードもありません。少なくとも1つ指定してください。")
    def nothing(cls) -> str:
        return "The source holds neither files nor tables nor records. Give at least one."

    @way("{scheme} で始まるアドレスからは読めません。先にファイルをダウンロードし、そのパスを指定してください。")
    def elsewhere(cls, scheme: str) -> str:
        return f"An address that begins with {scheme} cannot be read. Download the file first, and give its path."

    @way("{path} はありません。綴りを確認するか、ファイルを端末にドラッグしてパスを入力してください。")
    def not_there(cls, path: object) -> str:
        return f"{path} does not exist. Check the spelling, or drag the file into the terminal to get its path."
