"""Lists of other things than deals: what their rows say of deals, and what is left out by name."""

import pandas as pd
import pytest

import l2c
from l2c import diagnose, engine
from l2c.log import settlement
from l2c.words import lists
from l2c.words.errors import L2CError

DEALS = """Deal ID,Deal Name,Deal Stage,Amount,Create Date,Close Date,Order No
D-1,Alder,Closed Won,1000,2025-01-05,2025-02-20,SO-1
D-2,Birch,Closed Won,2000,2025-01-15,2025-02-21,SO-2"""


def folder(path, **files):
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, "utf-8")
    return path


def read(path, text, name="export", **options):
    folder(path, **{name: text})
    return l2c.read(path / f"{name}.csv", **options)


def told(log):
    """Case, activity and day of every event but those of deals."""
    events = engine.collect(log.events).astype({"case_id": str})
    events = events.sort_values(["case_id", "position"])
    events = events[~events["activity"].isin(["Opportunity Created", "Closed Won", "Closed Lost"])]
    return list(
        zip(events["case_id"], events["activity"].astype(str), events["time"].dt.strftime("%m-%d"), strict=True)
    )


def notes(log):
    return "\n".join(map(str, log.quality.notes))


STRIPE = """id,Amount Due,Amount Paid,Currency,Status,Date (UTC),Due Date (UTC),Paid At (UTC),opportunity_id (metadata)
in_1,1000.00,1000.00,usd,paid,2025-02-25 10:00,2025-03-27 10:00,2025-04-02 10:00,D-1
in_2,2000.00,0.00,usd,open,2025-02-26 10:00,2025-03-28 10:00,,D-2"""
FRENCH = """ID;Numéro de facture;Montant dû;Montant payé;Statut;Date de facturation;Date d'échéance;Payée le;ID de l'opportunité
in_1;F-1;1000,00;1000,00;payée;25/02/2025;27/03/2025;30/04/2025;D-1
in_2;F-2;2000,00;0,00;en retard;26/02/2025;28/03/2025;;D-2
in_3;F-3;500,00;0,00;brouillon;26/02/2025;28/03/2025;;D-3"""


def test_an_invoice_is_sent_on_its_date_and_paid_when_it_was_paid(tmp_path):
    log = read(tmp_path, STRIPE)
    assert told(log) == [
        ("D-1", "Invoice Sent", "02-25"),
        ("D-1", "Payment Received", "04-02"),
        ("D-2", "Invoice Sent", "02-26"),
    ]
    assert l2c.kpis(log).set_index("kpi").loc["invoice_to_payment_days", "value"] == 36
    events = engine.collect(log.events)
    assert events["invoice_amount"].sum() == 3000 and events["payment_amount"].sum() == 1000
    assert events["due_date"].dt.strftime("%m-%d").unique().tolist() == ["03-27", "03-28"]


def test_a_french_list_of_invoices_is_read_alike(tmp_path):
    log = read(tmp_path, FRENCH)
    assert told(log) == [
        ("D-1", "Invoice Sent", "02-25"),
        ("D-1", "Payment Received", "04-30"),
        ("D-2", "Invoice Sent", "02-26"),
    ]
    assert "Statut is brouillon (1)" in notes(log)


@pytest.mark.parametrize(
    ("header", "paid", "open_"),
    [
        ("Invoice No,Opportunity ID,Date,Status,Amount,Balance", "Paid", "Overdue"),
        ("請求番号,商談ID,請求日,ステータス,請求金額,未入金額", "入金済", "未入金"),
        ("Rechnungsnummer,Verkaufschance-ID,Rechnungsdatum,Status,Betrag,Offener Betrag", "Bezahlt", "Überfällig"),
    ],
)
def test_what_is_paid_on_no_known_day_is_neither_open_nor_paid(tmp_path, header, paid, open_):
    log = read(tmp_path, f"{header}\n1,D-1,2025-02-25,{paid},1000,0\n2,D-2,2025-02-26,{open_},2000,2000")
    assert told(log) == [("D-1", "Invoice Sent", "02-25"), ("D-2", "Invoice Sent", "02-26")]
    assert set(engine.collect(log.cases)["status"]) == {"open"}
    assert "no column says since when: 1." in notes(log)


