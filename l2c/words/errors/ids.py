"""What has become of the ids of a source, and why its deals cannot be told apart."""

from __future__ import annotations

from l2c.words.errors.base import L2CError, way


class ChangedIds(L2CError):
    """Ids that a spreadsheet has changed, so that those of several deals have become one."""

    @way(
        "{where}：{examples} は表計算ソフトが丸めたIDです。別々の商談が同じIDになり、元に戻せません。"
        "データをもう一度エクスポートし、表計算ソフトで開かずに読むか、この列を「文字列」として取り込んでください。"
    )
    def rounded(cls, where: str, examples: list[str]) -> str:
        return (
            f"{where}: a spreadsheet has rounded ids such as {', '.join(examples)}, so that several deals may share one, and "
            "the rest of their digits is lost. Export the data again and read that file itself; if it must pass through a "
            "spreadsheet, import the column as text."
        )

    @way(
        "{where}：{examples} は日付で、商談のIDではありません。表計算ソフトは 1-2 や MAR-25 のようなIDを日付に変えます。"
        "データをもう一度エクスポートし、表計算ソフトで開かずに読むか、この列を「文字列」として取り込んでください。"
    )
    def dates(cls, where: str, examples: list[str]) -> str:
        return (
            f"{where}: {', '.join(examples)} are dates, not ids. Spreadsheets make dates of ids such as 1-2 or MAR-25, so that "
            "several deals may share one. Export the data again and read that file itself; if it must pass through a "
            "spreadsheet, import the column as text. If this is the wrong column, name another with "
            '--map "case_id=YOUR_COLUMN".'
        )
