"""Phrases of what looks at single rows and single deals: the table to browse, the timeline of a case."""

from __future__ import annotations

PHRASES: dict[str, tuple[str, str]] = {
    # A table to browse. Words between low lines are filled in by DataTables in the page.
    "browse.left_out": (
        "This table holds the first {shown} of {all} rows; {n} are left out, here and in what is downloaded.",
        "この表は全{all}行のうち先頭{shown}行です。残り{n}行は表示にもダウンロードにも含まれません。",
    ),
    "browse.search": ("Search", "検索"),
    "browse.length": ("_MENU_ rows per page", "1ページ _MENU_ 行"),
    "browse.info": ("Rows _START_ to _END_ of _TOTAL_", "全_TOTAL_行中 _START_〜_END_行"),
    "browse.info.empty": ("No rows", "0行"),
    "browse.info.filtered": ("(out of _MAX_)", "(_MAX_行から絞り込み)"),
    "browse.none": ("No row matches the search.", "検索に一致する行はありません。"),
    "browse.pages": ("Pages", "ページ"),
    "browse.first": ("First page", "最初のページ"),
    "browse.last": ("Last page", "最後のページ"),
    "browse.next": ("Next page", "次のページ"),
    "browse.previous": ("Previous page", "前のページ"),
    "browse.sort": (": sort", ": 並べ替え"),
    "browse.sort.reverse": (": sort the other way round", ": 逆順に並べ替え"),
    "browse.sort.remove": (": sort no longer", ": 並べ替えを解除"),
    "browse.csv": ("Download CSV", "CSVをダウンロード"),
    "browse.excel": ("Download Excel", "Excelをダウンロード"),
    # The timeline of a case
    "timeline.title": ("{case}: {events} in {days}", "{case}：{days}で{events}"),
    "timeline.title.one": ("{case}: {events}", "{case}：{events}"),
    "timeline.wait": ("{days} later", "{days}後"),
    "timeline.longest": ("{days} later: the longest wait", "{days}後（最長の待ち）"),
    "timeline.open": ("{id} in Salesforce", "Salesforceで開く: {id}"),
}