def test_an_undated_payment_is_no_open_receivable(tmp_path):
    text = "Invoice No,Opportunity ID,Date,Paid Date,Status,Amount\n1,D-1,2025-02-25,,Paid,1000\n"
    text += "2,D-2,2025-02-26,,Sent,2000\n3,D-3,2025-02-26,2025-03-09,Paid,4000\n4,D-4,2025-02-26,,Void,8000"
    log = read(tmp_path, text)
    owed = diagnose.receivables(log).set_index("measure")
    assert owed.loc["open_receivables", "value"] == 2000
    assert "settled on a day that is not known, and neither paid nor open: 1" in str(owed["note"].iloc[0])


def test_invoices_that_were_settled_on_no_known_day_are_set_aside():
    sent = pd.DataFrame({"case_key": [0, 1, 2], "object": ["a", "b", "c"], "undated": [None, "paid", "void"]})
    left, gone = settlement.undated(sent)
    assert left["object"].tolist() == ["a"]
    assert gone[["object", "reason"]].values.tolist() == [["c", "cancelled"], ["b", "no_day"]]


@pytest.mark.parametrize(
    "text",
    [
        "Opportunity: Opportunity ID,Quote: Quote Number,Status,Created Date,Net Amount\nD-1,Q-1,Accepted,2025-01-10,1\nD-2,Q-2,Rejected,2025-01-11,2",
        "見積番号,商談ID,ステータス,作成日\nQ-1,D-1,承諾,2025-01-10\nQ-2,D-2,却下,2025-01-11",
        "Número de presupuesto,ID de oportunidad,Estado,Fecha de creación\nQ-1,D-1,Aceptado,2025-01-10\nQ-2,D-2,Rechazado,2025-01-11",
        "Angebotsnummer;Verkaufschance-ID;Status;Erstelldatum\nQ-1;D-1;Angenommen;2025-01-10\nQ-2;D-2;Abgelehnt;2025-01-11",
    ],
)
def test_the_answer_to_a_quote_is_no_event_on_the_day_it_was_made(tmp_path, text):
    log = read(tmp_path, text)
    assert told(log) == [("D-1", "Quote Created", "01-10"), ("D-2", "Quote Created", "01-11")]
    assert "is the state of today, and no event at any other date" in notes(log)


def test_a_day_of_the_answer_makes_it_an_event(tmp_path):
    log = read(tmp_path, "Quote Number,Deal ID,Created Date,Status,Accepted Date\nQ,D-1,2025-01-10,Accepted,2025-01-20")
    assert told(log) == [("D-1", "Quote Created", "01-10"), ("D-1", "Quote Accepted", "01-20")]


def test_an_order_is_delivered_only_where_its_status_says_so(tmp_path):
    text = "Order Number,Opportunity ID,Order Date,Status,Delivery Date\nO-1,D-1,2025-02-21,Delivered,2025-02-24\nO-2,D-2,2025-02-22,Open,2025-02-28"
    assert told(read(tmp_path, text)) == [
        ("D-1", "Sales Order Created", "02-21"),
        ("D-1", "Order Fulfilled", "02-24"),
        ("D-2", "Sales Order Created", "02-22"),
    ]


LEADS = [
    ("Id,CreatedDate,Status,Company,LeadSource,IsConverted,ConvertedDate", "true", "false"),
    ("Lead ID,Create Date,Lead Status,Company,Lead Source,Converted,Converted Date", "1", "0"),
    ("リードID,作成日,リード状況,会社名,リードソース,取引開始済み,取引開始日", "はい", "いいえ"),
]


@pytest.mark.parametrize(("header", "yes", "no"), LEADS)
def test_leads_alone_are_leads(tmp_path, header, yes, no):
    rows = f"L1,2025-01-02,Open,Alder,Web,{no},\nL2,2025-01-03,Closed - Converted,Birch,Web,{yes},2025-01-05\n"
    log = read(tmp_path, f"{header}\n{rows}L3,2025-01-04,Closed - Not Converted,Cedar,Web,{no},", "Lead")
    assert told(log) == [
        ("L1", "Lead Created", "01-02"),
        ("L2", "Lead Created", "01-03"),
        ("L2", "Lead Converted", "01-05"),
        ("L3", "Lead Created", "01-04"),
    ]
    assert "Opportunity Created" not in log.activities
    assert l2c.kpis(log).set_index("kpi").loc["lead_conversion_rate", "value"] == pytest.approx(1 / 3)
    assert engine.collect(log.cases).set_index("case_id")["status"]["L3"] == "lead_lost"
    assert "No stage" not in notes(log)


