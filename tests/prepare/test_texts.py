import polars as pl

from l2c.log.ordering import coded
from l2c.prepare.delimited import _exact, _quick
from l2c.prepare.meant import typed
from l2c.prepare.read import read
from l2c.prepare.texts import distinct, repeats, small, stripped


def test_texts_that_repeat_are_kept_once():
    assert isinstance(small(pl.Series(["a", "b"] * 50)).dtype, pl.Categorical)
    assert small(pl.Series([str(n) for n in range(100)])).dtype == pl.String
    assert not repeats(pl.Series(["a", "b"]))


def test_only_the_texts_that_are_met_count_as_distinct():
    column = coded(pl.Series(["header", "a", None, "b", "a"])).slice(1)
    texts, place = distinct(column)
    assert texts.to_list() == ["a", "b"]
    assert place.to_list() == [0, None, 1, 0]


def test_texts_that_differ_by_white_space_become_one():
    bare = stripped(coded(pl.Series(["a ", "a", " ", "\u3000a", None])))
    assert bare.to_list() == ["a", "a", None, "a", None]
    assert bare.n_unique() == 2
    assert stripped(coded(pl.Series([None, None], dtype=pl.String))).to_list() == [None, None]


def test_the_quick_reader_agrees_with_the_exact_one_where_texts_repeat():
    rows = ['a,"x, y",  ,5', 'b," x",,6', 'a,,"",  7', "b , x ,z,"] * 50
    text = "\n".join(["Id,Text,Gap,Amount", *rows]) + "\n"
    quick, exact = _quick(text.encode(), ",", "log.csv", []), _exact(text, ",", "log.csv", [])
    assert quick is not None
    assert {quick.frame[name].dtype.base_type() for name in ("Id", "Text")} == {pl.Categorical}
    assert quick.frame.with_columns(pl.all().cast(pl.String)).equals(exact.frame)


def test_frames_lose_white_space_too():
    frame = typed("rows", pl.DataFrame({"a": [" x", "x "] * 20, "b": [f" {n}" for n in range(40)]})).frame
    assert frame["a"].unique().to_list() == ["x"]
    assert frame["b"].to_list() == [str(n) for n in range(40)]


def test_a_row_that_repeats_another_one_is_found_in_any_order():
    # Rows 0 and 3 are one; rows 1 and 2 share case, activity and time, but not the owner.
    rows = pl.DataFrame(
        {
            "Case ID": ["a", "b", "b", "a"],
            "Activity": ["Quote Sent"] * 4,
            "Timestamp": ["2025-01-02", "2025-01-01", "2025-01-01", "2025-01-02"],
            "Owner": ["Kim", "Kim", "Sato", "Kim"],
        }
    )
    for order in ([0, 1, 2, 3], [1, 2, 0, 3], [3, 2, 1, 0]):
        quality = read(rows[order]).quality
        assert quality.reasons == {"duplicate": 1}
        assert quality.quarantine["row"].tolist() == [max(order.index(0), order.index(3)) + 1]
