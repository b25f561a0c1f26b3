"""In which encoding a file is written, and what of it is broken."""

import pytest

from l2c.prepare import codepages
from l2c.prepare.delimited import table
from l2c.prepare.encoding import utf8
from l2c.prepare.read import read
from l2c.words.errors import UnreadableFile

HEAD = "Opportunity ID,Stage,Amount,Created Date,Close Date,Region\n"
WORDS = {
    "cp949": ["서울특별시", "부산광역시", "경기도 성남시", "김민수", "제안서 발송"],
    "gb18030": ["上海市浦东", "北京市朝阳", "华南大区", "张伟", "深圳科技有限公司"],
    "big5": ["台北市", "高雄", "業務部", "王小明", "台灣積體電路"],
    "cp1251": ["Москва", "Казань", "Северо-Запад", "ООО Ромашка", "Петров Иван"],
    "koi8_r": ["Москва", "Казань", "Северо-Запад", "ООО Ромашка", "Петров Иван"],
    "cp1250": ["Śląsk", "Łódź", "Małopolskie", "Wiśniewski", "Plzeň"],
    "iso-8859-2": ["Śląsk", "Łódź", "Małopolskie", "Wiśniewski", "Plzeň"],
    "cp1254": ["İstanbul", "Eskişehir", "Muğla", "Yılmaz", "Güneydoğu"],
    "cp1252": ["Köln", "München", "Málaga", "Île-de-France", "São Paulo"],
    "cp932": ["東京支社", "大阪", "営業部", "鈴木一郎", "株式会社"],
    "euc_jp": ["東京支社", "大阪", "営業部", "鈴木一郎", "株式会社"],
    "cp1253": ["Αθήνα", "Θεσσαλονίκη", "Παπαδόπουλος", "Βόρεια", "Νότια"],
    "cp874": ["กรุงเทพ", "เชียงใหม่", "สมชาย", "ภูเก็ต", "ขอนแก่น"],
}


def file_of(words, head=HEAD):
    rows = [f"D{n},Closed Won,{n}00,2025-01-0{n % 9 + 1},2025-02-20,{word}\n" for n, word in enumerate(words)]
    return head + "".join(rows)


def regions(data):
    found = table(data, "log.csv")
    return found.frame["Region"].cast(str).to_list(), " ".join(map(str, found.notes))


@pytest.mark.parametrize("many", [1, 2, 5])
@pytest.mark.parametrize("encoding", WORDS)
def test_code_pages_are_named_and_read(encoding, many):
    words = WORDS[encoding][:many]
    read_, notes = regions(file_of(words).encode(encoding))
    assert read_ == words
    assert f"the encoding is {encoding}" in notes


@pytest.mark.parametrize(
    "encoding", ["cp949", "gb18030", "big5", "cp1251", "cp1250", "utf-16", "utf-32", "utf-16-be", "utf-32-le"]
)
def test_headers_in_other_languages_are_legible(encoding):
    head = {
        "cp949": "영업기회 ID,지역",
        "gb18030": "商机编号,地区",
        "big5": "商機編號,地區",
        "cp1251": "Номер сделки,Регион",
    }
    text = (
        head.get(encoding, "Numer szansy,Województwo")
        + "\n"
        + "".join(f"D{n},{w}\n" for n, w in enumerate(WORDS.get(encoding, ["Łódź"])))
    )
    assert ",".join(table(text.encode(encoding), "log.csv").frame.columns) == text.split("\n")[0]


def test_a_doubt_is_said_with_both_readings():
    _, notes = regions(file_of(WORDS["euc_jp"][:2]).encode("euc_jp"))
    assert (
        "not certain: read as euc_jp (東京支社, 大阪), it could be gb18030 (" in notes
        and "save the file as UTF-8" in notes
    )
    assert "not certain" not in regions(file_of(WORDS["gb18030"]).encode("gb18030"))[1]
    assert codepages.told("Москва\nКазань".encode("cp1251")) == ("cp1251", [])


@pytest.mark.parametrize(
    ("words", "bad", "meant"),
    [
        (["Süd", "Müller", "Größe", "Nord"], b"Gr\xc3", "Gr\ufffd"),
        (["商談", "備考の文", "東京"], b"\xe5\x95", "\ufffd"),
        (["Nord", "Süd"], b"B\xc3hm", "B\ufffdhm"),
        (["서울", "부산", "대구"], b"\xec\x84", "\ufffd"),
        (["Łódź", "Kraków"], b"\xff", "\ufffd"),
    ],
)
def test_a_broken_byte_is_replaced_and_its_line_named(words, bad, meant):
    data = file_of(words).encode() + b"D9,Closed Won,900,2025-01-09,2025-02-20," + bad + b"\n"
    read_, notes = regions(data)
    assert read_ == [*words, meant]
    assert f"1 broken bytes were replaced by \ufffd (line {len(words) + 2})" in notes and "encoding" not in notes


def test_a_broken_byte_does_not_change_the_code_page():
    words = WORDS["cp949"] * 2 + ["인천"]
    data = file_of(words).encode("cp949").removesuffix(b"\n")[:-1] + b"\n"
    read_, notes = regions(data)
    assert read_[:-1] == words[:-1] and "the encoding is cp949" in notes and f"(line {len(words) + 1})" in notes


def test_a_torn_utf_16_file_is_read_but_for_its_last_sign():
    data = file_of(["Köln", "Łódź"]).encode("utf-16")[:-1]
    assert regions(data)[0][0] == "Köln"


@pytest.mark.parametrize("at", [3, 70, 100])
def test_nuls_are_left_out(at):
    data = file_of(["Nord", "Süd"]).encode()
    read_, notes = regions(data[:at] + b"\0" + data[at:] + b"\0" * 4096)
    assert read_ == ["Nord", "Süd"]
    assert "4,097 NUL bytes were left out (line 1" in notes or "4,097 NUL bytes were left out (line 2" in notes


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 40, b"SQLite format 3\0" + b"\0\1\2" * 500, b"a,b\n" + b"\0" * 10 + b"x"]
)
def test_what_is_no_text_is_none(data):
    with pytest.raises(UnreadableFile, match="neither a table nor an event log"):
        utf8(data, "log.csv")


def test_marks_of_files_put_one_behind_the_other_are_no_part_of_an_id():
    text = "\ufeff\ufeffcase_id,activity,timestamp\nD1,Quote Sent,2025-01-05\n\ufeffD2,Closed Won,2025-01-06\n"
    assert table(text.encode(), "log.csv").frame["case_id"].to_list() == ["D1", "D2"]


def test_plain_files_say_nothing():
    assert utf8(b"a,b\n1,2\n", "log.csv") == ([], b"a,b\n1,2\n")
    assert utf8("a,b\n1,\u00e9\n".encode(), "log.csv")[0] == []


def test_a_log_says_how_its_file_was_written(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(file_of(WORDS["cp1251"]).encode("cp1251"))
    log = read(path)
    assert set(log.distinct("region")) == set(WORDS["cp1251"])
    assert "the encoding is cp1251" in str(log.quality.notes[0])