@pytest.mark.parametrize(
    "status", ["Nicht qualifiziert", "Fermé - non converti", "クローズ - 取引未開始", "不合格", "Unqualified"]
)
def test_what_ends_a_lead_is_known_in_other_languages(tmp_path, status):
    log = read(tmp_path, f"Lead ID,Created Date,Status,Converted Date\nL1,2025-01-02,{status},\nL2,2025-01-03,New,")
    assert engine.collect(log.cases).set_index("case_id")["status"].to_dict() == {"L1": "lead_lost", "L2": "open"}


def test_a_list_without_days_names_its_columns_and_takes_the_day_that_is_said(tmp_path):
    text = "Lead ID,Lead Source,Converted,Jour\nL1,Google,0,2025-01-02"
    with pytest.raises(L2CError, match=r"Jour\. Say which it is .*, such as dates: \{Lead Created: YOUR_COLUMN\}"):
        read(tmp_path, text)
    assert told(read(tmp_path, text, mapping={"dates": {"Lead Created": "Jour"}})) == [("L1", "Lead Created", "01-02")]


def test_deleted_records_of_a_list_are_left_out(tmp_path):
    text = "Invoice No,Opportunity ID,Date,Status,IsDeleted\n1,D-1,2025-02-25,Sent,true\n2,D-2,2025-02-26,Sent,false"
    log = read(tmp_path, text)
    assert told(log) == [("D-2", "Invoice Sent", "02-26")]
    assert (log.quality.rows_read, log.quality.rows_used) == (2, 1)


def test_a_conversion_without_its_day_is_told(tmp_path):
    log = read(
        tmp_path,
        "Lead ID,Created Date,Status,IsConverted\nL1,2025-01-02,Closed - Converted,true\nL2,2025-01-03,Open,false",
    )
    assert "Lead Converted" not in log.activities
    assert "leads that are converted, and no column says when: 1." in notes(log)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        (
            "hubspot_tickets",
            "Ticket ID,Ticket Name,Ticket Status,Pipeline,Create Date,Close Date\nT1,a,New,S,2025-01-01,",
            "support cases",
        ),
        (
            "cases",
            "Case Number,Subject,Status,Priority,Date/Time Opened,Case Owner\n1,a,New,High,2025-01-01,X\n2,b,New,High,2025-01-01,X",
            "support cases",
        ),
        ("export", "ケース番号,件名,状況,優先度,作成日\n1,a,新規,高,2025-01-01", "support cases"),
        (
            "contacts",
            "Contact ID,First Name,Last Name,Email,Lifecycle Stage,Create Date\n1,A,B,a@b,Lead,2025-01-01",
            "contacts",
        ),
        ("export", "Vorname,Nachname,E-Mail,Telefon,Erstelldatum\nA,B,a@b,1,2025-01-01", "contacts"),
        (
            "tasks",
            "Subject,Due Date,Status,Priority,Assigned To,Opportunity\nCall,2025-01-05,Completed,High,Ann,D-1",
            "tasks",
        ),
        ("products", "Product ID,Product Name,SKU,List Price,Created Date\n1,A,S,10,2025-01-01", "products"),
    ],
)
def test_what_is_not_about_deals_is_left_out_by_name(tmp_path, name, text, kind):
    with pytest.raises(L2CError, match=f"lists {kind}.*, and no deals"):
        read(tmp_path, text, name)
    log = l2c.read(folder(tmp_path, a_deals=DEALS))
    assert engine.collect(log.cases)["case_id"].sort_values().tolist() == ["D-1", "D-2"]
    assert f"{name}.csv was left out: it lists {kind}" in notes(log)


