import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings

import l2c
from l2c.discover import model
from l2c.discover.bpmn import SIZES, sheet
from l2c.log import build
from l2c.words.errors import NoModel
from tests.data import sample
from tests.logs import demo, event_rows, from_text

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SEQUENCE = "\n".join(f"c{n}: A 0, B 1, C 2" for n in range(5))
CHOICE = SEQUENCE + "\n" + "\n".join(f"d{n}: A 0, D 1, C 2" for n in range(5))


def kinds(found):
    return sorted(node.kind for node in found.nodes)


def test_one_path_is_a_sequence_that_fits_perfectly():
    found = model(from_text(SEQUENCE))
    assert [node.name for node in found.nodes if node.kind == "task"] == ["A", "B", "C"]
    assert kinds(found) == ["end", "start", "task", "task", "task"]
    assert (found.fitness, found.precision, found.covered) == (1, 1, 1)


def test_either_or_is_an_exclusive_choice_and_any_order_a_parallel_one():
    assert kinds(model(from_text(CHOICE))).count("xor") == 2
    both = "\n".join(f"c{n}: A 0, B 1, C 2, D 3\n d{n}: A 0, C 1, B 2, D 3" for n in range(5))
    assert kinds(model(from_text(both))).count("and") == 2


def test_rare_behaviour_is_left_out_and_lowers_the_fitness():
    log = from_text("\n".join(f"c{n}: A 0, B 1, C 2" for n in range(40)) + "\n odd: C 0, A 1, B 2, B 3")
    strict, loose = model(log, noise=0.0), model(log, noise=0.5)
    assert strict.fitness == 1
    assert loose.fitness < 1
    assert loose.precision > strict.precision


def test_the_file_is_bpmn_that_other_tools_read(tmp_path, pm4py_quietly):
    import pm4py

    found = model(from_text(CHOICE + "\n x: <script>alert(1)</script> 0"), noise=0.0)
    path = found.save(tmp_path / "model.bpmn")
    process = ET.parse(path).getroot().find(f"{BPMN}process")
    assert process is not None
    assert process.get("isExecutable") == "false"
    names = {task.get("name") for task in process.iter(f"{BPMN}task")}
    assert names == {"A", "B", "C", "D", "<script>alert(1)</script>"}
    flows = {f.get("id") for f in process.iter(f"{BPMN}sequenceFlow")}
    assert (
        {e.text for e in process.iter(f"{BPMN}incoming")} == flows == {e.text for e in process.iter(f"{BPMN}outgoing")}
    )
    again = pm4py.read_bpmn(str(path))
    assert len(again.get_nodes()) == len(found.nodes)
    assert len(again.get_flows()) == len(found.flows)


def test_the_same_log_gives_the_same_bytes(tmp_path):
    log = demo(300)
    one, two = (model(log).save(tmp_path / f"{n}.bpmn").read_bytes() for n in (1, 2))
    assert one == two


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event_rows())
def test_shapes_stand_apart_and_flows_join_them(rows):
    found = model(build(rows))
    for across in (True, False):
        plan = sheet(found, across=across)
        sizes = {node.id: SIZES[node.kind] for node in found.nodes}
        for a, b in combinations(plan.nodes, 2):
            (xa, ya), (xb, yb) = plan.nodes[a], plan.nodes[b]
            apart_x = abs(xa - xb) - (sizes[a][0] + sizes[b][0]) / 2
            apart_y = abs(ya - yb) - (sizes[a][1] + sizes[b][1]) / 2
            assert max(apart_x, apart_y) > 0, (a, b)
        for (a, b), corners in zip([f for f in found.flows if f[0] != f[1]], plan.flows, strict=True):
            for name, (x, y) in ((a, corners[0]), (b, corners[-1])):
                dx, dy = abs(x - plan.nodes[name][0]), abs(y - plan.nodes[name][1])
                assert dx <= sizes[name][0] / 2 + 0.1
                assert dy <= sizes[name][1] / 2 + 0.1
            # Flows turn at right angles.
            assert all(abs(p[0] - q[0]) < 0.6 or abs(p[1] - q[1]) < 0.6 for p, q in pairwise(corners))


def test_what_cannot_be_mined_is_said(tmp_path):
    log = from_text("a [region=EMEA]: A 0\n b [region=APAC]: B 0")
    with pytest.raises(NoModel, match="no case"):
        model(log.where(region="EMEA", includes="B"))
    with pytest.raises(NoModel, match="share"):
        model(log, noise=2)
    with pytest.raises(NoModel, match=r"\.bpmn"):
        model(log).save(tmp_path / "model.xml")


@pytest.mark.parametrize("name", ["open-process-mining/raw_itsm_2024.csv", "event_logs/receipt.csv"])
def test_a_real_log_is_mined(name):
    found = model(l2c.read(sample(name)))
    assert found.fitness > 0.85
    assert found.covered > 0.9
