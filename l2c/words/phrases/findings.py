"""Phrases of the conclusions and findings that open the report."""

# Name: (English, Japanese). What stands in braces is filled in, already formatted, by `phrases.say`.
PHRASES: dict[str, tuple[str, str]] = {
    "findings.lead": (
        "What stands out, the most at stake first",
        "特に目立つ点(影響の大きい順)",
    ),
    "findings.none.groups": (
        "Nothing stands out: no group was found to differ by more than chance explains. In so many cases ({cases}), "
        "smaller differences may well exist and stay unseen.",
        "特に目立つ点はありません。偶然の範囲を超えて異なるグループは見つかりませんでした。"
        "ただし、この件数({cases})では小さな差は検出できない可能性があります。",
    ),
    "findings.none.few": (
        "Groups of so few cases ({cases}) cannot be compared: each needs 20.",
        "件数が少なく({cases})、グループを比較できません(各グループに20件以上必要です)。",
    ),
    "findings.none.attributes": (
        "Cases cannot be compared in groups: the file holds nothing that tells them apart, such as region or product.",
        "地域や製品など、案件を分ける項目がないため、グループを比較できません。",
    ),
    "findings.rules.unjudged": (
        "None of the {all} rules can be judged from this file, which holds {activities}.",
        "{all}件の規則はいずれも、このファイルからは判定できません(記録があるのは{activities})。",
    ),
    "findings.rules.kept": ("{said}.", "{said}。"),
    "findings.more": ("{names} and {n} more", "{names}ほか{n}種"),
    "findings.group": ("{attribute} {value}", "{attribute}「{value}」"),
    "findings.and": ("{one} with {other}", "{one}かつ{other}"),
    "findings.days": (
        "{group}: {step} takes {effect} longer per case than for comparable cases ({interval}; {cases}), "
        "{total} in all{money}.",
        "{group}:「{step}」は同条件の案件より1件あたり{effect}長い({interval}、{cases})。合計{total}{money}。",
    ),
    "findings.money": (", about {money} in cost of capital", "、資金コスト約{money}"),
    "findings.win_rate": (
        "{group}: {effect} fewer of the closed deals are won than of comparable ones ({interval}; {cases}), "
        "about {lost} [lost?deal|deals]{money}.",
        "{group}:受注率は同条件の商談より{effect}低い({interval}、{cases})。約{lost}件の受注減{money}。",
    ),
    "findings.lead_conversion_rate": (
        "{group}: {effect} fewer of the leads become an opportunity than of comparable ones ({interval}; {cases}), "
        "about {lost} [lost?lead|leads]{money}.",
        "{group}:商談化率は同条件のリードより{effect}低い({interval}、{cases})。約{lost}件の商談減{money}。",
    ),
    "findings.worth": (", worth about {money}", "(約{money}相当)"),
    "findings.rate": (
        "{group}: {kpi} is {effect} higher than for comparable cases ({interval}; {cases}), about {lost} [lost?case|cases].",
        "{group}:{kpi}は同条件の案件より{effect}高い({interval}、{cases})。約{lost}件。",
    ),
    "findings.raw.larger": (
        " As it stands the difference is {raw}: the mix of cases accounts for the rest.",
        "調整前の差は{raw}で、残りは案件構成の違いによる。",
    ),
    "findings.raw.smaller": (
        " The plain figures show only {raw}: these are otherwise cases of a kind that does better.",
        "単純な差は{raw}にとどまるが、もともと条件の良い案件が多いためである。",
    ),
    "findings.raw.opposite": (
        " The plain figures show them better by {raw}: these are otherwise cases of a kind that does better.",
        "単純に比べると{raw}良く見えるが、もともと条件の良い案件が多いためである。",
    ),
    "findings.adjusted": (
        " Associated with it after adjusting for {attributes}; not proof of a cause.",
        "{attributes}を調整後の関連であり、因果関係の証明ではない。",
    ),
    "findings.echoes": (" The same cause shows in {echoes}.", "同じ要因は{echoes}にも現れている。"),
    "findings.bottleneck": (
        "{step}: if everybody reached the level of the best quarter with the same cases, {total} would be saved "
        "({interval}){money}.",
        "「{step}」:全員が同条件で上位4分の1の水準に達すれば、{total}短縮できる({interval}){money}。",
    ),
    "findings.rule": (
        "{rule}: {cases}, {share} of those it applies to ({interval}){money}.",
        "{rule}:{cases}、対象案件の{share}({interval}){money}。",
    ),
    "findings.exposed": (", {money} in amounts", "、金額{money}"),
    "findings.discount.none": (
        "No effect of discounts on winning was found: {effect} points per point of discount ({interval}; {cases}). "
        "Won deals got {money} ({share} of list price) more discount than comparable ones.",
        "割引が受注に寄与した効果は確認できない:割引1ポイントあたり{effect}ポイント({interval}、{cases})。"
        "受注商談では同条件の商談より{money}(定価の{share})多く割引している。",
    ),
    "findings.discount.lowers": (
        "More discount goes with fewer wins: {effect} points per point of discount ({interval}; {cases}). "
        "Won deals got {money} ({share} of list price) more discount than comparable ones.",
        "割引が大きいほど受注率が低い:割引1ポイントあたり{effect}ポイント({interval}、{cases})。"
        "受注商談では同条件の商談より{money}(定価の{share})多く割引している。",
    ),
    "findings.receivable": (
        "{money} of receivables is overdue, {share} of what is open.",
        "売掛金のうち{money}が期日超過(未回収額の{share})。",
    ),
    "findings.next": ("Check next: {check}", "次に確認:{check}"),
    # What to do next
    "next.days": (
        "{group}, {kpi}: find out what takes these cases {total} longer in all than comparable ones ({interval}). First, {check}",
        "{group}の「{kpi}」:同条件の案件より合計{total}長い理由を調べる({interval})。{check}",
    ),
    "next.rate": (
        "{group}, {kpi}: find out why about {lost} of {cases} go otherwise than comparable ones. First, {check}",
        "{group}の「{kpi}」:{cases}中約{lost}件が同条件の案件と異なる理由を調べる。{check}",
    ),
    "next.bottleneck": (
        "{kpi}: bring all to the level of the best quarter; with the same cases that would save {total} ({interval}). "
        "First, {check}",
        "「{kpi}」:全員を上位4分の1の水準に近づける。同条件で{total}の短縮に相当({interval})。{check}",
    ),
    "next.rule": (
        "{kpi}: look at the {cases} that break the rule. First, {check}",
        "「{kpi}」:規則に反する{cases}を確認する。{check}",
    ),
    "next.discount": (
        "Discounts: {money} more than comparable deals got was given to deals that were won. First, {check}",
        "割引:受注商談では同条件の商談より{money}多く割引している。{check}",
    ),
    "next.receivable": (
        "Overdue receivables: {money} could be asked for. First, {check}",
        "期日超過の売掛金は{money}。{check}",
    ),
    "check.time": (
        "open five of the slowest cases of this group in Salesforce and ask what each waited for.",
        "このグループで最も遅い5件をSalesforceで開き、何を待っていたかを確認する。",
    ),
    "check.conversion": (
        "read ten leads of this group that went nowhere: wrong audience, late answer, or missing follow-up?",
        "このグループで商談化しなかったリード10件を読み、対象違い・対応遅れ・フォロー漏れのいずれかを見る。",
    ),
    "check.winning": (
        "compare the loss reasons of this group with those of comparable deals; look at the deals before the people.",
        "このグループの失注理由を同条件の商談と比べる。人より先に商談の中身を見る。",
    ),
    "check.payment": (
        "ask the customers with the largest open amounts what holds them up: invoice form, dispute, approval?",
        "未回収額の大きい顧客に、請求書の形式・係争・社内承認のどれが支払いを止めているかを尋ねる。",
    ),
    "check.rework": (
        "read five revised quotes: what changed, and could it have been known before?",
        "修正された見積5件を読み、何が変わったか、事前に分からなかったかを確認する。",
    ),
    "check.order_errors": (
        "read five corrected orders: which field was wrong, and who could have seen it first?",
        "修正された注文5件を読み、どの項目の誤りか、誰が先に気付けたかを確認する。",
    ),
    "check.discounts": (
        "try a lower limit in one region for a quarter and compare; data of the past cannot replace the trial.",
        "一地域で四半期だけ割引上限を下げて比較する。過去データは試行の代わりにならない。",
    ),
    "check.compliance": (
        "open five of these cases first: a broken rule is often a missing entry.",
        "まず該当案件を5件開く。規則違反は入力漏れであることが多い。",
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
    "story.sum.right": ("{parts} = {whole}: the parts add up.", "{parts} = {whole}：合計は一致します。"),
    "story.sum.wrong": (
        "{parts} ≠ {whole}: the parts do not add up; do not use these figures.",
        "{parts} ≠ {whole}：合計が一致しません。この数値は使わないでください。",
    ),
}