@pytest.mark.parametrize(
    "header",
    ["Case ID,Activity,Timestamp,Priority", "Case Number,Status,Timestamp,Subject", "Ticket ID,Event,Date,Priority"],
)
def test_a_log_of_events_stays_one(tmp_path, header):
    log = read(tmp_path, f"{header}\n1,Quote Sent,2025-01-07,x\n1,Closed Won,2025-01-09,x\n2,Quote Sent,2025-01-08,x")
    assert len(engine.collect(log.events)) == 3


def test_statuses_of_an_order_on_several_days_are_events(tmp_path):
    log = read(
        tmp_path,
        "Order ID,Status,Date\nO1,Created,2025-01-05\nO1,Shipped,2025-01-08\nO2,Created,2025-01-06\nO2,Shipped,2025-01-09",
    )
    assert len(engine.collect(log.events)) == 4


def test_a_row_per_order_with_the_days_of_its_invoice_stays_a_case(tmp_path):
    log = read(tmp_path, "Order ID,Order Date,Invoice Date,Payment Date\nO1,2025-01-05,2025-01-12,2025-02-10")
    assert told(log) == [
        ("O1", "Sales Order Created", "01-05"),
        ("O1", "Invoice Sent", "01-12"),
        ("O1", "Payment Received", "02-10"),
    ]


INVOICES = """Invoice Number,{link},Invoice Date,Due Date,Total,Status
I-1,{one},2025-02-25,2025-03-27,1000,Paid
I-2,{two},2025-02-26,2025-03-28,2000,Sent"""
PAYMENTS = """Payment ID,Invoice Number,Payment Date,Amount,Status
P-1,I-1,2025-04-02,1000,Completed
P-2,I-2,2025-04-03,2000,Failed"""
LINKED = [
    ("D-1", "Invoice Sent", "02-25"),
    ("D-1", "Payment Received", "04-02"),
    ("D-2", "Invoice Sent", "02-26"),
]


@pytest.mark.parametrize(
    ("link", "one", "two", "mapping"),
    [
        ("Deal ID", "D-1", "D-2", None),
        ("Opportunity Name", "Alder", "Birch", None),
        ("Order Number", "SO-1", "SO-2", None),
        ("Our reference", "D-1", "D-2", None),
        ("Our reference", "D-1", "D-2", "case_id=Our reference"),
    ],
)
def test_lists_beside_the_deals_give_the_log_that_was_written_by_hand(tmp_path, link, one, two, mapping):
    source = folder(tmp_path, deals=DEALS, invoices=INVOICES.format(link=link, one=one, two=two), payments=PAYMENTS)
    log = l2c.read(source, mapping=mapping)
    assert told(log) == LINKED
    assert engine.collect(log.cases).set_index("case_id")["status"].to_dict() == {"D-1": "paid", "D-2": "won"}
    byhand = pd.DataFrame(
        [
            ("D-1", "Opportunity Created", "2025-01-05", None, None, None, None, 1000),
            ("D-1", "Closed Won", "2025-02-20", None, None, None, None, 1000),
            ("D-1", "Invoice Sent", "2025-02-25", "I-1", 1000, None, "2025-03-27", None),
            ("D-1", "Payment Received", "2025-04-02", "I-1", None, 1000, None, None),
            ("D-2", "Opportunity Created", "2025-01-15", None, None, None, None, 2000),
            ("D-2", "Closed Won", "2025-02-21", None, None, None, None, 2000),
            ("D-2", "Invoice Sent", "2025-02-26", "I-2", 2000, None, "2025-03-28", None),
        ],
        columns=["case_id", "activity", "time", "object_id", "invoice_amount", "payment_amount", "due_date", "amount"],
    )
    same = diagnose.receivables(l2c.read(byhand))
    pd.testing.assert_frame_equal(diagnose.receivables(log)[["measure", "value"]], same[["measure", "value"]])


def test_orders_lead_invoices_to_the_deal(tmp_path):
    orders = "Order Number,Deal ID,Order Date\nX-1,D-1,2025-02-22\nX-2,D-2,2025-02-23"
    invoices = INVOICES.format(link="Order No", one="X-1", two="X-2")
    log = l2c.read(folder(tmp_path, deals=DEALS, orders=orders, invoices=invoices, payments=PAYMENTS))
    assert [each for each in told(log) if each[1] != "Sales Order Created"] == LINKED


