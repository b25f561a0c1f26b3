"""Phrases of the process map, variants, funnel, throughput, dotted chart and timeline of a case."""

PHRASES: dict[str, tuple[str, str]] = {
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
    "dotted.other": ("other", "その他"),
    "dotted.cases": ("cases, by start", "案件(開始順)"),
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
    # A model
    "bpmn.caption": (
        "Fitness {fitness}, precision {precision}; measured on the paths of {covered} of the cases.",
        "適合度 {fitness}、精度 {precision}(案件の{covered}の流れで測定)。",
    ),
    # The timeline of a case
    "timeline.title": ("{case}: {events} in {days}", "{case}：{days}で{events}"),
    "timeline.title.one": ("{case}: {events}", "{case}：{events}"),
    "timeline.wait": ("{days} later", "{days}後"),
    "timeline.longest": ("{days} later: the longest wait", "{days}後（最長の待ち）"),
    "timeline.open": ("{id} in Salesforce", "Salesforceで開く: {id}"),
    # The funnel
    "funnel.and": (" · ", "・"),
    "funnel.silent": ("{n} gone silent", "{n}件は音信不通"),
    "funnel.note.silent": (
        " Leads that have been silent longer than 99 % of those that went on count as dropped out ({n}).",
        "先に進んだものの99 %より長く動きのないリード({n}件)は離脱に数える。",
    ),
}
