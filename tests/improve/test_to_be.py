"""Twelve drawings that differ from another in one thing each, and the files of several modellers."""

import xml.etree.ElementTree as ET

import pytest

from l2c.discover import bpmn_read
from l2c.discover.bpmn import xml
from l2c.improve.relations import Relations
from l2c.improve.to_be import changes, drawn
from l2c.words.errors import BadModel

SENT, ACCEPTED, APPROVED, SIGNED, WON = (
    "Quote Sent", "Quote Accepted", "Contract Approved", "Contract Signed", "Closed Won",
)  # fmt: skip
AS_IS = [SENT, ACCEPTED, APPROVED, SIGNED, WON]


def bpmn(*steps, prefix=""):
    """A small file: names in sequence, a tuple is a parallel block, a list an exclusive one, a set `{x}` a loop over x."""
    body, flows, ids = [], [], iter(range(1000))
    p = f"{prefix}:" if prefix else ""

    def node(tag, name=""):
        key = f"id_{next(ids)}"
        body.append(f'<{p}{tag} id="{key}" name="{name}"/>')
        return key

    def flow(a, b):
        flows.append(f'<{p}sequenceFlow id="{next(ids)}f" sourceRef="{a}" targetRef="{b}"/>')

    def put(last, step):
        if isinstance(step, str):
            key = node("userTask", step)
            flow(last, key)
            return key
        tag = "parallelGateway" if isinstance(step, tuple) else "exclusiveGateway"
        first, end = node(tag), node(tag)
        flow(last, first)
        for branch in step:
            key = first
            for name in (branch,) if isinstance(branch, str) else branch:
                key = put(key, name)
            flow(key, end)
        if isinstance(step, set):
            flow(end, first)
        return end

    last = node("startEvent")
    for step in steps:
        last = put(last, step)
    flow(last, node("endEvent"))
    space = f"xmlns{':' + prefix if prefix else ''}"
    text = "".join([*flows, *body])
    return f'<{p}definitions {space}="http://www.omg.org/spec/BPMN/20100524/MODEL"><{p}process id="p">{text}</{p}process></{p}definitions>'


def told(as_is, to_be):
    return [
        tuple(row) for row in changes(as_is, to_be)[["lever", "activity", "other", "needs"]].itertuples(index=False)
    ]


TWELVE = {
    "nothing": ([*AS_IS], []),
    "left out": ([SENT, ACCEPTED, SIGNED, WON], [("skip", APPROVED, None, "")]),
    "side by side": ([SENT, ACCEPTED, (APPROVED, SIGNED), WON], [("parallel", APPROVED, SIGNED, "")]),
    "three side by side": (
        [SENT, (ACCEPTED, APPROVED, SIGNED), WON],
        [("parallel", ACCEPTED, APPROVED, ""), ("parallel", APPROVED, SIGNED, "")],
    ),
    "beside two that follow each other": (
        [SENT, ((ACCEPTED, APPROVED), SIGNED), WON],
        [("parallel", APPROVED, SIGNED, "")],
    ),
    "changed places": ([SENT, ACCEPTED, SIGNED, APPROVED, WON], [("swap", APPROVED, SIGNED, "")]),
    "moved to the front": ([APPROVED, SENT, ACCEPTED, SIGNED, WON], [("move", APPROVED, None, "")]),
    "moved behind": ([ACCEPTED, APPROVED, SIGNED, SENT, WON], [("move", SENT, SIGNED, "")]),
    "added": ([SENT, ACCEPTED, "Credit Check", APPROVED, SIGNED, WON], [("new", "Credit Check", ACCEPTED, "days")]),
    "only sometimes": ([SENT, ACCEPTED, [APPROVED, ()], SIGNED, WON], [("optional", APPROVED, None, "where")]),
    "one or the other": ([SENT, ACCEPTED, [APPROVED, SIGNED], WON], [("choice", APPROVED, SIGNED, "where")]),
    "a new way round another": (
        [SENT, ACCEPTED, [APPROVED, "Template Used"], SIGNED, WON],
        [("optional", APPROVED, None, "where"), ("new", "Template Used", ACCEPTED, "days, where")],
    ),
    "a loop": ([SENT, ACCEPTED, {APPROVED}, SIGNED, WON], [("again", APPROVED, None, "share")]),
}


@pytest.mark.parametrize("name", TWELVE)
def test_what_was_changed_is_told(name):
    to_be, expected = TWELVE[name]
    assert told(bpmn(*AS_IS), bpmn(*to_be)) == expected


@pytest.mark.parametrize(
    ("name", "back"),
    [
        ("side by side", [("sequence", APPROVED, SIGNED, "")]),
        ("only sometimes", [("always", APPROVED, None, "")]),
        ("a loop", [("once", APPROVED, None, "")]),
        ("changed places", [("swap", SIGNED, APPROVED, "")]),
    ],
)
def test_and_the_way_back(name, back):
    assert told(bpmn(*TWELVE[name][0]), bpmn(*AS_IS)) == back