ORG = {
    "Opportunity": "Id,Name,StageName,IsClosed,IsWon,CreatedDate,CloseDate\n006A,Alder,Won,true,true,2025-01-05,2025-02-20\n006B,Birch,Won,true,true,2025-01-15,2025-02-21",
    "Order": "Id,OpportunityId,OrderNumber,CreatedDate\n801A,006A,SO-1,2025-02-22\n801B,006B,SO-2,2025-02-22",
}


@pytest.mark.parametrize(("link", "one", "two"), [("Opportunity ID", "006A", "006B"), ("Order Number", "SO-1", "SO-2")])
def test_lists_of_another_system_are_joined_to_the_deals_of_an_org(tmp_path, link, one, two):
    invoices = INVOICES.format(link=link, one=one, two=two) + "\nI-3,x,2025-02-26,2025-03-28,9,Sent"
    log = l2c.read(folder(tmp_path, **ORG, stripe_invoices=invoices, stripe_payments=PAYMENTS))
    cash = [
        (case.replace("006A", "D-1").replace("006B", "D-2"), *rest)
        for case, *rest in told(log)
        if "Order" not in rest[0]
    ]
    assert cash == LINKED
    assert (log.quality.rows_read, log.quality.rows_used, log.quality.reasons) == (9, 8, {"no case": 1})
    assert log.quality.quarantine["file"].tolist() == ["stripe_invoices.csv"]


def test_a_list_that_leads_to_no_deal_says_how_it_would(tmp_path):
    invoices = INVOICES.format(link="Memo", one="x", two="y")
    log = l2c.read(folder(tmp_path, deals=DEALS, invoices=invoices))
    assert told(log) == []
    assert "invoices.csv was left out: it lists invoices (2 rows), and no column leads to a deal." in notes(log)
    assert "--map case_id=YOUR_COLUMN" in notes(log)


def test_rows_of_other_deals_are_set_aside_and_counted(tmp_path):
    log = l2c.read(folder(tmp_path, deals=DEALS, invoices=INVOICES.format(link="Deal ID", one="D-1", two="D-9")))
    assert (log.quality.rows_read, log.quality.rows_used, log.quality.reasons) == (4, 3, {"no case": 1})


def test_invoices_alone_are_cases_of_their_own(tmp_path):
    log = read(
        tmp_path,
        "invoiceNumber,countryCode,InvoiceDate,DueDate,InvoiceAmount,SettledDate\n1,391,2013-01-02,2013-02-01,55.9,2013-01-15",
    )
    assert told(log) == [("1", "Invoice Sent", "01-02"), ("1", "Payment Received", "01-15")]
    assert "each is a case of its own" in notes(log)


def test_transactions_of_other_types_are_no_invoices(tmp_path):
    text = """Date,Transaction Type,Num,Opportunity ID,Due Date,Amount,Open Balance
    02/25/2025,Invoice,1,D-1,03/27/2025,1000,1000
    02/26/2025,Credit Memo,2,D-1,03/27/2025,-10,0"""
    log = read(tmp_path, text.replace("    ", ""))
    assert told(log) == [("D-1", "Invoice Sent", "02-25")]
    assert "Credit Memo (1)" in notes(log)


def test_lines_of_one_invoice_are_one_invoice(tmp_path):
    text = "InvoiceNumber,Opportunity ID,InvoiceDate,DueDate,Description,Amount,Status\n"
    text += "I-1,D-1,2025-02-25,2025-03-27,a,600,Sent\nI-1,D-1,2025-02-25,2025-03-27,b,400,Sent"
    log = read(tmp_path, text)
    assert told(log) == [("D-1", "Invoice Sent", "02-25")]
    assert engine.collect(log.events)["invoice_amount"].tolist() == [1000]
    assert log.quality.rows_used == 2


def test_a_word_of_ones_own_is_said_in_a_mapping(tmp_path):
    text = "Invoice No,Opportunity ID,Date,Status,Amount\n1,D-1,2025-02-25,Rausgegangen,1000"
    with pytest.raises(L2CError, match=r"Status is Rausgegangen \(1\).*activities: \{Mailed: Invoice Sent\}"):
        read(tmp_path, text)
    log = read(tmp_path, text, mapping={"activities": {"Rausgegangen": "Invoice Sent"}})
    assert told(log) == [("D-1", "Invoice Sent", "02-25")]


