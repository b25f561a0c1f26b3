"""What a message advises leads to the right log when it is obeyed."""

import re

import pytest

from l2c import engine
from l2c.prepare.read import read
from l2c.words.errors import BadMapping, ColumnsNotFound, L2CError

ROWS = [("D1", "Closed Won", 1000, "2025-01-05", "2025-02-20"), ("D2", "Closed Lost", 2000, "2025-01-15", "2025-03-18")]


def table(folder, headers, rows=ROWS):
    path = folder / "deals.csv"
    path.write_text("\n".join([headers, *(",".join(map(str, row)) for row in rows)]) + "\n", "utf-8")
    return path


def story(log):
    """Of each deal what happened on which day."""
    found = engine.collect(log.events).sort_values(["case_id", "time"])
    return [(c, a, f"{t:%m-%d}") for c, a, t in found[["case_id", "activity", "time"]].itertuples(index=False)]


RIGHT = [
    ("D1", "Opportunity Created", "01-05"),
    ("D1", "Closed Won", "02-20"),
    ("D2", "Opportunity Created", "01-15"),
    ("D2", "Closed Lost", "03-18"),
]


def advised(path, **given):
    """The lines that the message of a refused source advises."""
    with pytest.raises(L2CError) as refused:
        read(path, **given)
    return re.findall(r'--map "([^"]+)"', str(refused.value)), str(refused.value)


def filled(line, names):
    return re.sub(r"([\w ]+)=YOUR_COLUMN", lambda m: f"{m[1]}={names[m[1].strip()]}", line)


@pytest.mark.parametrize(
    "headers",
    [
        "Nummer,Wo,Wieviel,Anfang,Ende",
        "Sagsnr.,Trin,Beløb,Startet,Slut",
        "numero,vaihe,summa,alku,loppu",
        "번째,어디,얼마,시작,끝",
        "код,где,сколько,начало,конец",
        "Deal ref,Where,How much,Begun,Over",
    ],
)
def test_a_row_per_deal_under_unknown_headers_is_read_as_the_message_says(tmp_path, headers):
    path = table(tmp_path, headers)
    lines, _ = advised(path)
    one, stage, _, made, closed = headers.split(",")
    names = {"case_id": one, "stage": stage, "Opportunity Created": made, "Close Date": closed}
    assert story(read(path, mapping=filled(lines[-1], names))) == RIGHT


@pytest.mark.parametrize("headers", ["Nummer,Was,Wert,Wann,x", "ref,thing,value,moment,x"])
def test_a_row_per_event_under_unknown_headers_is_read_as_the_message_says(tmp_path, headers):
    path = table(tmp_path, headers)
    lines, _ = advised(path)
    case, activity, _, time, _ = headers.split(",")
    log = read(path, mapping=filled(lines[0], {"case_id": case, "activity": activity, "time": time}))
    assert story(log) == [("D1", "Closed Won", "01-05"), ("D2", "Closed Lost", "01-15")]


TWINS = [(c, "2018-03-04", stage, made, closed) for c, stage, _, made, closed in ROWS]


@pytest.mark.parametrize(
    "headers",
    [
        "Opportunity ID,Created Date,Stage,Created Date,Close Date",
        "商談 ID,作成日,フェーズ,作成日,完了予定日",
        "Opportunity-ID,Erstelldatum,Phase,Erstelldatum,Schlusstermin",
    ],
)
def test_two_columns_of_one_name_are_asked_about_with_values_and_the_answer_counts(tmp_path, headers):
    path = table(tmp_path, headers, [(*row[:1], f"201{n}-03-04", *row[2:]) for n, row in enumerate(TWINS)])
    lines, text = advised(path)
    assert "2010-03-04, 2011-03-04" in text and "2025-01-05, 2025-01-15" in text
    second = next(line for line in lines if line.endswith("(2)"))
    header = second.split("=")[1]
    for answer in (second, f"time={header}", f"Created Date={header}", f"Opportunity Created={header}"):
        assert [row for row in story(read(path, mapping=answer)) if row[1] == "Opportunity Created"] == [
            RIGHT[0],
            RIGHT[2],
        ]


def test_two_columns_of_one_name_that_agree_are_one(tmp_path):
    rows = [(c, s, made, made, closed) for c, s, _, made, closed in ROWS]
    path = table(tmp_path, "Opportunity ID,Stage,Created Date,Created Date,Close Date", rows)
    assert story(read(path)) == RIGHT


def test_where_only_the_id_is_missing_nothing_else_is_asked_for(tmp_path):
    path = table(tmp_path, "Deal name,Stage,Amount,Created Date,Close Date")
    (line,), text = advised(path)
    assert line == "case_id=Deal name" and "activity" not in text
    assert story(read(path, mapping=line)) == RIGHT


