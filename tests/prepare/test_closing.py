"""In a row per deal: flags say whether it is closed and how, then the words of its stage, then nobody."""

import polars as pl
import pytest

from l2c import L2CError, engine, read, show
from l2c.prepare import values
from l2c.prepare.portions import portion
from l2c.words.notes import ids


def deals(tmp_path, header, *rows, name="deals.csv"):
    """A file with a row per deal: its own columns, then amount and dates."""
    lines = [f"Opportunity ID,{header},Amount,Created Date,Close Date"]
    lines += [f"D{at},{row},{at}000,2025-01-{at + 4:02},2025-02-{at + 4:02}" for at, row in enumerate(rows, 1)]
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def status(log):
    rows = engine.collect(log.cases.select("case_id", "status")).sort_values("case_id")
    return " ".join(rows["status"])


def top(log):
    return [note.id for note in log.quality.top]


@pytest.mark.parametrize("header", ["Closed,Won", "IsClosed,IsWon", "Geschlossen,Gewonnen", "Fermé(e),Gagné(e)", "Cerrada,Ganada", "Fechado,Ganho", "Chiuso,Vinto", "Gesloten,Gewonnen", "クローズ,成立", "完了,受注", "已关闭,赢单", "已結束,贏單", "마감됨,성사됨"])  # fmt: skip
def test_the_flags_of_a_report_decide_whatever_the_stages_are_called(tmp_path, header):
    path = deals(tmp_path, f"Stage,{header}", "6 - Signed,1,1", "Gone,1,0", "Closed Won,0,0", "Disqualified,1,0")
    log = read(path)
    assert status(log) == "won lost open lost"
    assert top(log) == []


@pytest.mark.parametrize(("yes", "no"), [("WAHR", "FALSCH"), ("vrai", "faux"), ("sí", "no"), ("Sí", "No"), ("はい", "いいえ"), ("verdadeiro", "falso"), ("Sim", "Não"), ("vero", "falso"), ("waar", "onwaar"), ("是", "否"), ("예", "아니요"), ("Ja", "Nein"), ("Oui", "Non"), ("x", ""), ("☑", "☐"), ("✓", "✗"), ("TRUE", "FALSE"), ("1.0", "0.0"), ("Tak", "Nie"), ("да", "нет"), ("✓", "x"), ("○", "×")])  # fmt: skip
def test_flags_are_read_in_the_words_of_many_languages(tmp_path, yes, no):
    path = deals(tmp_path, "Stage,Closed,Won", f"A,{yes},{yes}", f"B,{yes},{no}", f"C,{no},{no}")
    assert status(read(path)) == "won lost open"


def test_a_flag_closed_alone_leaves_the_how_to_the_stage_and_asks_for_the_rest(tmp_path):
    log = read(deals(tmp_path, "Stage,Closed", "5 - Gewonnen,1", "Verloren,1", "Signed,1", "Closed Won,0"))
    assert status(log) == "won lost open open"
    assert top(log) == ["closed_by_label", "closed_how"]
    assert "Signed (1)" in str(log.quality.top[1])
    settled = read(deals(tmp_path, "Stage,Closed", "5 - Gewonnen,1", "Verloren,1", "Signed,1", "Closed Won,0"), mapping="Signed=Closed Won")  # fmt: skip
    assert status(settled) == "won lost won open"


def test_a_flag_won_alone_says_who_won_and_the_stage_who_lost(tmp_path):
    log = read(deals(tmp_path, "Stage,Won", "Signed,1", "Closed Lost,0", "Talks,0", "Closed Won,0"))
    assert status(log) == "won lost open open"
    assert top(log) == ["closed_by_label"]


def test_a_flag_that_is_empty_while_a_deal_is_open_says_lost_where_it_says_no(tmp_path):
    log = read(deals(tmp_path, "Rep,Won", "Ann,yes", "Bob,no", "Ann,"))
    assert status(log) == "won lost open"
    assert top(log) == ["no_is_lost"]


@pytest.mark.parametrize("header", ["Outcome", "Deal Status", "Result", "Won/Lost"])
@pytest.mark.parametrize(
    "words", ["Won Lost Open", "Gewonnen Verloren Offen", "Gagné Perdu Ouvert", "受注 失注 進行中"]
)
def test_a_column_of_results_says_it_in_words(tmp_path, header, words):
    won, lost, undecided = words.split()
    log = read(deals(tmp_path, header, won, lost, undecided))
    assert status(log) == "won lost open"
    assert "unreadable values" not in set(log.quality.findings["finding"])


