"""What is asked of a log, and cannot be answered: names, filters, comparisons, changes."""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import L2CError, closest, way


class UnknownName(L2CError):
    """A name that stands nowhere in the log."""

    @way("「{name}」というアクティビティはありません。このログで近いもの：{closest}。")
    def activity(cls, name: str, known: Iterable[str]) -> str:
        return f"No activity is called {name!r}. Closest in this log: {closest(name, known)}."

    @way("「{name}」という商談の項目はありません。このログの項目：{known}。")
    def attribute(cls, name: str, known: Iterable[str]) -> str:
        return f"No case attribute is called {name!r}. This log has: {', '.join(sorted(known))}."

    @way("{name} が {value} の商談はありません。近いもの：{closest}。")
    def value(cls, name: str, value: object, known: Iterable[str]) -> str:
        return f"No case has {value!r} as its {name}. Closest: {closest(str(value), known)}."

    @way(
        "このログは氏名を伏せて渡されたもので、{masked} は仮名です。対応表は元のログの持ち主が l2c names で表示できます。"
    )
    def person(cls, masked: Iterable[str]) -> str:
        return (
            f"This log was handed on without names: its {', '.join(masked)} are pseudonyms. "
            "Their key is with whoever holds the log that it was made from: l2c names THAT_LOG."
        )

    @way("{name} は次のどれでもありません：{known}。")
    def metric(cls, name: str, known: Iterable[str]) -> str:
        return f"{name!r} is not one of: {', '.join(known)}."


class BadFilter(L2CError):
    """A filter that cannot be understood."""

    @way("{word}={value} は期間ではありません。2025-03 や 2025-03-31、またはその組で書いてください。")
    def period(cls, word: str, value: object) -> str:
        return (
            f"{word}={value!r} is not a period. Write a date such as '2025-03' or '2025-03-31', "
            "or a pair of them, either of which may be None."
        )

    @way("{word}={value} はアクティビティの組ではありません。「Quote Sent > Contract Signed」のように書いてください。")
    def pair(cls, word: str, value: object) -> str:
        return f"{word}={value!r} is not a pair of activities such as ('Quote Sent', 'Contract Signed')."

    @way(
        "slower={value} はステップと日数ではありません。`('Quote Sent', 'Contract Signed', 12.5)` のように書いてください。"
    )
    def slower(cls, value: object) -> str:
        return (
            f"slower={value!r} is not a step and a number of days such as ('Quote Sent', 'Contract Signed', 12.5), "
            "nor an activity and the days before it."
        )

    @way(
        "created={value} は期間でも、アクティビティと期間の組でもありません。「Lead Created > 2025-04」のように書いてください。"
    )
    def created(cls, value: object) -> str:
        return (
            f"created={value!r} is neither a period nor an activity and a period, "
            "such as {'Lead Created': '2025-04'} or 'Lead Created > 2025-04'."
        )

    @way("{word}={value} は数値でも、その範囲でもありません。")
    def number(cls, word: str, value: object) -> str:
        return f"{word}={value!r} is not a number or a pair such as (1000, None)."

    @way(
        "{word}={value} は範囲ではありません。「60..」（60以上）、「..90」（90以下）、「60..90」のように書いてください。"
    )
    def limits(cls, word: str, value: object) -> str:
        return (
            f"{word}={value!r} is not a range. Write (60, None) or '60..' for at least 60, (None, 90) or '..90' for at most "
            "90, (60, 90) or '60..90' for both."
        )

    @way(
        "took={value} は2つのアクティビティと日数の範囲ではありません。「Quote Sent > Contract Signed > 30..」のように書いてください。"
    )
    def took(cls, value: object) -> str:
        return (
            f"took={value!r} is not two activities and a range of days such as ('Quote Sent', 'Contract Signed', (30, "
            "None)) or 'Quote Sent > Contract Signed > 30..'."
        )

    @way("times={value} はアクティビティと回数の範囲ではありません。「Quote Revised > 2..」のように書いてください。")
    def times(cls, value: object) -> str:
        return (
            f"times={value!r} is not an activity and a range of numbers such as ('Quote Revised', (2, None)) or "
            "'Quote Revised > 2..'."
        )

    @way("did={value} はアクティビティと実行者ではありません。「Discount Approved > Kim」のように書いてください。")
    def did(cls, value: object) -> str:
        return (
            f"did={value!r} is not an activity and who did it, such as ('Discount Approved', 'Kim') or "
            "'Discount Approved > Kim'."
        )

    @way("{word}={value} は整数ではありません。")
    def whole(cls, word: str, value: object) -> str:
        return f"{word}={value!r} is not a whole number such as 3."

    @way("{word}={value} は「はい・いいえ」のどちらでもありません。{word}=yes または {word}=no と書いてください。")
    def flag(cls, word: str, value: object) -> str:
        return f"{word}={value!r} is neither yes nor no. Write {word}=yes or {word}=no."

    @way("{word}={value} は終わりが始まりより前です。早い方（小さい方）を先に書いてください。")
    def backwards(cls, word: str, value: object) -> str:
        return f"{word}={value!r} ends before it begins. Write the earlier or smaller end first."

    @way("このログは {extracted} に抽出されたもので、{day} のことはわかりません。それ以前の日を指定してください。")
    def after_extraction(cls, day: str, extracted: str) -> str:
        return f"The log was taken on {extracted} and knows nothing of {day}. Name a day until then."

    @way("{day} にはまだ商談がありません。このログの最初のイベントは {first} です。")
    def before_begin(cls, day: str, first: str) -> str:
        return f"On {day} no case had begun: the first event of the log is of {first}."

    @way("--where {text} は「項目=値」の形ではありません。region=EMEA のように書いてください。")
    def word(cls, text: str) -> str:
        return f"--where {text!r} is not of the form attribute=value, such as region=EMEA."