def test_a_name_that_comes_again_is_not_advised_as_an_id(tmp_path):
    path = table(tmp_path, "Deal name,Stage,Amount,Created Date,Close Date", [("Renewal", *row[1:]) for row in ROWS])
    _, text = advised(path)
    assert "Values come again in Deal name" in text and "add the id" in text


@pytest.mark.parametrize(
    ("stage", "time"), [("Status", "Created Date"), ("ステータス", "作成日"), ("Phase", "Erstelldatum")]
)
def test_a_list_of_deals_with_one_date_is_no_log_of_stages(tmp_path, stage, time):
    path = table(tmp_path, f"Opportunity ID,{stage},Amount,{time}", [row[:4] for row in ROWS])
    lines, _ = advised(path)
    assert lines[0] == f"Opportunity Created={time}, Close Date=YOUR_COLUMN"
    assert story(read(path, mapping=lines[0].split(",")[0])) == [RIGHT[0], RIGHT[2]]
    assert [a for _, a, _ in story(read(path, mapping=lines[1]))] == ["Closed Won", "Closed Lost"]


def test_a_stage_and_a_creation_day_named_as_events_are_doubted_on_top(tmp_path):
    path = table(tmp_path, "Record ID,Deal Stage,Amount,Begin,End")
    log = read(path, mapping="case_id=Record ID, activity=Deal Stage, time=Begin")
    assert [note.id for note in log.quality.top] == ["one_event_each"]


def test_labels_are_taken_for_attributes_in_a_short_mapping(tmp_path):
    path = table(tmp_path, "n,s,a,b,e")
    log = read(path, mapping="Opportunity ID=n, Stage=s, Amount=a, 作成日=b, 完了予定日=e")
    assert story(log) == RIGHT
    assert engine.collect(log.cases)["amount"].sum() == 3000


def test_a_mapping_of_both_shapes_is_refused(tmp_path):
    path = table(tmp_path, "n,s,a,b,e")
    with pytest.raises(BadMapping, match="names a column of activities"):
        read(path, mapping="case_id=n, activity=s, Opportunity Created=b")


def test_the_same_id_in_two_lengths_is_no_question(tmp_path):
    short, long = "006Kx00000AaBcD", "006Kx00000AaBcDIAV"
    rows = [(short, long, "Closed Won", "2025-01-05", "2025-02-20"), (short[:-1] + "d", short[:-1] + "dIAF", "Closed Lost", "2025-01-15", "2025-03-18")]  # fmt: skip
    for headers in ("Opportunity ID,Opportunity ID (18)", "Opportunity ID,Case Safe ID", "Opportunity ID 18,商談 ID"):
        turned = headers.startswith("Opportunity ID 18")
        ids = [(row[1], row[0], *row[2:]) for row in rows] if turned else rows
        path = table(tmp_path, f"{headers},Stage,Created Date,Close Date", ids)
        assert {case for case, *_ in story(read(path))} == {long, rows[1][1]}


def test_two_different_ids_are_still_asked_about(tmp_path):
    path = table(tmp_path, "Opportunity ID,Deal ID,Stage,Created Date,Close Date", [("a", *row[0:1], row[1], *row[3:]) for row in ROWS])  # fmt: skip
    with pytest.raises(ColumnsNotFound, match=r"Opportunity ID \(a\) and Deal ID \(D1, D2\)"):
        read(path)


@pytest.mark.parametrize(
    "headers",
    [
        "_CASE_KEY,ACTIVITY_EN,ACTIVITY_DE,EVENTTIME,USER_NAME",
        "c_caseid,c_eventname,x,c_time,y",
        "case_id,activity_id,activity_instance_id,timestamp,resource_id",
    ],
)
def test_logs_of_other_tools_are_read_by_their_own_names(tmp_path, headers):
    rows = [
        ("D1", "Quote Sent", "Quote Sent", "2025-01-05", "x"),
        ("D1", "Closed Won", "Closed Won", "2025-01-09", "x"),
    ]
    assert [a for _, a, _ in story(read(table(tmp_path, headers, rows)))] == ["Quote Sent", "Closed Won"]


@pytest.mark.parametrize(
    "headers",
    [
        "Opportunity-ID,Phase,Betrag,Erstelldatum,Schlusstermin",
        "ID de l'opportunité,Étape,Montant,Date de création,Date de clôture",
        "Id. de oportunidad,Etapa,Importe,Fecha de creación,Fecha de cierre",
        "ID da oportunidade,Fase,Valor,Data de criação,Data de fechamento",
        "ID opportunità,Fase,Importo,Data di creazione,Data di chiusura",
        "业务机会 ID,阶段,金额,创建日期,结束日期",
        "영업 기회 ID,단계,금액,만든 날짜,마감일",
        "ID сделки,Стадия,Сумма,Дата создания,Дата закрытия",
    ],
)
def test_reports_of_deals_are_read_in_other_languages(tmp_path, headers):
    assert story(read(table(tmp_path, headers))) == RIGHT