def test_won_and_not_closed_is_open_and_told(tmp_path):
    log = read(deals(tmp_path, "Stage,Closed,Won", "A,1,1", "B,0,1", "C,1,0"))
    assert status(log) == "won open lost"
    assert "1 deals are marked as won and as not closed" in str(log.quality)


def test_numbered_stages_are_read_by_their_words_and_that_is_said_on_top(tmp_path):
    log = read(deals(tmp_path, "Stage", "7 - Closed Won", "Closed Lost", "100% Closed Won", "3 - Talks"))
    assert status(log) == "won lost won open"
    (said,) = log.quality.top
    assert "by their stage alone, 2 won and 1 lost: 100% Closed Won (1), 7 - Closed Won (1)" in str(said)
    assert show.about(log).text.startswith(said.said())


def test_what_was_given_up_is_lost_by_a_rule_that_the_mapping_changes(tmp_path):
    rows = ["Closed Won", "Dead / Omitted", "Duplicate", "On hold", "Dead / Omitted"]
    log = read(deals(tmp_path, "Stage", *rows))
    assert status(log) == "won lost lost open lost"
    assert top(log) == ["closed_by_label", "given_up", "put_off"]
    given_up, put_off = map(str, log.quality.top[1:])
    assert "Dead / Omitted (2), Duplicate (1)" in given_up and '--map "Dead / Omitted=Open, Duplicate=Open"' in given_up
    assert '--map "On hold=Closed Lost"' in put_off
    # Each of the lines that are shown does what it says.
    assert (
        status(read(deals(tmp_path, "Stage", *rows), mapping="Dead / Omitted=Open, Duplicate=Open"))
        == "won open open open open"
    )
    assert status(read(deals(tmp_path, "Stage", *rows), mapping="On hold=Closed Lost")) == "won lost lost lost lost"


def test_a_mapping_says_which_stages_are_won_and_lost(tmp_path):
    path = deals(tmp_path, "Stage", "Firmado", "Ice deal", "Talks", '"Lost, then won"')
    log = read(path)
    assert top(log) == ["no_outcome"] and "Firmado (1), Ice deal (1)" in str(log.quality.top[0])
    said = "Firmado=Closed Won, Ice deal=Closed Lost, 'Lost, then won'=Closed Won"
    settled = read(path, mapping=said)
    assert status(settled) == "won lost open won" and top(settled) == []
    (tmp_path / "map.yaml").write_text("activities:\n  Firmado: Closed Won\n  Ice deal: Closed Lost\n", "utf-8")
    assert status(read(path, mapping=tmp_path / "map.yaml")) == "won lost open open"


def test_what_the_user_says_of_a_stage_holds_without_a_close_date_too(tmp_path):
    (tmp_path / "a.csv").write_text("Opportunity ID,Stage,Created Date\nD1,Signed,2025-01-05\nD2,Dead,2025-01-06\nD3,Closed Won,2025-01-07\n", "utf-8")  # fmt: skip
    assert status(read(tmp_path / "a.csv")) == "open lost won"
    assert status(read(tmp_path / "a.csv", mapping="Signed=Closed Won, Dead=Open, Closed Won=Open")) == "won open open"


@pytest.mark.parametrize(("stages", "said"), [(["Signed", "Talks"], "no_outcome"), (["Closed Won", "Talks"], "one_side_stages"), (["Closed Lost", "Signed"], "one_side_stages"), (["Closed Won", "Negotiation"], "one_side")])  # fmt: skip
def test_where_no_stage_or_only_one_side_is_known_that_stands_on_top(tmp_path, stages, said):
    log = read(deals(tmp_path, "Stage", *stages))
    assert said in top(log)
    assert all(note.said("ja") for note in log.quality.top)


def test_open_deals_by_flag_are_no_alarm(tmp_path):
    assert top(read(deals(tmp_path, "Stage,Closed,Won", "Talks,0,0", "Signed,0,0"))) == []


def test_a_day_of_winning_is_the_day_of_the_close(tmp_path):
    (tmp_path / "a.csv").write_text(
        "Deal ID,Stage,Created Date,Won Date,Lost Date,Close Date\nD1,Closed Won,2025-01-05,2025-02-20,,2025-02-21\n"
        "D2,Closed Lost,2025-01-06,,2025-03-20,2025-03-22\nD3,Closed Won,2025-01-07,,,2025-03-23\n",
        "utf-8",
    )
    log = read(tmp_path / "a.csv")
    rows = engine.collect(log.events.filter(log_is_closing()).select("case_id", "time")).sort_values("time")
    assert [f"{t:%m-%d}" for t in rows["time"]] == ["02-20", "03-20", "03-23"]
    assert status(log) == "won lost won"