class BadPart(L2CError):
    """A part of the process that cannot be cut out."""

    @way("始まりか終わりのアクティビティを指定してください。例：between('Quote Sent', 'Contract Signed')。")
    def endless(cls) -> str:
        return "Say where the part begins or ends, such as between('Quote Sent', 'Contract Signed')."

    @way("until={value} は指定できません。until='first'（最初まで）または until='last'（最後まで）と書いてください。")
    def until(cls, value: object) -> str:
        return f"until={value!r} is neither 'first' nor 'last': a part ends with the first or with the last of its end."


class BadGroups(L2CError):
    """Activities that cannot be taken for one."""

    @way("グループがありません。{{'Approvals': ['Discount Approved', 'Contract Approved']}} のように指定してください。")
    def none(cls) -> str:
        return "There is no group. Name some, such as {'Approvals': ['Discount Approved', 'Contract Approved']}."

    @way("グループ「{name}」にアクティビティがないか、名前がありません。")
    def empty(cls, name: object) -> str:
        return f"The group {name!r} holds no activity, or has no name."

    @way(
        "「{name}」は別のアクティビティの名前です。グループには別の名前を付けるか、そのアクティビティも含めてください。"
    )
    def taken(cls, name: object) -> str:
        return (
            f"{name!r} is the name of an activity that is not in the group. Call the group otherwise, or put the activity "
            "into it; that two names mean one activity is said by the mapping, before the log is read."
        )

    @way("「{name}」が2つのグループに入っています。1つだけに入れてください。")
    def twice(cls, name: str) -> str:
        return f"{name!r} is in two groups. Put it into one of them."


class BadComparison(L2CError):
    """A comparison that cannot be made."""

    @way("「{date}」は日付ではありません。2025-03-31 のように書いてください。")
    def date(cls, date: object) -> str:
        return f"{date!r} is not a date. Write it such as '2025-03-31'."

    @way(
        "この日付の前後に同じ長さの期間が取れません（指定{days}日、前{before}日、後{after}日）。"
        "別の日付か、短い期間を指定してください。"
    )
    def room(cls, days: float | None, before: float, after: float) -> str:
        wanted = "A window of at least one day" if days is None else f"A window of {days:g} days"
        return (
            f"{wanted} does not fit on both sides of the date: the log has {max(before, 0):.1f} days before it and "
            f"{max(after, 0):.1f} after it. Choose another date or shorter windows."
        )

    @way(
        "{name} は現時点までの値で、商談の新しさに左右されるため比較できません。次のいずれかを指定してください：{known}。"
    )
    def so_far(cls, name: str, known: Iterable[str]) -> str:
        return (
            f"{name!r} is a number to date, which depends on how young the cases are: no two groups can be compared by it. "
            f"Compare one of: {', '.join(known)}."
        )

    @way("条件（{filters}）に合う商談がなく、比較できません。対象を広げてください。")
    def empty(cls, filters: dict[str, str]) -> str:
        words = ", ".join(f"{word}={text}" for word, text in filters.items())
        which = f"No case passes the filters {words}, so" if words else "One side has no case, so"
        return f"{which} there is nothing to compare. Choose more of the log."

    @way("{count}件が両方に含まれるため、比較になりません。地域や期間など、重ならない対象を選んでください。")
    def shared(cls, count: int) -> str:
        return (
            f"{count:,} cases stand on both sides, which would make the sides alike. Choose two selections without a "
            "common case, such as two regions or two periods."
        )


class BadMargin(L2CError):
    """A margin that is no part of the list price."""

    @way("margin={margin} は指定できません。定価のうち残る割合を0より大きく1以下で指定してください（80%なら0.8）。")
    def out_of_range(cls, margin: float) -> str:
        return f"margin={margin!r} is not possible; give the part of the list price that is left, above 0 and up to 1 (0.8 for 80 %)."


class BadChange(L2CError):
    """A what-if question that cannot be answered."""

    @way("ステップを短くする割合（share=0.3）か、最長日数（days=5）のどちらか一方を指定してください。")
    def one_of(cls) -> str:
        return "Say either by what share the step gets shorter (share=0.3) or its longest duration (days=5)."

    @way("{name}={value} は指定できません。0以上（shareは0～1）で指定してください。")
    def out_of_range(cls, name: str, value: float) -> str:
        limits = "between 0 and 1" if name == "share" else "0 or more"
        return f"{name}={value!r} is not possible; it must be {limits}."

    @way("このログでは「{end}」が「{start}」の直後に来ることはありません。直後に来るもの：{followers}。")
    def no_such_step(cls, start: str, end: str, followers: Iterable[str]) -> str:
        known = ", ".join(list(followers)[:3])
        after = f"{start} is followed by {known}" if known else f"nothing follows {start}"
        return f"{end} never follows {start} directly in this log; {after}."

    @way("2つ以上のイベントを持つ商談がないため、変更するステップがありません。対象を広げてください。")
    def no_steps(cls) -> str:
        return "No case of this log has two events, so there is no step to change. Choose more of the log."
