"""A number is read as large as it is, or asked about."""

import polars as pl
import pytest

import l2c
from l2c.prepare import amounts, evidence
from l2c.prepare.units import Unit, unit
from l2c.prepare.values import fractions, numbers
from l2c.words.errors import AmbiguousNumbers, BadMapping


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("CHF 1’234.50", 1234.5, "CHF"),
        ("1‘234.50", 1234.5, None),
        ("12,34,567.00", 1_234_567, None),
        ("₹12,34,567", 1_234_567, "INR"),
        ("EUR 1,000 (USD 1,100)", 1000, "EUR"),
        ("USD 1,100.00 (EUR 1,000.00)", 1100, "USD"),
        ("(1,234.50)", -1234.5, None),
        ("$(1,234.50)", -1234.5, "USD"),
        ("(EUR 1,234.50)", -1234.5, "EUR"),
        ("1,234.50-", -1234.5, None),
        ("−5", -5, None),
        ("$1.2M", 1_200_000, "USD"),
        ("₹1.5 Cr", 15_000_000, "INR"),
        ("12 lakh", 1_200_000, None),
        ("12 Tsd. €", 12_000, "EUR"),
        ("5 TEUR", 5000, "EUR"),
        ("1.5億円", 150_000_000, "JPY"),
        ("1億2000万円", 120_000_000, "JPY"),
        ("3억 5,000만 원", 350_000_000, "KRW"),
        ("2万5000", 25_000, None),
        ("1 234 567", 1_234_567, None),
        ("٣٤٥٫٥", 345.5, None),
        ("१२३", 123, None),
        ("１２３", 123, None),
        ("9.9213206E7", 99_213_206, None),
        ("0.500", 0.5, None),
        ("R$ 5", 5, "BRL"),
        ("5 kr", 5, None),
        ("15%", 0.15, None),
    ],
)
def test_a_number_in_the_forms_of_many_countries(text, value, currency):
    found = amounts.read(text)
    assert found.point == pytest.approx(value)
    assert found.currency == currency


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1\u202f234,50 €", 1234.5),
        ("1\u00a0234,50", 1234.5),
        ("1\u2009234,5", 1234.5),
        ("1,2 Mio. €", 1.2e6),
        ("1,5E+03", 1500),
    ],
)
def test_a_decimal_comma_that_shows_itself(text, value):
    found = amounts.read(text)
    assert (found.says, found.comma) == (",", pytest.approx(value))


@pytest.mark.parametrize("text", ["many", "5 10", "31.12.2025", "1.23.456", "USD 1,100/mo", "1''234", "(5", "555 1234"])
def test_what_is_no_number_is_none(text):
    assert amounts.read(text) is None


def test_money_with_three_digits_behind_its_only_sign_is_thousands():
    assert numbers(pl.Series(["EUR 12.000", "EUR 5.500"])).numbers.to_list() == [12_000, 5500]
    assert numbers(pl.Series(["¥12,000"])).numbers.to_list() == [12_000]
    # Dinars have three decimals.
    assert numbers(pl.Series(["1.234 KWD", "2.50 KWD"])).numbers.to_list() == [1.234, 2.5]


def test_what_a_column_does_not_decide_is_open_and_what_is_said_settles_it():
    column = pl.Series(["12.000", "5.500", "8.250"])
    assert numbers(column).open == ("12.000", "5.500", "8.250")
    assert numbers(column, ",").numbers.to_list() == [12_000, 5500, 8250]
    assert numbers(column, ".").numbers.to_list() == [12, 5.5, 8.25]
    # A longer number, or one with other decimals, shows what the point is.
    assert numbers(pl.Series(["12.000", "1200.5"])).numbers.to_list() == [12, 1200.5]
    assert numbers(pl.Series(["12.000", "1200.500"])).open == ()
    assert numbers(pl.Series(["12.000", "0.500"])).numbers.to_list() == [12, 0.5]
    assert numbers(pl.Series(["12.000", "1.234.567"])).numbers.to_list() == [12_000, 1_234_567]


def test_two_sides_of_an_account_are_not_guessed():
    found = numbers(pl.Series(["1,234.00 CR", "50.00 DR", "7"]))
    assert found.numbers.to_list() == [None, None, 7] and found.unread.to_list() == [True, True, False]
    assert found.notes[0].id == "credit_and_debit"
    assert numbers(pl.Series(["1,234.00 CR"])).numbers.to_list() == [1234]