def log_is_closing():
    import narwhals as nw

    return nw.col("activity").is_in(["Closed Won", "Closed Lost"])


def test_a_german_report_is_read_without_a_question(tmp_path):
    (tmp_path / "report.csv").write_text(
        "Opportunity-ID;Opportunity-Name;Phase;Betrag;Erstelldatum;Schlusstermin;Opportunity-Inhaber;Geschlossen;Gewonnen\n"
        "A1;Alder;Geschlossen/gewonnen;12000,50;05.01.2025;20.02.2025;Ann;1;1\n"
        "A2;Birch;Geschlossen/verloren;5500,00;15.01.2025;18.03.2025;Bob;1;0\nA3;Cedar;Verhandlung;8250,00;25.01.2025;30.06.2025;Ann;0;0\n",
        "utf-8",
    )
    log = read(tmp_path / "report.csv")
    assert status(log) == "won lost open"
    cases = engine.collect(log.cases.select("case_id", "amount", "rep", "stage")).sort_values("case_id")
    assert cases["amount"].tolist() == [12000.5, 5500, 8250] and cases["rep"].tolist() == ["Ann", "Bob", "Ann"]
    assert cases["stage"].tolist() == ["Geschlossen/gewonnen", "Geschlossen/verloren", "Verhandlung"]


@pytest.mark.parametrize("header", [
    "ID de l'opportunité,Nom de l'opportunité,Étape,Montant,Date de création,Date de clôture,Propriétaire de l'opportunité,Nom du compte,Origine de la piste",
    "Id. de la oportunidad,Nombre de la oportunidad,Etapa,Importe,Fecha de creación,Fecha de cierre,Propietario de la oportunidad,Nombre de la cuenta,Origen del candidato",
    "ID da oportunidade,Nome da oportunidade,Fase,Valor,Data de criação,Data de fechamento,Proprietário da oportunidade,Nome da conta,Origem do lead",
    "ID opportunità,Nome opportunità,Fase,Importo,Data creazione,Data di chiusura,Titolare opportunità,Nome account,Fonte del lead",
    "Opportunity-id,Opportunity-naam,Fase,Bedrag,Aanmaakdatum,Sluitingsdatum,Opportunity-eigenaar,Accountnaam,Leadbron",
    "业务机会 ID,业务机会名称,阶段,金额,创建日期,结束日期,业务机会所有人,客户名,潜在客户来源",
    "商機 ID,商機名稱,階段,金額,建立日期,關閉日期,商機擁有人,客戶名稱,潛在客戶來源",
    "기회 ID,기회 이름,단계,금액,생성일,마감일,기회 소유자,계정 이름,리드 소스",
])  # fmt: skip
def test_reports_in_other_languages_are_read_without_a_question(tmp_path, header):
    rows = "D1,Alder,Ganada,1000,2025-01-05,2025-02-20,Ann,Alder KG,Web\nD2,Birch,Perdida,500,2025-01-15,2025-03-18,Bob,Birch SA,Web\n"
    (tmp_path / "report.csv").write_text(f"{header}\n{rows}", "utf-8")
    log = read(tmp_path / "report.csv")
    assert status(log) == "won lost" and log.n_events == 4
    assert {"amount", "rep", "stage", "account", "lead_source"} <= set(log.attributes)


def test_closed_and_won_that_hold_dates_are_days_and_no_flags(tmp_path):
    (tmp_path / "a.csv").write_text("Deal ID,Stage,Created,Closed\nD1,Closed Won,2025-01-05,2025-02-20\nD2,Talks,2025-01-06,\n", "utf-8")  # fmt: skip
    log = read(tmp_path / "a.csv")
    assert status(log) == "won open" and log.n_events == 3


def test_an_event_log_knows_the_outcome_by_its_flags(tmp_path):
    (tmp_path / "a.csv").write_text(
        "Case ID,Activity,Timestamp,Closed,Won\na,Quote Sent,2025-01-01,1,1\nb,Quote Sent,2025-01-02,1,0\nc,Quote Sent,2025-01-03,0,0\n", "utf-8"
    )  # fmt: skip
    assert status(read(tmp_path / "a.csv")) == "won lost open"


