"""What was said of a source or asked of a command, and cannot be."""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import L2CError, way


class BadOption(L2CError):
    """Something said of the source that cannot be."""

    @way("--mask {name}：{name} は文字の項目ではありません。rep、account、actor のような名前の項目だけを隠せます。")
    def mask(cls, name: str) -> str:
        return f"--mask {name}: {name} holds no texts, and only names can be masked, such as rep, account or actor."

    @way("{currency} は通貨コードではありません。JPY、USD、EUR のような3文字で指定してください。")
    def currency(cls, currency: str) -> str:
        return f"{currency!r} is not a currency code. Currencies are named by three letters, such as EUR, USD or JPY."

    @way("{url} は組織のアドレスではありません。https://acme.my.salesforce.com のように指定してください。")
    def org(cls, url: str) -> str:
        return f"{url!r} is no address of an org. Write it such as https://acme.my.salesforce.com."

    @way(
        "{field} は更新できません。更新できるのは組織独自の項目（__c で終わるもの）と NextStep だけです。フェーズや金額は人が変更するものです。"
    )
    def update(cls, field: str) -> str:
        return (
            f"{field} is not for a file to change: only fields of the org's own (they end with __c) and NextStep are. "
            "What a deal stands at (stage, amount, close date, owner) is for people to change."
        )

    @way(
        "{field} の値 {value} は使えません。改行や、= + - @ で始まる値（表計算ソフトで式と見なされます）は書き込めません。"
    )
    def update_value(cls, field: str, value: str) -> str:
        return f"{field}={value!r}: a value may hold no line break, nor begin with =, +, - or @, which a spreadsheet takes for a formula."

    @way(
        "{file} からユーザの ID を読み取れません。Id と Name の列がある User のエクスポート（CSV）を指定してください。"
    )
    def owners(cls, file: object) -> str:
        return f"{file} does not tell the ids of users. Name an export of User (CSV) with the columns Id and Name."

    @way("期日 {due} はデータの抽出日（{day}）より前です。")
    def due(cls, due: object, day: object) -> str:
        return f"A task due on {due} would be overdue: the data were taken on {day}."

    @way(
        "{source} は保存されたログではありません。依頼の記録はログの中に置かれます。`l2c read {source} -o log` の後、`l2c tasks log` を実行してください。"
    )
    def tasks_of(cls, source: object) -> str:
        return f"{source} is no saved log, beside which it is kept what was asked. `l2c read {source} -o log`, then `l2c tasks log`."

    @way("{form} は日付の形式ではありません。dmy、mdy、ymd、または '%d.%m.%Y %H:%M' のように指定してください。")
    def date_format(cls, form: str) -> str:
        return f"{form!r} is not a form of dates. Say dmy, mdy, ymd, or one with codes such as '%d.%m.%Y %H:%M'."

    @way("{names} を指定しても、このデータ（{source}）では使われません。外してください。")
    def unused(cls, names: Iterable[str], source: str, why: str = "") -> str:
        given = list(names)
        it, was = ("it", "was") if len(given) == 1 else ("them", "were")
        because = f": {why}" if why else ""
        return f"{', '.join(given)} {was} given, but {source} has no use for {it}{because}. Leave {it} out."

    @way("fiscal_year_starts={value} は月ではありません。会計年度が始まる月を1から12で指定してください（4月なら 4）。")
    def month(cls, value: object) -> str:
        return f"fiscal_year_starts={value!r} is no month. Say in which month the fiscal year begins, 1 to 12 (4 is April)."

    @way("{name}={value} は日付ではありません。2026-06-30 や 2026-06-30 18:00 のように書いてください。")
    def moment(cls, name: str, value: object) -> str:
        return f"{name}={value!r} is not a date. Write it such as 2026-06-30 or 2026-06-30 18:00."

    @way("{name}={value} は日-月とも月-日とも読めます。2026-06-30 のように年を先に書いてください。")
    def two_ways(cls, name: str, value: object) -> str:
        return f"{name}={value!r} could be day-month or month-day. Write the year first, such as 2026-06-30."

    @way("入金見込みは翌日から{most}日先までです。weeks または days をその範囲で指定してください。")
    def ahead(cls, most: int) -> str:
        return f"Cash is foretold from the next day on and for up to {most} days. Give weeks or days within them."

    @way("履歴の開始（{start}）がデータの抽出日（{end}）より後です。両方の日付を確認してください。")
    def backwards(cls, start: object, end: object) -> str:
        return f"The history begins on {start}, after the data were taken on {end}. Check both dates."


class BadTimeZone(L2CError):
    """A time zone that does not exist."""

    @way("{name} はタイムゾーンではありません。Asia/Tokyo、Europe/Berlin、UTC のように指定してください。")
    def named(cls, name: str) -> str:
        return f"{name!r} is not a time zone. Zones are named like Asia/Tokyo, Europe/Berlin or UTC."
