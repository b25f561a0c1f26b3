"""What the columns of a source mean, and why that cannot be told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from l2c.words.errors.base import L2CError, closest, listed, way


def _each(shown: dict[str, list[str]]) -> str:
    """Columns with some of their values."""
    return " and ".join(f"{header} ({listed(values)})" for header, values in list(shown.items())[:4])


def _or(name: str, shown: dict[str, list[str]]) -> str:
    """The lines that say of columns which one is meant."""
    return " or ".join(f'--map "{name}={header}"' for header in list(shown)[:4])


class ColumnsNotFound(L2CError):
    """A required column that cannot be told from the headers."""

    MEANING: ClassVar = {"case_id": "the deal", "activity": "what happened", "time": "when it happened"}

    @way(
        "{name}：{attributes} にあたる列が見つかりません。列：{headers}。1行が1イベントなら "
        '--map "case_id=列名, activity=列名, time=列名"、1行が1商談なら '
        '--map "case_id=列名, Opportunity Created=作成日の列, Close Date=完了日の列, stage=フェーズの列" のように指定してください。'
    )
    def missing(cls, name: str, attributes: list[str], headers: list[str]) -> str:
        wanted = ", ".join(f"{a} ({cls.MEANING[a]})" for a in attributes)
        line = ", ".join(f"{a}=YOUR_COLUMN" for a in attributes)
        found = "case_id=YOUR_COLUMN, " if "case_id" in attributes else ""
        return (
            f"{name}: no column was recognised as {wanted}. Its columns are: {listed(headers)}. "
            f'If each row is an event, say which it is with --map "{line}". If each row is a deal, name its dates and its '
            f'stage with --map "{found}Opportunity Created=YOUR_COLUMN, Close Date=YOUR_COLUMN, stage=YOUR_COLUMN".'
        )

    @way(
        "{name}：どのIDも1行だけなので、各行は商談で、「{stage}」は現在の状態とみられます。商談の日付の列を "
        '--map "Opportunity Created=作成日の列, Close Date=完了日の列" で指定してください。'
        '各行がイベントなら --map "activity={stage}, time={time}" と指定してください。'
    )
    def one_each(cls, name: str, stage: str, time: str) -> str:
        return (
            f"{name}: every id stands in one row, so that the rows look like deals, and {stage} says where they stand now. "
            f'Name the dates of the deals with --map "Opportunity Created={time}, Close Date=YOUR_COLUMN" (or one of the two). '
            f'If the rows are events, say so with --map "activity={stage}, time={time}".'
        )

    @way(
        "{name} に商談ID（case_id）の列がありません。列：{headers}。商談IDを含めてエクスポートするか、"
        '行ごとに値が異なる列を --map "case_id=列名" で指定してください（すべて異なる列：{alone}、重複のある列：{again}）。'
    )
    def no_id(cls, name: str, headers: list[str], alone: list[str], again: list[str]) -> str:
        fit = f" In every row another value has: {listed(alone)}." if alone else ""
        not_ = f" Values come again in {listed(again)}, so that deals would be mixed up." if again else ""
        return (
            f"{name}: no column was recognised as case_id (the deal). Its columns are: {listed(headers)}. Say which tells the "
            f'deals apart with --map "case_id={alone[0] if alone else "YOUR_COLUMN"}".{fit}{not_} Where none does, add the id '
            "(Opportunity ID) to the export."
        )

    @way(
        "{name}：{shown} はいずれも「{attribute}」と読め、内容が異なります。"
        '--map "{attribute}=列名" で指定してください。'
    )
    def ambiguous(cls, name: str, attribute: str, shown: dict[str, list[str]]) -> str:
        return (
            f"{name}: {_each(shown)} could each be {attribute} ({cls.MEANING[attribute]}), and they differ. Say which it is: "
            f"{_or(attribute, shown)}."
        )

    @way(
        "{name}：{shown} はいずれも「{activity}」の日付と読め、内容が異なります。"
        '--map "{activity}=列名" で指定してください。'
    )
    def ambiguous_date(cls, name: str, activity: str, shown: dict[str, list[str]]) -> str:
        said = "Close Date" if "|" in activity else activity
        return (
            f"{name}: {_each(shown)} could each be the day of {activity.replace('|', ' or ')}, and they differ. Say which it "
            f"is: {_or(said, shown)}."
        )

    @way(
        "{name} は{kind}の一覧ですが、日付の列が見つかりません。列：{headers}。"
        "マッピングファイルで dates: {{{activity}: 列名}} のように指定してください。"
    )
    def no_dates(cls, name: str, kind: str, activity: str, headers: list[str]) -> str:
        return (
            f"{name} lists {kind}, and no column was recognised as the day of anything that happened to them. Its columns "
            f"are: {listed(headers)}. Say which it is in a mapping file, such as dates: {{{activity}: YOUR_COLUMN}}."
        )

    @way(
        "{name}：「{header}」は移行前のフェーズですが、移行後のフェーズの列が見つかりません。列：{headers}。"
        '--map "stage=列名" で指定してください。'
    )
    def came_from(cls, name: str, header: str, headers: list[str]) -> str:
        return (
            f"{name}: {header} says which stage a deal came from, and no column was recognised as the stage that it came to. "
            f'Its columns are: {listed(headers)}. Say which it is with --map "stage=YOUR_COLUMN".'
        )

    @way("{name} に列「{header}」がありません。列：{headers}。")
    def named(cls, name: str, header: str, headers: list[str]) -> str:
        return (
            f"{name} has no column {header!r}. Closest: {closest(header, headers)}. Its columns are: {listed(headers)}."
        )


class AmbiguousRows(L2CError):
    """Several rows of one deal of which nothing tells what they are."""

    @way(
        "{name}：{deals}件の商談に、列「{column}」の異なる行が複数あります。明細なら合計（{sums}）、状態なら最後の行（{lasts}）が"
        '金額です。--map "rows=lines" か --map "rows=last" で指定してください。時点を示す列があれば --map "as_of=列名"。'
    )
    def lines(cls, name: str, deals: int, column: str, sums: list[str], lasts: list[str]) -> str:
        return (
            f"{name}: {deals:,} deals have several rows that differ in {column}, and no column says why. As lines of a deal "
            f'they add up ({", ".join(sums)}): --map "rows=lines". As later states of it the last one counts '
            f'({", ".join(lasts)}): --map "rows=last". If a column says when each was taken: --map "as_of=YOUR_COLUMN".'
        )

    @way(
        "{name}：{deals}件の商談に、{differing} の異なる行が複数あり、どれが新しいか分かりません。最後の行が最新なら（{lasts}）"
        ' --map "rows=last"、最初の行が最新なら（{firsts}）--map "rows=first" を指定してください。'
        '時点を示す列があれば --map "as_of=列名"。'
    )
    def which(cls, name: str, deals: int, differing: list[str], lasts: list[str], firsts: list[str]) -> str:
        return (
            f"{name}: {deals:,} deals have several rows that differ in {listed(differing, 3)}, and no column says which is "
            f'newer. If the last is the newest ({", ".join(lasts)}): --map "rows=last". If the first is '
            f'({", ".join(firsts)}): --map "rows=first". If a column says when each was taken: --map "as_of=YOUR_COLUMN".'
        )


class BadEvents(L2CError):
    """Events of a frame that are no log as they stand."""

    @way("イベントに列 {name} がありません。列：{headers}。")
    def no_column(cls, name: str, headers: Iterable[str]) -> str:
        return f"The events have no column {name}. They have: {', '.join(headers)}."

    @way("{count}件のイベントに {name} がありません。l2c.read() で読むと、そのような行は対象外となります。")
    def no_value(cls, name: str, count: int) -> str:
        return f"{count} events have no {name}; l2c.read() would set such rows aside."


class AmbiguousDates(L2CError):
    """A column of dates that can be read in two ways."""

    @way(
        "{where}：{values} は日-月（{days_first}）とも月-日（{months_first}）とも読め、このファイルの値からは決まりません。"
        "--date-format dmy または --date-format mdy で指定してください。"
    )
    def either(cls, where: str, values: list[str], days_first: list[str], months_first: list[str]) -> str:
        return (
            f"{where}: {', '.join(map(repr, values))} could be day-month ({', '.join(days_first)}) or month-day "
            f"({', '.join(months_first)}), and no value of the file decides it. "
            "Say which with --date-format dmy or --date-format mdy."
        )

    @way(
        "{where}：{values} は年が先とも後とも読めます。"
        "年が先なら --date-format ymd、後なら --date-format dmy または mdy で指定してください。"
    )
    def year(cls, where: str, values: list[str]) -> str:
        return (
            f"{where}: the year of {', '.join(map(repr, values))} could come first or last. "
            "Say --date-format ymd if it comes first, --date-format dmy or --date-format mdy if it comes last."
        )

    @way(
        "{where}：{values} の {name} は {zone} とも {elsewhere} とも読めます（UTCでは {ours} または {theirs}）。"
        "--time-zone {zone} または --time-zone {elsewhere} で指定してください。"
    )
    def of_zone(
        cls, where: str, name: str, values: list[str], zone: str, ours: list[str], elsewhere: str, theirs: list[str]
    ) -> str:
        return (
            f"{where}: {name} in {', '.join(map(repr, values))} could be the time of {zone} ({', '.join(ours)} UTC) or of "
            f"{elsewhere} ({', '.join(theirs)} UTC). Say where the business is with --time-zone {zone} or --time-zone {elsewhere}."
        )

    @way(
        "{where}：「{day_first}」は日が先、「{month_first}」は月が先です。"
        "二つに分けてエクスポートするか、--date-format dmy または mdy で指定してください（合わない値は対象外とします）。"
    )
    def both(cls, where: str, day_first: str, month_first: str) -> str:
        return (
            f"{where}: {day_first!r} has the day first and {month_first!r} the month first. "
            "Export the two parts separately, or say which form holds with --date-format dmy or --date-format mdy; "
            "values of the other form are then set aside."
        )

    @way(
        "{where}：日が12以下の日付（{met}行目）と、日付になっていない文字（{text}行目）が混在しています。Excelが日と月を入れ替えて変換した可能性が高く、"
        "その場合、最初の日付は {other} です。そうであれば --date-format {order} で元に戻します。日付が正しい場合は --date-format {form} と指定してください。"
    )
    def half(cls, where: str, met: list[str], text: str, other: str, order: str, form: str) -> str:
        return (
            f"{where}: dates with no day above 12 (row {'; row '.join(met)}) stand beside texts (row {text}). Excel has "
            f"probably turned what it could into dates, with day and month swapped: the first is {other} then. If so, "
            f"--date-format {order} swaps them back; if the dates are right, say --date-format {form}."
        )


class AmbiguousBlanks(L2CError):
    """Blank cells that may belong to the value above them, as in a grouped report, or may be blank."""

    @way(
        "{where}：{lines}行目は空欄です。グループ化したレポートのように上の値（「{example}」など）を指すのか、値がないのか、この表からは決まりません。"
        "上の値を指す場合は下へコピーして埋めるか、レポートを「詳細のみ」でエクスポートしてください。値がない場合は「不明」と入力してください。"
    )
    def below(cls, where: str, lines: list[int], example: str) -> str:
        return (
            f"{where}: rows {listed([str(line) for line in lines], 3)} are blank below a value such as {example!r}. They may "
            "belong to it, as in a grouped report, or hold nothing; the table does not tell. In the first case fill them "
            'down, or export the report with "Details Only"; in the other write "unknown" into them.'
        )


class AmbiguousNumbers(L2CError):
    """A column of numbers that can be read in two ways."""

    @way(
        "{where}：{values} は {large} とも {small} とも読め、このファイルからは決まりません。"
        '--map "decimal={comma}"（前者）または --map "decimal={point}"（後者）で指定してください。'
    )
    def either(cls, where: str, values: list[str], large: list[str], small: list[str], comma: str, point: str) -> str:
        return (
            f"{where}: {', '.join(map(repr, values))} could be {' / '.join(large)} or {' / '.join(small)}, and nothing in the "
            f'file decides it. Say --map "decimal={comma}" for the first, --map "decimal={point}" for the second.'
        )


class UntypedColumn(L2CError):
    """A column of a frame that stays in its engine, and is not of the kind it must be."""

    @way("{where} は {has} 型で、日時ではありません。先にクエリで変換してください（to_timestamp など）。")
    def time(cls, where: str, has: str) -> str:
        return f"{where} is {has}, not a date or time. Convert it in your query first, with to_timestamp for example."

    @way("{where} は {has} 型で、数値ではありません。先にクエリで変換してください（`try_cast(… AS DOUBLE)` など）。")
    def number(cls, where: str, has: str) -> str:
        return f"{where} is {has}, not a number. Convert it in your query first, with try_cast(… AS DOUBLE)."

    @way("{where} は {has} 型で、真偽値ではありません。先にクエリで変換してください（won = 'Yes' など）。")
    def flag(cls, where: str, has: str) -> str:
        return f"{where} is {has}, not true or false. Convert it in your query first, such as won = 'Yes'."

    @way("{where} の日時にはタイムゾーンがなく、このエンジンでは {zone} として読めません。先にUTCに変換してください。")
    def zone(cls, where: str, zone: str) -> str:
        return f"{where} has times without a zone, which this engine cannot read as {zone}. Convert them to UTC first."

    @way(
        "{name} は1行が1商談です（{dates}）。クエリで1行1イベント（case_id, activity, time）に変えるか、ファイルから読んでください。"
    )
    def wide(cls, name: str, dates: Iterable[str]) -> str:
        return (
            f"{name} has a row per deal ({', '.join(dates)}). Turn it into a row per event in your query "
            "(case_id, activity, time), or read it from a file."
        )
