"""Phrases of KPI cards, durations and comparisons before and after or by quarter."""

PHRASES: dict[str, tuple[str, str]] = {
    # KPI cards
    "kpi.interval": ("95 %: {ends}", "95 %区間: {ends}"),
    "kpi.open": (", {n} still open", "(うち進行中{n})"),
    "kpi.definition": ("What it means", "定義"),
    "kpi.parameters": ("Parameters", "パラメーター"),
    "kpi.parameter": ("Parameter", "項目"),
    "kpi.setting": ("Setting", "設定"),
    "kpi.sample": ("Some of the rows it was computed from", "計算に使った行の例"),
    "kpi.missing": ("not in this data", "このデータにはない"),
    "kpi.missing.head": ("Not in this data, or not yet, and why", "このデータからは(まだ)求められない指標とその理由"),
    "kpi.why.none": ("no case has the events or fields it needs", "必要なイベントや項目を持つ案件がない"),
    "kpi.why.open": (
        "{n} of {cases} [n?is|are] still open, too many to know the middle one",
        "{cases}中{n}件が進行中のため中央値が定まらない",
    ),
    "kpi.why.few": ("too little to go by ({cases})", "件数が少なすぎる({cases})"),
    # Durations
    "durations.title": (
        "Half get there within {median}; one in ten takes longer than {p90}",
        "半数が{median}以内に到達。1割は{p90}を超える",
    ),
    "durations.title.half": ("Half get there within {median}", "半数が{median}以内に到達"),
    "durations.title.open": (
        "Fewer than half get there: {share} after {days}",
        "到達は半数未満({days}時点で{share})",
    ),
    "durations.title.groups": (
        "Half get there within {fast} ({fastest}), but only within {slow} for {slowest}",
        "半数が到達するまで「{fastest}」は{fast}、「{slowest}」は{slow}",
    ),
    "durations.note": (
        "Share of cases that got there by each day, open cases counted as long as they are known (Kaplan-Meier). "
        "Band: 95 % interval. "
        "Below: how the durations spread, and how many cases were still being watched.",
        "各時点までに到達した案件の割合(進行中の案件も観測期間だけ算入、カプラン・マイヤー法)。帯は95 %信頼区間。"
        "下は所要日数の分布と、その時点で観測中の案件数。",
    ),
    "durations.note.groups": (
        "Share of cases that got there by each day, open cases counted as long as they are known (Kaplan-Meier). "
        "Band: 95 % interval. "
        "Below: how many cases were still being watched.",
        "各時点までに到達した案件の割合(進行中の案件も観測期間だけ算入、カプラン・マイヤー法)。帯は95 %信頼区間。"
        "下はその時点で観測中の案件数。",
    ),
    "durations.done": ("share that got there", "到達した割合"),
    "durations.spread": ("spread", "分布"),
    "durations.watched": ("watched", "観測中"),
    "durations.median": ("half: {days}", "半数 {days}"),
    "durations.left_out": ("Left out in the middle: {n} [n?group|groups].", "中間の{n}グループは省略。"),
    "durations.half": ("half get there within", "半数が到達するまで"),
    # Before and after
    "compare.windows": ("{start} to {date} against {date} to {end}: ", "{start}～{date}と{date}～{end}の比較:"),
    "compare.count.better": ("{n} better", "改善{n}件"),
    "compare.count.worse": ("{n} worse", "悪化{n}件"),
    "compare.count.changed": ("{n} changed", "水準の変化{n}件"),
    "compare.count.unsure": ("{n} within chance", "偶然の範囲内{n}件"),
    "compare.title.none": ("no change beyond chance", "偶然を超える変化は見られない"),
    "compare.mean": ("{kpi} (mean of the first {horizon})", "{kpi}(最初の{horizon}の平均)"),
    "compare.means": (
        "Durations are means of so many first days, what is not finished by then counting as that long: no medians.",
        "日数は最初の期間内の平均(その時点で未完了のものは期間の長さとして計算)であり、中央値ではない。",
    ),
    "compare.note": (
        "Change from before to after, in percent of the value before, with its 95 % interval. Filled dot: beyond "
        "chance; hollow: may be chance. A before-after comparison shows that something changed, not why.",
        "変更前に対する変化率と95 %信頼区間。塗りつぶしは偶然を超える変化、白抜きは偶然の範囲内。"
        "前後比較は変化の有無を示すもので、原因を示すものではない。",
    ),
    "compare.left_out": ("Without a value to compare: {names}.", "比較できる値がない指標: {names}。"),
    "compare.few": (
        "Too few cases to compare: each side needs 20 of a kind, and a figure to change from.",
        "件数が少なく比較できません(変更前後それぞれ20件以上と、変更前の値が必要です)。",
    ),
    "compare.axis": ("change", "変化率"),
    "compare.better": ("better", "改善"),
    "compare.worse": ("worse", "悪化"),
    "compare.changed": ("changed", "変化あり"),
    "compare.unsure": ("may be chance", "偶然の範囲内"),
    # Quarters
    "quarters.title": ("{last} against {first}: {said}", "{first}と比べた{last}:{said}"),
    "quarters.title.none": (
        "Between {first} and {last} none of these figures was found to change by more than chance explains",
        "{first}と{last}の間に、偶然を超える変化は確認できない",
    ),
    "quarters.worse": ("worse in {names}", "悪化は{names}"),
    "quarters.better": ("better in {names}", "改善は{names}"),
    "quarters.changed": ("another level in {names}", "水準が変わったのは{names}"),
    "quarters.join": ("; ", "。"),
    "quarters.note": (
        "By the quarter in which cases began, each as it stood at the end of the quarter after it, so that all were seen "
        "for equally long; grey bars: 95 % interval. Large dot: last quarter, filled where it differs from the first "
        "beyond chance, however many figures are compared.",
        "案件が始まった四半期ごとの値。どの四半期も同じ長さだけ観察するため、翌四半期の末日時点で比べる。灰色の線は95%信頼区間。"
        "大きな点は最後の四半期で、塗りつぶしは(指標の数を考慮しても)最初の四半期と偶然を超えて異なるもの。",
    ),
    "quarters.incomplete": (
        "Not shown, because the log does not cover all of the quarter and of the one after it: {names}.",
        "その四半期または翌四半期の全期間のデータがないため表示しない: {names}。",
    ),
    "quarters.short": (
        "A quarter can be judged at the end of the quarter after it. Of such quarters this log covers {n}, and a "
        "comparison needs two.",
        "四半期は翌四半期の末日時点で評価します。このログで評価できる四半期は{n}つで、比較には2つ以上必要です。",
    ),
    "quarters.few": (
        "In too few quarters 20 cases began of which the figures can be told, so quarters cannot be compared.",
        "指標を求められる案件が20件以上始まった四半期が少ないため、四半期を比較できません。",
    ),
    # What a KPI still waits for
    "kpi.waiting": (", {n} still waiting", "(うち待機中{n})"),
    "kpi.unpaid": (", {n} not paid yet", "(うち未入金{n})"),
    # Those that it does not count yet
    "kpi.beside.open": (", {n} more still open", "(ほかに進行中{n})"),
    "kpi.beside.waiting": (", {n} more still waiting", "(ほかに待機中{n})"),
    "kpi.beside.due": (", {n} more not due yet", "(ほかに期日前{n})"),
    "kpi.beside.ended": (", {n} more not ended yet", "(ほかに未完了{n})"),
}