def test_a_list_of_activities_is_a_process_and_names_go_by_the_vocabulary():
    assert told(AS_IS, bpmn(SENT, "見積承諾", APPROVED, SIGNED, "closed won")) == []


def test_what_has_to_be_said_stands_open_in_the_entry():
    entry = changes(AS_IS, bpmn(SENT, ACCEPTED, "Credit Check", APPROVED, SIGNED, WON))["entry"][0]
    assert entry == {"insert": "Credit Check", "after": ACCEPTED, "days": None}


@pytest.mark.parametrize("steps", [AS_IS, TWELVE["side by side"][0], TWELVE["only sometimes"][0], TWELVE["a loop"][0]])
def test_what_is_written_reads_the_same(steps):
    first = drawn(bpmn(*steps))
    again = bpmn_read.read(xml(first))
    assert told(first, again) == []
    assert again == first


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_with_prefixes_and_in_other_encodings_are_read(tmp_path, encoding):
    path = tmp_path / "to_be.bpmn"
    head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    path.write_bytes((head + bpmn(*AS_IS, prefix="bpmn2")).encode(encoding))
    assert Relations(bpmn_read.read(path)).tasks == AS_IS


def inside(text):
    space = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    return f'<definitions xmlns="{space}"><process id="p">{text}</process></definitions>'


def ways(*pairs):
    return "".join(f'<sequenceFlow id="f{k}" sourceRef="{a}" targetRef="{b}"/>' for k, (a, b) in enumerate(pairs))


def test_sub_processes_are_opened():
    text = inside(
        '<startEvent id="s"/><task id="a" name="Quote Sent"/><subProcess id="sub" name="Contract">'
        '<startEvent id="s2"/><task id="b" name="Contract Approved"/><task id="c" name="Contract Signed"/><endEvent id="e2"/>'
        '<sequenceFlow id="g1" sourceRef="s2" targetRef="b"/><sequenceFlow id="g2" sourceRef="b" targetRef="c"/>'
        '<sequenceFlow id="g3" sourceRef="c" targetRef="e2"/></subProcess><endEvent id="e"/>'
        + ways(("s", "a"), ("a", "sub"), ("sub", "e"))
    )
    assert told([SENT, APPROVED, SIGNED], text) == []


def test_a_sub_process_whose_name_alone_is_known_is_a_task():
    text = inside(
        '<startEvent id="s"/><subProcess id="sub" name="Contract Approved"><task id="b" name="Read it"/></subProcess>'
        '<endEvent id="e"/>' + ways(("s", "sub"), ("sub", "e"))
    )
    assert told([APPROVED], text) == []


def test_an_interruption_is_a_way_out_and_events_in_between_pass_on():
    text = inside(
        '<startEvent id="s"/><task id="a" name="Quote Sent"/><boundaryEvent id="late" attachedToRef="a"/>'
        '<intermediateCatchEvent id="wait"/><task id="b" name="Contract Signed"/><task id="r" name="Remind"/><endEvent id="e"/>'
        + ways(("s", "a"), ("a", "wait"), ("wait", "b"), ("b", "e"), ("late", "r"), ("r", "b"))
    )
    found = Relations(bpmn_read.read(text))
    assert found.tasks == [SENT, "Remind", SIGNED]
    assert found.optional("Remind")
    assert not found.optional(SIGNED)
    assert found.of("Remind", SIGNED) == "before"


def test_several_flows_behind_a_task_are_all_taken_and_inclusive_ways_may_be():
    several = inside(
        '<startEvent id="s"/><task id="a" name="A"/><task id="b" name="B"/><task id="c" name="C"/><parallelGateway id="j"/><endEvent id="e"/>'
        + ways(("s", "a"), ("a", "b"), ("a", "c"), ("b", "j"), ("c", "j"), ("j", "e"))
    )
    found = Relations(bpmn_read.read(several))
    assert (found.of("B", "C"), found.optional("B")) == ("beside", False)
    either = Relations(bpmn_read.read(several.replace("parallelGateway", "inclusiveGateway")))
    assert (either.of("B", "C"), either.optional("B")) == ("beside", True)


@pytest.mark.parametrize(
    "text", ["<a/>", "<definitions", "<html><body>no</body></html>", inside('<startEvent id="s"/>')]
)
def test_what_is_no_model_is_refused_in_a_sentence(text):
    with pytest.raises(BadModel, match="BPMN"):
        changes(AS_IS, text)


def test_every_file_written_is_well_formed():
    assert ET.fromstring(xml(drawn(["A & B <c>", SIGNED]))).tag.endswith("definitions")
