"""Phrases of the charts, cards and panels that came first: map, variants, KPIs, quality, durations, conclusions."""

from __future__ import annotations

# Name: (English, Japanese). What stands in braces is filled in, already formatted, by `words.say`.
PHRASES: dict[str, tuple[str, str]] = {
    # Counting
    "count.case.one": ("{n} case", "{n}件"),
    "count.case.many": ("{n} cases", "{n}件"),
    "count.event.one": ("{n} event", "{n}イベント"),
    "count.event.many": ("{n} events", "{n}イベント"),
    "count.row.one": ("{n} row", "{n}行"),
    "count.row.many": ("{n} rows", "{n}行"),
    "count.variant.one": ("{n} variant", "{n}通り"),
    "count.variant.many": ("{n} variants", "{n}通り"),
    "per_day": ("{amount} a day", "{amount}/日"),
    "of": ("{n} of {total}", "{total}中{n}件"),
    "nothing": (
        "Nothing to show: these cases hold nothing of it, or too little.",
        "表示するデータがありません(該当する記録がないか、少なすぎます)。",
    ),
    "nothing.cases": (
        "Nothing to show: this selection holds no cases.",
        "表示するデータがありません(該当する案件がありません)。",
    ),
    "yes": ("yes", "はい"),
    "no": ("no", "いいえ"),
    "more_rows": ("{n} more [n?row is|rows are] not shown.", "ほか{n}行は省略しています。"),
    # Axes
    "axis.hours": ("hours", "時間"),
    "axis.days": ("days", "日数"),
    "axis.months": ("months", "か月"),
    # Variants
    "variants.title": (
        "The {top} most frequent of {all} paths cover {share} of the cases",
        "全{all}通りのうち上位{top}通りの流れで案件の{share}を占める",
    ),
    "variants.title.all": ("All {all} paths of these cases", "全{all}通りの流れ"),
    "variants.title.single": ("The path of one case", "1件の流れ"),
    "variants.title.one": ("All {cases} take one path", "{cases}すべてが同じ流れをたどる"),
    "variants.note.places": (
        "One row per path. Darker = usually later in a case; ↺ (orange) = a step done again; "
        "×3 = three times in a row.",
        "1行が1つの流れ。色が濃いほど後で行われることが多い。↺(橙)はやり直し、×3は3回連続。",
    ),
    "variants.note": (
        "One row per path. Darker = later in the process; ↺ (orange) = a step done again; ×3 = three times in a row.",
        "1行が1つの流れ。色が濃いほど後の工程。↺(橙)はやり直し、×3は3回連続。",
    ),
    "variants.cases": ("Cases", "件数"),
    "variants.share": ("Share", "割合"),
    "variants.median": ("Median", "中央値"),
    "variants.path": ("Path", "流れ"),
    "variants.cut": ("+{n} more [n?step|steps]", "ほか{n}手順"),
    # Funnel
    "funnel.title": (
        "{last} of {first} get to {milestone}; the steepest drop is before {worst}, where {rate} drop out",
        "{first}中{last}が「{milestone}」に到達。最も落ち込むのは「{worst}」の手前で、{rate}が離脱",
    ),
    "funnel.title.plain": ("{last} of {first} get to {milestone}", "{first}中{last}が「{milestone}」に到達"),
    "funnel.note": (
        "Cases that reached each milestone. Between them: how many of the previous one go on, and "
        "the median time it takes. "
        "Hatched: still open there, may yet go on. Who skips a milestone has not dropped out.",
        "各段階に到達した案件数。段階の間は、前の段階から進んだ割合と所要日数の中央値。斜線は進行中(今後進む可能性あり)。段階の省略は離脱に含めない。",
    ),
    "funnel.step": ("{rate} go on, {time}", "{rate}が進む・{time}"),
    "funnel.step.untimed": ("{rate} go on", "{rate}が進む"),
    # Throughput
    "throughput.title": (
        "{started} started, {won} won, {lost} lost; {open} are undecided at the end",
        "開始{started}、受注{won}、失注{lost}。期末の未決着は{open}",
    ),
    "throughput.title.started": (
        "{started} started; the data hold no won or lost deal",
        "開始{started}(受注・失注の記録なし)",
    ),
    "throughput.note": (
        "Cases per month; undecided are open deals and open leads.",
        "月ごとの案件数。未決着は進行中の商談とリード。",
    ),
    "throughput.partial": (
        "The last month ({month}) is not complete: hollow marks.",
        "最終月({month})は途中まで(白抜き)。",
    ),
    "throughput.started": ("started", "開始"),
    "throughput.won": ("won", "受注"),
    "throughput.lost": ("lost", "失注"),
    "throughput.open": ("undecided at the end of the month", "月末の未決着"),
    # Dotted chart
    "dotted.title": ("Every event of {cases}, {start} to {end}", "{cases}の全イベント({start}〜{end})"),
    "dotted.note": (
        "One line per case, first started at the top; one dot per event, darker = later in the process.",
        "1行が1案件(上ほど開始が早い)、点が1イベント。色が濃いほど後の工程。",
    ),
    "dotted.sample": ("An even sample: {shown} of {all}.", "{all}から等間隔に抽出した{shown}件。"),
    "others": ("others", "その他"),
    "dotted.other": ("other", "その他"),
    "dotted.cases": ("cases, by start", "案件(開始順)"),
    # Tables
    "start": ("(start)", "(開始)"),
    "end": ("(end)", "(終了)"),
    "no_rows": ("No rows.", "該当する行はありません。"),
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
    # Filter panel
    "filters": ("Filters", "絞り込み"),
    "filters.started": ("Started", "開始月"),
    "filters.outcome": ("Outcome", "結果"),
    "filters.missing": ("(none)", "(なし)"),
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
    # Outcomes
    "status.open": ("open", "進行中"),
    "status.won": ("won", "受注"),
    "status.lost": ("lost", "失注"),
    "status.paid": ("paid", "入金済み"),
    # Slowest steps
    "steps.title": ("{share} of all waiting is from {step}", "待ち時間の{share}は「{step}」"),
    "steps.note": (
        "Days that all cases together spend on each step, as a share of all days; beside it how long one case takes "
        "and how many cases go that way.",
        "全案件が各ステップで費やした延べ日数の割合。右は1件あたりの中央値と件数。",
    ),
    "steps.facts": ("median {median}, {cases}", "中央値{median}・{cases}"),
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
    # Process map
    "map.title": ("Process map", "プロセスマップ"),
    "map.start": ("Start", "開始"),
    "map.end": ("End", "終了"),
    "map.times": ("median {median}, mean {mean}, 90 % within {p90}", "中央値{median}、平均{mean}、90 %が{p90}以内"),
    "map.total": ("{total} in all", "合計{total}"),
    "map.amount": ("deals worth {amount}", "案件金額の合計{amount}"),
    "map.legend.total_days": (
        "Boxes: events. Paths: days of all cases together · cases. Orange: back to an earlier activity.",
        "箱: イベント数。矢印: 全案件の延べ日数・案件数。橙色: 手戻り。",
    ),
    "map.legend.amount": (
        "Boxes: events. Paths: amount of the deals · cases. Orange: back to an earlier activity.",
        "箱: イベント数。矢印: 案件金額の合計・案件数。橙色: 手戻り。",
    ),
    "map.caption": (
        "{cases}. Shown: {shown} of {all} activities ({events} of events), {paths} of {all_paths} paths "
        "({steps} of steps).",
        "{cases}。表示: 活動{all}種中{shown}種(イベントの{events})、経路{all_paths}本中{paths}本(遷移の{steps})。",
    ),
    "map.desc": (
        "Process map of {cases}: {shown} of {all} activities, {paths} of {all_paths} paths ({steps} of steps).",
        "{cases}のプロセスマップ: 活動{all}種中{shown}種、経路{all_paths}本中{paths}本(遷移の{steps})。",
    ),
    "map.legend.cases": (
        "Boxes: events. Paths: cases · median time. Orange: back to an earlier activity.",
        "箱: イベント数。矢印: 案件数・所要時間の中央値。橙色: 手戻り。",
    ),
    "map.legend.events": (
        "Boxes: events. Paths: times taken · median time. Orange: back to an earlier activity.",
        "箱: イベント数。矢印: 遷移回数・所要時間の中央値。橙色: 手戻り。",
    ),
    "map.legend.median_days": (
        "Boxes: events. Paths: median time · cases. Orange: back to an earlier activity.",
        "箱: イベント数。矢印: 所要時間の中央値・案件数。橙色: 手戻り。",
    ),
    "map.legend.mean_days": (
        "Boxes: events. Paths: mean time · cases. Orange: back to an earlier activity.",
        "箱: イベント数。矢印: 所要時間の平均・案件数。橙色: 手戻り。",
    ),
    "map.legend.p90_days": (
        "Boxes: events. Paths: time within which 90 % are done · cases. Orange: back to an earlier activity.",
        "箱: イベント数。矢印: 90 %が完了するまでの時間・案件数。橙色: 手戻り。",
    ),
    # Conclusions
    "story.win": (
        "Of the decided deals, {value} are won ({interval}; {cases} [cases?deal|deals]).",
        "決着した案件のうち受注は{value}です({interval}、{cases}件)。",
    ),
    "story.cycle": (
        "Half of the deals are decided within {value} of their creation ({interval}), open ones counted as open.",
        "商談の半数は作成から{value}以内にクローズします({interval})。進行中の商談は、これまでの経過日数を含めて計算しています。",
    ),
    "story.cash": (
        "From the first contact to the money, the median is {value} ({interval}).",
        "最初の接点から入金までの中央値は{value}です({interval})。",
    ),
    "story.late": (
        "{value} of the invoices are paid late ({interval}; {cases} [cases?invoice|invoices]).",
        "請求書の{value}は支払いが遅れています({interval}、{cases}件)。",
    ),
    "about.log": ("Event log: {facts}", "イベントログ：{facts}"),
    "about.of": ("{n} of {total}", "{total}のうち{n}"),
    "about.period": ("{start} to {end}", "{start}〜{end}"),
    "story.none": (
        "These cases cannot tell how many deals are won, how long they take or when they are paid; the map, the paths and the waits are shown as they are.",
        "これらの案件からは受注率、所要日数、支払い遅延がわかりません。マップ、流れ、待ち時間はそのまま表示しています。",
    ),
    "story.delays": (
        "The longest {n} [n?step holds|steps hold] {share} of all case-days:",
        "延べ日数の{share}は、次の{n}つのステップが占めています。",
    ),
    "story.delay": (
        "{step}: {share} of all case-days ({total}); median {median}, {cases} [cases?case|cases].",
        "{step}：延べ日数の{share}({total})、中央値{median}、{cases}件。",
    ),
    "story.no_steps": (
        "No case has two events, so there are no steps to time.",
        "2つ以上のイベントを持つ案件がありません。",
    ),
    "story.next.none": (
        "Nothing was found that is sure and large enough to act on; more cases, or more that is known of them, may change "
        "that.",
        "対処すべきほど確かで大きな問題は見つかりませんでした。件数や項目が増えれば変わる可能性があります。",
    ),
    "story.next.measure": (
        "Before changing anything, write down what will be measured, from which day and for how long: step 6 needs it.",
        "変更の前に、何をいつからどれだけの期間測るかを決めてください。ステップ6で使います。",
    ),
    "no_path": (
        "No case has come to a good end, so there is no such path.",
        "完了した案件がないため、標準的な流れはありません。",
    ),
    "saved": ("Saved as {name}.", "{name} として保存しました。"),
    "story.sum.right": ("{parts} = {whole}: the parts add up.", "{parts} = {whole}：合計は一致します。"),
    "story.sum.wrong": (
        "{parts} ≠ {whole}: the parts do not add up; do not use these figures.",
        "{parts} ≠ {whole}：合計が一致しません。この数値は使わないでください。",
    ),
    "bpmn.caption": (
        "Fitness {fitness}, precision {precision}; measured on the paths of {covered} of the cases.",
        "適合度 {fitness}、精度 {precision}(案件の{covered}の流れで測定)。",
    ),
}