@pytest.mark.parametrize("others", [["80 lakh"], ["₹5,00,000"], ["0.8 cr", "12 CR."], []])
def test_crores_are_no_credit(others):
    found = numbers(pl.Series(["1.5 Cr", *others]))
    assert found.numbers[0] == 15_000_000 and [note.id for note in found.notes] == ["crores"]


@pytest.mark.parametrize(
    ("header", "name", "scale", "currency"),
    [
        ("Amount (k€)", "Amount", 1e3, "EUR"),
        ("Betrag in Tsd. EUR", "Betrag", 1e3, "EUR"),
        ("Amount (in thousands)", "Amount", 1e3, None),
        ("Umsatz in Mio. €", "Umsatz", 1e6, "EUR"),
        ("金額(千円)", "金額", 1e3, "JPY"),
        ("売上（単位：百万円）", "売上", 1e6, "JPY"),
        ("金額(万円)", "金額", 1e4, "JPY"),
        ("금액(천원)", "금액", 1e3, "KRW"),
        ("Amount USD k", "Amount", 1e3, "USD"),
        ("Amount ($000s)", "Amount", 1e3, "USD"),
        ("Betrag TEUR", "Betrag", 1e3, "EUR"),
        ("Amount ($M)", "Amount", 1e6, "USD"),
        ("Importe (miles de €)", "Importe", 1e3, "EUR"),
        ("Amount (INR lakhs)", "Amount", 1e5, "INR"),
        ("Valor (R$ mil)", "Valor", 1e3, "BRL"),
        ("Amount (EUR)", "Amount", 1, "EUR"),
        ("受注金額（円）", "受注金額", 1, "JPY"),
    ],
)
def test_a_header_says_thousands_and_a_currency(header, name, scale, currency):
    assert unit(header)[:3] == (name, scale, currency)


@pytest.mark.parametrize(
    "header", ["Amount", "Amount (ARR)", "Opportunity Name (All)", "Owner Cup", "Next Step", "Amount (converted)"]
)
def test_a_header_without_a_unit_stays(header):
    assert unit(header) == Unit(header)


def test_a_unit_in_a_header_that_is_not_known_is_named():
    assert unit("Amount (USD mil)").open == "mil" and unit("Amount (M)").open == "m"
    assert unit("Discount (%)").percent
    assert "not known" in str(numbers(pl.Series([1.0]), unit=unit("Amount (M)")).notes[0])


def test_a_unit_multiplies_what_has_none_of_its_own():
    found = numbers(pl.Series(["12", "20k", "1,5", None]), unit=unit("Betrag (k€)"))
    assert found.numbers.to_list() == [12_000, 20_000, 1500, None]
    assert found.currencies.to_list() == ["EUR", "EUR", "EUR", None]
    assert numbers(pl.Series([12.0, 20.0]), unit=unit("金額(千円)")).numbers.to_list() == [12_000, 20_000]


def test_percent_fields_are_percent_however_small():
    assert fractions(pl.Series(["0.5", "1"]), percent=True).numbers.to_list() == [0.005, 0.01]
    assert fractions(pl.Series(["0.5", "1"])).notes[0].id == "fractions"


def test_the_decimal_sign_of_a_file_is_that_of_its_other_numbers_then_of_its_dates():
    open_ = pl.Series("amount", ["12.000", "5.500"])
    assert evidence.decimal_sign(pl.DataFrame([open_, pl.Series("tax", ["7,5", "19"])]), semicolons=False) == (
        ",",
        "other_numbers",
    )
    assert evidence.decimal_sign(pl.DataFrame([open_, pl.Series("tax", ["7.5", "19"])]), semicolons=False) == (
        ".",
        "other_numbers",
    )
    dotted = pl.DataFrame([open_, pl.Series("day", ["31.12.2025", "5.1.2025"])])
    assert evidence.decimal_sign(dotted, semicolons=False) == (",", "dates_and_separators")
    # The Swiss write dates with points and decimals too.
    assert evidence.decimal_sign(dotted.with_columns(currency=pl.lit("CHF")), semicolons=True) is None
    strokes = pl.DataFrame([open_, pl.Series("day", ["31/12/2025", "5/1/2025"])])
    assert evidence.decimal_sign(strokes, semicolons=True) == (",", "dates_and_separators")
    assert evidence.decimal_sign(strokes, semicolons=False) is None
    assert evidence.decimal_sign(pl.DataFrame([open_, pl.Series("day", ["2025-12-31"] * 2)]), semicolons=True) is None


