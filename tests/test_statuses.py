"""What the status of a record says, in the words of ten languages."""

import pytest

from l2c.words import statuses


@pytest.mark.parametrize(
    ("state", "words"),
    {
        "draft": "Draft Entwurf Brouillon Borrador Rascunho Bozza Concept 下書き 草稿 초안",
        "sent": "Sent Versendet Envoyée Enviada Emitido Inviata Verzonden 送付済み 已发送 발송됨",
        "paid": "Paid Bezahlt Payée Pagada Paga Pagata Betaald 入金済 已付款 완납",
        "failed": "Failed Fehlgeschlagen Échoué Fallido Falhou Fallito Mislukt 失敗 支付失败 실패",
        "cancelled": "Canceled Storniert Annulée Anulada Cancelado Annullata Geannuleerd キャンセル済み 已取消 취소됨",
        "void": "Voided Ungültig Invalidée Invalidada Invalidado Invalidata Ongeldig 無効化 作废 무효",
        "accepted": "Accepted Angenommen Acceptée Aceptado Aceito Accettato Geaccepteerd 承諾 已接受 수락됨",
        "rejected": "Rejected Abgelehnt Rejeté Rechazado Rejeitado Respinto Afgewezen 却下済み 已驳回 반려",
        "fulfilled": "Delivered Geliefert Livré Entregado Entregue Consegnato Geleverd 納品済み 已交付 배송됨",
        "activated": "Activated Aktiviert Activé Activado Ativado Attivato Geactiveerd 有効化済み 已激活 활성화됨",
        "overdue": "Overdue Überfällig Échu Vencida Vencido Scaduta Achterstallig 期限超過 逾期 연체",
    }.items(),
)
def test_each_state_is_known_in_ten_languages(state, words):
    assert [word for word in words.split() if state not in statuses.states(word)] == []


@pytest.mark.parametrize("word", ["  PAID ", "4 - Paid", "paid.", "ＰＡＩＤ", "Paid in Full"])
def test_how_a_status_is_written_does_not_count(word):
    assert "paid" in statuses.states(word)


@pytest.mark.parametrize("word", ["Rausgegangen", "Unpaid", "Not paid", "", "Prepaid card", "Paid?? no"])
def test_what_is_not_known_is_not_paid(word):
    assert "paid" not in statuses.states(word)


def test_a_beginning_tells_what_ends_a_lead():
    assert "disqualified" in statuses.states("Unqualified - no budget")
    assert "disqualified" not in statuses.states("Recycled")


def test_no_failure_or_draft_counts_as_money_or_as_sent():
    bad = {"draft", "failed", "cancelled", "pending"}
    good = {"paid", "received", "sent", "posted"}
    both = {
        w: s
        for rows in statuses._yaml().values()
        for row in rows
        for w in row
        if bad & (s := statuses.states(w)) and good & s
    }
    assert both == {}


def test_the_words_of_rules_and_lists_are_states():
    assert statuses.are(["Entwurf", "Paid"], ["paid"]) == ["Paid"]
    assert (statuses.named("<sent>"), statuses.named("Sent"), statuses.named(statuses.ABSENT)) == ("sent", None, None)
    assert statuses.is_english("Sent") and not statuses.is_english("Versendet")
    assert {"draft", "paid", "disqualified"} <= set(statuses.all_states())
