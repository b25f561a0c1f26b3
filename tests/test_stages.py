"""A stage's label says won, lost or neither, in the words of many languages and organisations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.words import vocabulary
from l2c.words.stages import stage_label, stage_outcome

WON = """
Closed Won | closed_won | ClosedWon | CLOSED WON | Closed-Won | Won | Win | Won! | Closed Won - Renewal | Closed-Won-Renewal
7 - Closed Won | 07. Closed Won | 7) Won | 100% Closed Won | Closed Won (100%) | Closed Won 100 % | S7: Closed Won | A - Won | [7] Won
Closed/Won | Closed: Won | Stage: Closed Won | Deal won | Opportunity Won | Won - upsell | Won (new business) | Closed Won - Competitor X
Won against competitor | Closed successfully | Closed Won - pending paperwork | Won with discount | ✅ Won | Sold | Closed - Win | VII. Won
06 Gewonnen | Geschlossen/gewonnen | Geschlossen und gewonnen | Abgeschlossen - gewonnen | Auftrag gewonnen | Erfolgreich abgeschlossen | Auftrag erhalten
Fermée gagnée | Fermé / Gagné | Clôturée gagnée | Affaire gagnée | Gagnée (100 %) | Conclue avec succès | 5. Gagné
Cerrada ganada | Cerrado/Ganado | Ganada | Cierre ganado | Cerrada con éxito | Oportunidad ganada | 8 - Ganado
Fechado e ganho | Fechada/Ganha | Ganho | Fechado com sucesso | Negócio ganho
Chiusa con successo | Chiuso vinto | Chiusa/Vinta | Vinta | Opportunità vinta
Gesloten - gewonnen | Gesloten/gewonnen | Gewonnen | Opdracht gewonnen | Afgesloten, gewonnen
受注 | 06.受注 | クローズ受注 | 受注済み | 成立 (Closed Won) | 完了（受注） | 受注（年間契約） | A：受注 | ⑥受注 | 商談成立 | 成約 | クローズ（受注）
赢单 | 已成交 | 已结束并赢得客户 | 关闭-赢单 | 5.赢单 | 贏單 | 已結束並贏得 | 成交 | 中标 | 得標 | 赢单（100%）
성사 | 성사됨 | 수주 | 수주 완료 | 마감됨 - 성사 | 계약 성사 | 종료(성공) | 7. 수주
Wygrana | Vunnen | Kazanıldı | Выиграна
"""
LOST = """
Closed Lost | closed_lost | LOST | Loss | 8 - Closed Lost | 0% Closed Lost | Closed Lost (0%) | Lost - No budget | Closed/Lost | Lost: price | Lost (price)
Closed Lost - Not interested | Lost to competitor | Lost due to price | Won by competitor | Closed - Won by competitor | Competitor won | Closed Lost Price
Lost - pending budget | Lost in negotiation | Lost Opportunity | 9. Lost – won by competition | Closed - Unsuccessful | Lost/No decision | Closed Lost - Duplicate
Verloren | Geschlossen/verloren | 07 Verloren | Verloren (Preis) | Verloren an Wettbewerber | Auftrag verloren | Gewonnen durch Wettbewerber | Verlust
Fermée perdue | Perdu | Perdue - prix | Perdu au profit d'un concurrent | Clôturé/Perdu | Affaire perdue
Cerrada perdida | Perdida | Cerrado/Perdido | Perdida por precio | 9 - Perdido
Fechado e perdido | Perdido | Fechada/Perdida
Chiusa persa | Chiuso perso | Persa | Chiusa senza successo | Persa per prezzo
Gesloten - verloren | Verloren aan concurrent | Verloren - prijs
失注 | 失注（価格） | 不成立 | クローズ失注 | 他社受注 | 競合受注 | F.失注 | 完了（失注） | 失注：予算なし | 競合他社が受注
输单 | 丢单 | 已关闭-输单 | 关闭失败 | 輸單 | 失單 | 输单（价格） | 已結束並失敗
실패 | 실주 | 수주 실패 | 마감됨 - 실패 | 계약 실패 | 실패(가격)
Przegrana | Förlorad | Kaybedildi | Проиграна
"""
NEITHER = """
Negotiation/Review | Engaging | Prospecting | Closed | 受注見込 | Closed - Not Converted | 3 - Talks | 6 - Signed | Proposal | 90% Commit
Not lost yet | Not yet won | Win plan | Win-back | Prospect won back | Lost - won back | Won't proceed | Won or lost | Won/Lost | Win/Loss review | Win strategy
Verbally won | Won (verbal) | Won - PO pending | Verbal win | Expected to win | Likely lost | Lost contact | At risk of being lost | Lost, reopened | Lost & found
Verlustanalyse | Gewinnplan | Noch nicht verloren | Mündlich gewonnen | Gewonnen (mündlich) | Geschlossen | Verhandlung | Gewinnung | Zurückgewonnen
En négociation | Fermée | À gagner | Plan pour gagner | Análisis de pérdida | Por ganar | Em negociação | Da vincere | Analisi persa | Onderhandeling
受注予定 | 受注内示 | 失注リスク | 失注復活 | 受注前 | 受注（見込） | 受注確度A | 提案 | 预计赢单 | 赢单计划 | 谈判 | 수주 예정 | 수주예상 | 협상 | 완료 | 已关闭
"""
GIVEN_UP = """
Dead | Dead / Omitted | No decision | Closed - No Decision | Duplicate | Abandoned | 8 - Disqualified | Omitted | Cancelled by customer | Closed/Duplicate
Keine Entscheidung | Abgebrochen | Sans suite | Abandonnée | Descartada | Cancelado | Annullata | Geannuleerd | 見送り | 取消 | 취소 | 0% Dead
"""
WAITING = "On hold | 5 - On Hold | Stalled | Zurückgestellt | En attente | En espera | In attesa | 保留 | 搁置 | 보류 | Postponed to next year | 延期"


def labels(text):
    return [label.strip() for line in text.strip().splitlines() for label in line.split(" | ")]


@pytest.mark.parametrize("label", labels(WON))
def test_a_label_says_won(label):
    assert stage_label(label) == ("won", "word")


@pytest.mark.parametrize("label", labels(LOST))
def test_a_label_says_lost(label):
    assert stage_label(label) == ("lost", "word")


@pytest.mark.parametrize("label", labels(NEITHER))
def test_a_label_says_neither(label):
    assert stage_outcome(label) is None


@pytest.mark.parametrize("label", labels(GIVEN_UP))
def test_what_was_given_up_without_a_decision_is_lost_by_a_rule(label):
    assert stage_label(label) == ("lost", "rule")


@pytest.mark.parametrize("label", labels(WAITING))
def test_what_was_put_off_is_open(label):
    assert stage_label(label) == (None, "waiting")


@pytest.mark.parametrize(
    "label", ["Closed", "4. Closed", "Geschlossen", "Fermée", "Cerrada", "完了", "已关闭", "마감됨", "Closed - Other"]
)
def test_a_label_that_says_closed_and_not_how_is_known_as_such(label):
    assert stage_label(label) == (None, "closed")


@given(st.text())
def test_any_label_can_be_looked_at(text):
    assert stage_outcome(text) in {None, "won", "lost"}


def test_every_word_of_the_vocabulary_says_what_it_stands_for():
    stages = vocabulary.entries("stages")
    assert {stage_outcome(word) for word in stages["won"]} == {"won"}
    assert {stage_outcome(word) for word in stages["lost"]} == {"lost"}
    assert {stage_label(word) for word in stages["given_up"]} == {("lost", "rule")}
    assert {stage_label(word) for word in stages["waiting"]} == {(None, "waiting")}