def test_who_says_what_happened_when_is_believed(tmp_path):
    log = read(
        tmp_path,
        "Ticket ID,Subject,Ticket Status,Create Date\n1,a,New,2025-01-01",
        mapping="case_id=Ticket ID, activity=Ticket Status, time=Create Date",
    )
    assert log.activities == ("New",)


def test_headers_and_files_are_known_by_their_names():
    assert (
        lists.first(["x", "Quote: Quote Number"], next(k for k in lists.kinds() if k.id == "quote").ids)
        == "Quote: Quote Number"
    )
    assert lists.first(["opportunity_id (metadata)"], lists.role("deal")) == "opportunity_id (metadata)"
    assert lists.of_file("hubspot_tickets (2).csv") == {"ticket"}
    assert "invoice" in lists.of_file("2025_請求一覧.xlsx")
    assert lists.speaks_of("Sales Invoice") == {"invoice"} and not lists.speaks_of("Credit Memo")
    assert "id" in lists.general()


def test_leads_without_a_deal_are_cases_of_their_own_in_a_report_with_deals(tmp_path):
    text = """Lead ID,Lead Status,Converted,Converted Date,Created Date,Lead Owner,Opportunity ID
00Q1,Qualified,1,2025-01-20,2025-01-05,Ann,D-1
00Q2,Working,0,,2025-01-06,Ann,
00Q3,Unqualified,0,,2025-01-07,Ann,"""
    log = read(tmp_path, text)
    assert [e[:2] for e in told(log)] == [
        ("00Q2", "Lead Created"), ("00Q3", "Lead Created"), ("D-1", "Lead Created"), ("D-1", "Lead Converted"),
    ]  # fmt: skip
    assert log.quality.rows_used == 3


def test_a_voided_invoice_with_nothing_left_was_not_paid(tmp_path):
    text = """Invoice Number,Opportunity ID,Invoice Date,Due Date,Status,Total,Amount Due
I1,D-1,2025-02-25,2025-03-27,Voided,1000,0
I2,D-2,2025-02-25,2025-03-27,Paid,1000,0"""
    events = engine.collect(read(tmp_path, text).events)
    assert events.set_index("object_id")["undated"].astype(str).to_dict() == {"I1": "void", "I2": "paid"}


def test_the_numbers_of_activities_are_no_activities(tmp_path):
    text = """Activity ID,Subject,Assigned,Date,Status,Priority,Opportunity,Created Date
T1,Call,Ann,2025-01-15,Completed,Normal,Alder,2025-01-14
T2,Call,Ann,2025-01-16,Completed,Normal,Alder,2025-01-14"""
    with pytest.raises(L2CError, match="lists tasks and activities"):
        read(tmp_path, text)
    text = "case_id,activity_id,timestamp\nA,Opportunity Created,2025-01-05\nA,Closed Won,2025-01-06\nB,Closed Won,2025-01-06"
    assert len(told(read(tmp_path, text))) == 0


def test_a_list_of_transactions_with_a_day_on_which_they_were_closed(tmp_path):
    text = """Internal ID,Document Number,Type,Date,Date Due,Name,Status,Amount,Amount Remaining,Created From,Date Closed
1,INV1,Invoice,2025-02-25,2025-03-27,Alder,Paid In Full,1000,0,SO1,2025-04-02
2,INV2,Invoice,2025-02-26,2025-03-28,Birch,Open,2000,2000,SO2,
3,SO1,Sales Order,2025-02-20,,Alder,Billed,1000,,EST1,2025-02-25"""
    assert told(read(tmp_path, text)) == [
        ("INV1", "Invoice Sent", "02-25"), ("INV1", "Payment Received", "04-02"), ("INV2", "Invoice Sent", "02-26"),
    ]  # fmt: skip