def test_activities_named_like_stages_close_a_deal(tmp_path):
    (tmp_path / "a.csv").write_text(
        "Case ID,Activity,Timestamp\na,Talks,2025-01-01\na,7 - Closed Won,2025-01-05\nb,Talks,2025-01-02\nb,Verloren (Preis),2025-01-06\n"
        "c,Talks,2025-01-03\nc,Closed Won - Renewal,2025-01-07\nd,Order failed,2025-01-03\ne,Win plan,2025-01-03\n",
        "utf-8",
    )
    log = read(tmp_path / "a.csv")
    assert status(log) == "won lost won open open"
    assert "These activities are read as Closed Won: 7 - Closed Won, Closed Won - Renewal." in str(log.quality)
    assert {"Order failed", "Win plan"} <= set(log.activities)


def test_ticks_and_crosses_in_one_column():
    flags, bad = values.flags(pl.Series(["x", None, "x"]))
    assert flags.to_list() == [True, None, True] and not bad.any()
    assert values.flags(pl.Series(["✓", "x"]))[0].to_list() == [True, False]
    flags, bad = values.flags(pl.Series(["Won", "Verloren", "Open", "maybe"]))
    assert flags.to_list() == [True, False, None, None] and bad.to_list() == [False, False, False, True]


def test_a_mapping_that_is_none_is_refused(tmp_path):
    with pytest.raises(L2CError, match="neither a file"):
        read(deals(tmp_path, "Stage", "A"), mapping="'Dead=Closed Lost")


@pytest.mark.parametrize(
    ("header", "made", "words"),
    [
        ("Deal Status", "Created Date,Close Date", ("Won", "Lost", "Open")),
        ("Status", "Created,Closed", ("won", "lost", "open")),
        ("Status", "Erstelldatum,Schlusstermin", ("Gewonnen", "Verloren", "Offen")),
        ("状態", "作成日,完了予定日", ("受注", "失注", "進行中")),
    ],
)
def test_a_column_of_results_beside_the_stages_says_how_deals_ended(tmp_path, header, made, words):
    days = ("2025-01-05,2025-02-20", "2025-01-06,2025-02-21", "2025-01-07,")
    rows = [f"D{n},{stage},{word},{day}" for n, (stage, word, day) in enumerate(
        zip(("Negotiation", "Proposal", "Proposal"), words, days, strict=True), 1)]  # fmt: skip
    path = tmp_path / "deals.csv"
    path.write_text("\n".join([f"Opportunity ID,Stage,{header},{made}", *rows]) + "\n", "utf-8")
    log = read(path)
    found = engine.collect(log.cases).set_index("case_id")["status"].to_dict()
    assert found == {"D1": "won", "D2": "lost", "D3": "open"}


def test_a_status_that_is_no_result_leaves_the_outcome_to_the_stage(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text(
        "Opportunity ID,Stage,Status,Created Date,Close Date\nD1,Closed Won,Active,2025-01-05,2025-02-20\n"
        "D2,Closed Lost,Inactive,2025-01-05,2025-02-20\nD3,Proposal,Active,2025-01-05,\n", "utf-8")  # fmt: skip
    found = engine.collect(read(path).cases).set_index("case_id")["status"].to_dict()
    assert found == {"D1": "won", "D2": "lost", "D3": "open"}


def test_a_part_of_a_log_keeps_what_stands_above_all_numbers_without_those_of_others(tmp_path):
    rows = ["North,Closed Won"] * 3 + ["South,Besiegelt"] * 4
    log = read(deals(tmp_path, "Region,Stage", *rows))
    assert top(log) == ["closed_by_label", "one_side_stages"]
    part = portion(log.where(region="South"))
    assert top(part) == ["outcome_unsure", "no_outcome"]
    said = " ".join(map(str, part.quality.top))
    assert "all 4 deals are taken as open" in said and "Besiegelt (4)" in said
    assert "3" not in said and "North" not in said
    assert top(portion(log.where(region="North"))) == ["outcome_unsure", "one_side"]


def test_a_part_of_a_file_that_was_cut_off_says_so(tmp_path):
    path = deals(tmp_path, "Region,Stage,Closed,Won", "North,A,1,1", "South,B,1,0", "South,C,0,0")
    path.write_text(path.read_text("utf-8") + "D4,South,C,0,0,40", "utf-8")
    log = read(path)
    assert "torn" in {each for note in log.quality.top for each in ids(note)}
    assert "cut_off_whole" in top(portion(log.where(region="North")))
