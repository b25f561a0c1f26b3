"""Phrases of the charts about causes, rules, reps, discounts, bottlenecks, cohorts and the journey."""

# Name: (English, Japanese). What stands in braces is filled in, already formatted, by `phrases.say`.
PHRASES: dict[str, tuple[str, str]] = {
    # Causes
    "causes.title": (
        "{group}: {what} {effect} after adjusting",
        "{group}:{what} {effect}(調整後)",
    ),
    "causes.none": (
        "No difference between groups of cases could be shown",
        "案件のグループ間に差は確認できない",
    ),
    "causes.note": (
        "Filled dot: difference to comparable cases, with its 95 % interval; hollow dot: the plain difference before "
        "adjusting. Orange: worse; blue: better. Associations, not proof.",
        "塗りつぶしの点は同条件の案件との差(線は95%信頼区間)、白抜きの点は調整前の差。橙は悪化、青は改善。"
        "関連であり因果の証明ではない。",
    ),
    "causes.days": ("days per case", "1件あたり日数"),
    "causes.points": ("percentage points", "ポイント"),
    "causes.lost": ("{lost} in all; {cases}", "合計{lost}、{cases}"),
    # Rules
    "compliance.title": (
        "{rule}: {share} of the cases it applies to ({interval})",
        "「{rule}」は対象案件の{share}({interval})",
    ),
    "compliance.kept": (
        "Rules that can be judged: {judged} of {all}; none of them is broken",
        "判定できる規則は{all}件中{judged}件。いずれも違反なし",
    ),
    "compliance.unjudged": (
        "None of the {all} rules can be judged by this log",
        "{all}件の規則はいずれも、このログでは判定できない",
    ),
    "compliance.no_rules": ("There is no rule to judge these cases by", "判定に使う規則がない"),
    "compliance.note": (
        "Share of the applicable cases that break each rule, with its 95 % interval. What cannot be judged, or is still "
        "open, counts as neither.",
        "各規則の対象案件に占める違反の割合(線は95%信頼区間)。判定できない案件・進行中の案件は含めない。",
    ),
    "compliance.facts": ("{count} of {of}", "{of}件中{count}件"),
    "compliance.unknown": ("{n} cannot be judged", "判定不能{n}件"),
    "compliance.pending": ("{n} pending", "未確定{n}件"),
    "compliance.unrecorded": ("nothing on record to judge it by", "判定に必要な記録なし"),
    "compliance.join": (", ", "、"),
    # Reps
    "reps.title": (
        "{n} of {all} reps [n?differs|differ] from the average beyond doubt, the mix of deals taken into account",
        "案件構成を考慮すると、平均と明らかに異なる担当者は{all}人中{n}人",
    ),
    "reps.title.none": (
        "No rep differs from the average beyond doubt, the mix of deals taken into account",
        "案件構成を考慮すると、平均と明らかに異なる担当者はいない",
    ),
    "reps.note": (
        "{measure}: difference to the average rep with the same deals, drawn towards zero by how little is known; line: "
        "95 % interval. Hollow: before adjusting. Not adjusted for what the log does not hold: no ground to judge a person.",
        "{measure}:同じ案件を平均的な担当者が扱った場合との差(情報が少ないほど0に縮小、線は95%信頼区間)。白抜きは調整前。"
        "ログにない要因は未調整のため、個人の評価には使わないこと。",
    ),
    "reps.none": (
        "Too few to compare reps: at least two of them need 20 cases each that are old enough to be judged; and where only "
        "a few people work, pages compare none of them",
        "担当者を比較できない(判定できる案件が20件以上ある担当者が2人以上必要。人数が少ない場合は比較を表示しない)",
    ),
    "reps.cases": ("{n} [n?case|cases]", "{n}件"),
    # Due dates
    "due_dates.title": (
        "{due} is late most often: {share} ({late} of {n})",
        "最も遅れやすいのは「{due}」:{share}({n}件中{late}件)",
    ),
    "due_dates.title.none": ("Everything that was due came in time", "期日があるものはすべて期日内"),
    "due_dates.note": (
        "Days before (blue) or after (orange) the due day. Line: half of them; darkest box: the middle half; each paler "
        "one: half of what is left. What is open and overdue counts up to the export; what is not due yet does not count.",
        "期日より前(青)または後(橙)の日数。縦線は中央値、最も濃い箱は中央の半数、薄くなるごとに残りの半数。期日を過ぎた未完了は"
        "出力日までの日数で数え、期日前のものは含まない。",
    ),
    "due_dates.axis": ("days late", "遅延日数"),
    "due_dates.late": ("{share} late", "{share} 遅延"),
    "due_dates.of": ("of {n}", "{n}件中"),
    "due_dates.none": (
        "Nothing on record was due yet: this log holds no step that a due date is set for",
        "期日を判定できる記録がない(期日が設定されたステップがこのログにない)",
    ),
    # Discounts
    "discounts.raises": (
        "More discount goes with more wins: {effect} points per point ({interval})",
        "割引が大きいほど受注率が高い:1ポイントあたり{effect}ポイント({interval})",
    ),
    "discounts.lowers": (
        "More discount goes with fewer wins: {effect} points per point ({interval})",
        "割引が大きいほど受注率が低い:1ポイントあたり{effect}ポイント({interval})",
    ),
    "discounts.none": (
        "No effect of discounts on winning was found: {effect} points per point ({interval})",
        "割引が受注に寄与した効果は確認できない:1ポイントあたり{effect}ポイント({interval})",
    ),
    "discounts.unknown": (
        "Whether discounts win deals cannot be judged from these data",
        "割引が受注に寄与したかは、このデータからは判定できない",
    ),
    "discounts.note": (
        "Grey: share won of the closed deals per band, as it stands (line: 95 %). Blue: adjusted for {attributes}. Bars: "
        "deals. {sensitivity}",
        "灰色は割引帯ごとの受注率(線は95%信頼区間)、青は{attributes}を調整した傾き。棒は商談数。{sensitivity}",
    ),
    "discounts.sensitivity": (
        "An unseen factor would have to explain {robust} of what is left of both to undo it; the strongest in the log, "
        "{name}, explains {strongest}.",
        "この結果を覆すには、未観測の要因が双方の残差の{robust}を説明する必要がある(ログ中最強の{name}は{strongest})。",
    ),
    "discounts.axis": ("discount", "割引率"),
    "discounts.won": ("won", "受注率"),
    # Bottlenecks
    "bottlenecks.title": ("{step} holds {share} of all days", "「{step}」が全日数の{share}を占める"),
    "bottlenecks.title.part": (
        "{step} holds {share} of all days; {part} of them: {who}",
        "「{step}」が全日数の{share}を占める(うち{part}は{who}待ち)",
    ),
    "bottlenecks.note": (
        "Days summed over all cases, by what they consist of. Right: days saved if all reached the level of the best "
        "quarter with the same deals (95 % interval). {note}",
        "全案件の延べ日数と内訳。右は全員が同条件で上位4分の1の水準に達した場合の短縮日数(95%信頼区間)。{note}",
    ),
    "bottlenecks.no_actors": (
        "The log names nobody, so what is not the customer's is unexplained.",
        "実行者の記録がないため、顧客待ち以外の内訳は不明。",
    ),
    "bottlenecks.gain": ("gain {days} ({low} to {high})", "短縮{days}({low}～{high})"),
    "waits.customer": ("customer", "顧客"),
    "waits.approver": ("approver", "承認者"),
    "waits.team": ("own team", "自社チーム"),
    "waits.batching": ("batching", "まとめ処理"),
    "waits.queue": ("queue", "順番待ち"),
    "waits.off_duty": ("nights and free days", "夜間・休日"),
    "waits.unexplained": ("work or unexplained", "作業・不明"),
    # Cohorts
    "conversion.title": (
        "{value} of the leads reach {milestone} within {days} days; by group {low} to {high}",
        "リードの{value}が{days}日以内に「{milestone}」に到達(グループ別 {low}～{high})",
    ),
    "conversion.title.one": (
        "{value} of the leads reach {milestone} within {days} days",
        "リードの{value}が{days}日以内に「{milestone}」に到達",
    ),
    "conversion.note": (
        "Share that gets there within so many days of its creation, with its 95 % interval; open leads count for as long "
        "as they were watched. A cohort too young to tell has no dot.",
        "作成から所定日数内に到達した割合(線は95%信頼区間)。進行中のリードは観察できた日数分を反映。新しすぎる月は点なし。",
    ),
    "conversion.within": ("within {n} days", "{n}日以内"),
    # Journey
    "journey.title": ("{phase} takes {share} of the time on record", "記録された日数の{share}は「{phase}」"),
    "journey.note": (
        "Days summed over all cases, by phase and by whom is waited for. Right: days per case, and how often the work "
        "changed hands.",
        "全案件の延べ日数(フェーズ別・待ち先別)。右は1件あたり日数と担当の引き継ぎ回数。",
    ),
    "journey.facts": ("{days} per case", "1件あたり{days}"),
    "journey.handovers": ("{days} per case, {n} [n?handover|handovers]", "1件あたり{days}、引き継ぎ{n}回"),
    "journey.other": ("Other", "その他"),
    # Slowest steps
    "steps.title": ("{share} of all waiting is from {step}", "待ち時間の{share}は「{step}」"),
    "steps.note": (
        "Days that all cases together spend on each step, as a share of all days; beside it how long one case takes "
        "and how many cases go that way.",
        "全案件が各ステップで費やした延べ日数の割合。右は1件あたりの中央値と件数。",
    ),
    "steps.facts": ("median {median}, {cases}", "中央値{median}・{cases}"),
    # Rework
    "rework.title": (
        "{share} of the orders are right the first time ({interval}); done again most often: {kind}, {worst}",
        "注文の{share}は一度で正しく処理({interval})。最も多いやり直しは「{kind}」の{worst}",
    ),
    "rework.title.kind": (
        "Done again most often: {kind}, {worst} ({interval})",
        "最も多いやり直しは「{kind}」の{worst}({interval})",
    ),
    "rework.title.none": ("Nothing on record was done twice", "記録された範囲ではやり直しは見られない"),
    "rework.title.unknown": (
        "Too little is on record to judge what was done twice",
        "記録が少なく、やり直しは判断できない",
    ),
    "rework.title.groups": (
        "{kind}: {share} with {worst} ({interval}), {rest} elsewhere",
        "「{kind}」は{worst}で{share}({interval})、ほかは{rest}",
    ),
    "rework.title.alike": (
        "{kind}: no clear difference between these groups ({low} to {high})",
        "「{kind}」にグループ間の明確な差は見られない({low}～{high})",
    ),
    "rework.note": (
        "Share of what is old enough to be judged, with 95 % interval. Only what was done again on the same order, "
        "quote or invoice counts; several orders of one deal do not.",
        "判定に十分な期間が過ぎたものに占める割合と95%信頼区間。同じ注文・見積・請求書でのやり直しだけを数え、一つの商談の複数の注文は含まない。",
    ),
    "rework.note.groups": (
        "By {attribute}: share of what is old enough to be judged, with 95 % interval. Not adjusted for other differences.",
        "{attribute}別。判定に十分な期間が過ぎたものに占める割合と95%信頼区間。他の要因は未調整。",
    ),
}
