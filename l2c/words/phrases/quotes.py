"""Phrases of the charts about quotes, who waits for whom, and landmarks."""

PHRASES: dict[str, tuple[str, str]] = {
    "landmarks.days": ("{n} days", "{n}日"),
    # Quotes
    "quotes.title": (
        "The longest phase is {step}: half take more than {median}",
        "最も長いのは「{step}」で、半数は{median}より長くかかる",
    ),
    "quotes.note": (
        "Bar: median days, among those that get there; thin line: nine in ten are done. Open ones count for as long "
        "as they have waited; lost deals are allowed for.",
        "棒は到達したものの中央値、細線は9割が終わるまでの日数。進行中は待った日数まで、失注も考慮。",
    ),
    "quotes.facts": ("{whom} · {cases}", "{whom}・{cases}"),
    "quote_waits.title": (
        "{share} of the days between quote and contract wait for {whom}, {own} for our own team",
        "見積から契約までの日数の{share}は{whom}待ち、自社待ちは{own}",
    ),
    "quote_waits.title.own": (
        "{share} of the days between quote and contract wait for our own team",
        "見積から契約までの日数の{share}は自社待ち",
    ),
    "quote_waits.note": (
        "{days} of {cases}, from the first quote to the signed contract, the close of the deal or the day of the export.",
        "{cases}の延べ{days}(最初の見積から契約締結、商談の完了、または抽出日まで)。",
    ),
    "quote_waits.customer": ("the customer", "顧客"),
    "quote_waits.approver": ("an approver", "承認者"),
    # Landmarks
    "landmarks.title": (
        "Deals still waiting for acceptance after {days} are won in {waiting} of cases, those accepted by then in {accepted}",
        "{days}後も回答待ちの商談の受注率は{waiting}、それまでに受理された商談は{accepted}",
    ),
    "landmarks.title.none": (
        "Waiting for acceptance shows no clear link with winning",
        "見積の回答待ちと受注の間に明確な関連は見られない",
    ),
    "landmarks.title.few": (
        "Too few deals to tell what waiting for acceptance means for winning",
        "件数が少なく、回答待ちと受注の関係は判断できない",
    ),
    "landmarks.note": (
        "Deals open that many days after their first quote was sent, by whether it was accepted by then; share won "
        "within {horizon} from there (bars: 95 % interval). Not adjusted for segment or amount: "
        "those that wait differ in more than the wait.",
        "最初の見積発行からその日数後に進行中の商談を、それまでの受理の有無で区分し、その後{horizon}以内の受注率を示す(縦線は95%信頼区間)。"
        "セグメントや金額は未調整で、待ち以外の違いも含む。",
    ),
    "landmarks.axis": ("days since the quote was sent", "見積発行からの日数"),
    "landmarks.accepted": ("accepted by then", "それまでに受理"),
    "landmarks.waiting": ("still waiting", "まだ回答待ち"),
    "landmarks.won": ("share won", "受注率"),
}