def test_a_list_is_known_by_its_file_the_deal_and_a_day(tmp_path):
    folder(tmp_path, deals=DEALS, **{"SalesOrders_001": """Record Id,Subject,Status,Deal Name.id,Deal Name,Grand Total,Created Time
z7,S1,Delivered,D-1,Alder,1000,2025-02-21 08:00:00""", "Quotes_001": """Record Id,Subject,Quote Stage,Deal Name.id,Deal Name,Grand Total,Created Time,Valid Until
z6,Q1,Confirmed,D-1,Alder,1000,2025-01-10 08:00:00,2025-02-10"""})  # fmt: skip
    assert told(l2c.read(tmp_path)) == [("D-1", "Quote Created", "01-10"), ("D-1", "Sales Order Created", "02-21")]


def test_the_status_of_invoices_that_nobody_knows_when_they_were_sent_is_told(tmp_path):
    folder(tmp_path, deals=DEALS, invoices="""Invoice Number,Deal ID,Status,Created On,Due Date,Total
I1,D-1,Paid,2025-02-25,2025-03-27,1000""")  # fmt: skip
    log = l2c.read(tmp_path)
    assert told(log) == [("D-1", "Invoice Created", "02-25")]
    assert "Status is the state of today" in notes(log) and "Paid (1)" in notes(log)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Credit Memo Number,Opportunity ID,Invoice Number,Date,Status,Amount\nC1,D-1,I1,2025-04-02,Posted,100\nC2,D-2,I2,2025-04-03,Posted,200", "credit notes"),
        ("Gutschriftsnummer,Rechnungsnummer,Opportunity-ID,Datum,Status,Betrag\nC1,I1,D-1,2025-04-02,Gebucht,100\nC2,I2,D-2,2025-04-03,Gebucht,200", "credit notes"),
        ("Bill Number,Vendor,Bill Date,Due Date,Status,Amount\nB1,Acme,2025-04-02,2025-05-02,Paid,100\nB2,Acme,2025-04-03,2025-05-03,Open,200", "purchases"),
        ("Purchase Order Number,Supplier,Order Date,Status,Amount\nP1,Acme,2025-04-02,Received,100\nP2,Acme,2025-04-03,Open,200", "purchases"),
        ("Line Item ID,Deal ID,Name,Quantity,Unit price,Amount,Create Date\nL1,D-1,A,1,600,600,2025-01-05\nL2,D-1,B,1,400,400,2025-01-05", "lines of deals"),
    ],
)  # fmt: skip
def test_what_is_no_sale_is_left_out_by_name(tmp_path, text, kind):
    with pytest.raises(L2CError, match=f"lists {kind}"):
        read(tmp_path, text, "alone")
    (tmp_path / "x").mkdir()
    folder(tmp_path / "x", deals=DEALS, other=text)
    log = l2c.read(tmp_path / "x")
    assert told(log) == [] and kind in notes(log)
    assert (engine.collect(log.events)["activity"] == "Opportunity Created").sum() == 2


def test_a_vendor_beside_the_customer_makes_no_purchase(tmp_path):
    text = (
        "Invoice Number,Customer,Vendor,Invoice Date,Due Date,Status,Total\nI1,Alder,Us,2025-02-25,2025-03-27,Sent,1000"
    )
    assert told(read(tmp_path, text)) == [("I1", "Invoice Sent", "02-25")]


def test_lines_of_an_invoice_are_those_of_the_invoice(tmp_path):
    text = """Invoice Number,Line Item ID,Opportunity ID,Invoice Date,Due Date,Status,Quantity,Unit Price,Amount
I1,1,D-1,2025-02-25,2025-03-25,Sent,1,600,600
I1,2,D-1,2025-02-25,2025-03-25,Sent,1,400,400"""
    log = read(tmp_path, text)
    assert (
        told(log) == [("D-1", "Invoice Sent", "02-25")] and engine.collect(log.events)["invoice_amount"].sum() == 1000
    )


def test_versions_of_a_quote_are_no_states_of_its_deal(tmp_path):
    text = """Quote Number,Opportunity ID,Version,Status,Net Amount,Created Date,Last Modified Date
Q1,D-1,1,Superseded,900,2025-01-10,2025-01-12
Q1,D-1,2,Accepted,1000,2025-01-12,2025-01-15
Q2,D-2,1,Presented,2000,2025-01-16,2025-01-17"""
    log = read(tmp_path, text)
    assert log.activities == ("Quote Created",) and len(told(log)) == 3