def deals(tmp_path, text, **said):
    path = tmp_path / "export.csv"
    path.write_text(text, "utf-8")
    return l2c.read(path, **said)


def amounts_of(log):
    cases = log.cases.collect()
    return dict(zip(cases["case_id"], cases["amount"], strict=True))


HEAD = "Opportunity ID,Stage,Amount,Created Date,Close Date\n"
OPEN = HEAD + "D1,Closed Won,12.000,2025-01-05,2025-02-20\nD2,Closed Lost,5.500,2025-01-06,2025-02-21\n"


def test_a_german_file_is_read_as_it_was_written(tmp_path):
    text = (
        HEAD.replace(",", ";")
        + "D1;Closed Won;12.000;05.01.2025;20.02.2025\nD2;Closed Lost;5.500;06.01.2025;21.02.2025\n"
    )
    log = deals(tmp_path, text)
    assert amounts_of(log) == {"D1": 12_000, "D2": 5500}
    assert any("as the dates of this file" in str(note) for note in log.quality.notes)


def test_without_evidence_the_reader_asks_and_the_line_that_it_prints_settles_it(tmp_path):
    with pytest.raises(AmbiguousNumbers) as caught:
        deals(tmp_path, OPEN)
    said = str(caught.value)
    assert "'12.000', '5.500' could be 12,000 / 5,500 or 12 / 5.5" in said
    assert '--map "decimal=,"' in said and '--map "decimal=."' in said
    assert amounts_of(deals(tmp_path, OPEN, mapping="decimal=,")) == {"D1": 12_000, "D2": 5500}
    assert amounts_of(deals(tmp_path, OPEN, mapping="decimal=.")) == {"D1": 12, "D2": 5.5}
    log = deals(tmp_path, OPEN, mapping="case_id=Opportunity ID, decimal=,, amount=Amount")
    assert amounts_of(log) == {"D1": 12_000, "D2": 5500} and log.quality.mapping["decimal"] == ","
    assert amounts_of(deals(tmp_path, OPEN, mapping={"decimal": "comma"})) == {"D1": 12_000, "D2": 5500}
    with pytest.raises(BadMapping, match="decimal"):
        deals(tmp_path, OPEN, mapping={"decimal": ";"})


def test_thousands_in_the_header_scale_the_amounts_and_name_the_currency(tmp_path):
    log = deals(tmp_path, HEAD.replace("Amount", "Amount (k€)") + "D1,Closed Won,12,2025-01-05,2025-02-20\n")
    assert amounts_of(log) == {"D1": 12_000} and log.currency == "EUR"
    log = deals(tmp_path, HEAD.replace("Amount", "Amount USD k") + "D1,Closed Won,12,2025-01-05,2025-02-20\n")
    assert amounts_of(log) == {"D1": 12_000} and log.currency == "USD"


def test_amounts_that_salesforce_converted_are_offered_with_their_currency(tmp_path):
    text = (
        "Opportunity ID,Stage,Amount Currency,Amount,Amount (converted) Currency,Amount (converted),Created Date,Close Date\n"
        "D1,Closed Won,EUR,1000,USD,1100,2025-01-05,2025-02-20\nD2,Closed Won,JPY,150000,USD,1000,2025-01-05,2025-02-20\n"
    )
    notes = [str(note) for note in deals(tmp_path, text).quality.notes]
    assert sum("converted" in note for note in notes) == 2 and any(
        '--map "amount=Amount (converted)"' in n for n in notes
    )
    log = deals(tmp_path, text, mapping="amount=Amount (converted)")
    assert amounts_of(log) == {"D1": 1100, "D2": 1000} and log.currency == "USD"


def test_a_percent_field_of_an_org_is_percent_even_where_no_value_is_above_one(tmp_path):
    (tmp_path / "Opportunity.csv").write_text(
        "Id,Name,StageName,IsClosed,IsWon,Amount,CreatedDate,CloseDate\n"
        "006Kx00000Aa1b1AAA,Alder,Closed Won,true,true,1000,2025-01-05T08:30:00.000Z,2025-02-20\n"
    )
    (tmp_path / "Quote.csv").write_text(
        "Id,OpportunityId,IsSyncing,Discount,Status,CreatedDate\n"
        "0Q0Kx0000000001AAA,006Kx00000Aa1b1AAA,true,0.5,Accepted,2025-01-10T08:30:00.000Z\n"
    )
    assert l2c.read(tmp_path).cases.collect()["discount"].to_list() == [0.005]
