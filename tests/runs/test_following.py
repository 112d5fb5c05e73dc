"""Reading events and logs while they are written, whole or not."""

import os

from app.engine.event_log import EventLog
from app.runs.follow import EventReader, LogTail
from app.wire.events import Step, decode, encode


def step(iteration):
    return Step(1.0, iteration, 2.5, 40, 0.1)


def test_a_torn_last_line_waits_for_its_end(tmp_path):
    path = tmp_path / "events.jsonl"
    reader = EventReader(path)
    assert reader.read_new() == []
    line = encode(step(2)).encode()
    path.write_bytes(encode(step(1)).encode() + line[:20])
    assert reader.read_new() == [step(1)]
    assert reader.read_new() == []
    with path.open("ab") as file:
        file.write(line[20:])
    assert reader.read_new() == [step(2)]
    assert reader.read_new() == []


def test_lines_that_are_no_events_are_passed_over(tmp_path):
    path = tmp_path / "events.jsonl"
    good = encode(step(1)).encode()
    path.write_bytes(b"\xff\xfe\n{}\n\n[1]\n" + good + b'{"event":"unheard of"}\n' + b"\x00" * 3_000_000 + b"\n" + good)
    assert EventReader(path).read_new() == [step(1), step(1)]


def test_a_limit_leaves_the_rest_for_the_next_call(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text("".join(encode(step(i)) for i in range(25_000)))
    reader = EventReader(path)
    parts = []
    while part := reader.read_new(limit=9_999):
        parts.append(part)
    assert [len(part) for part in parts] == [9_999, 9_999, 5_002]
    assert [event.iteration for part in parts for event in part] == list(range(25_000))


def test_a_file_that_became_shorter_is_followed_from_there(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text("".join(encode(step(i)) for i in range(10)))
    reader = EventReader(path)
    assert len(reader.read_new()) == 10
    os.truncate(path, len(encode(step(0))))
    assert reader.read_new() == []
    with path.open("a") as file:
        file.write(encode(step(11)))
    assert reader.read_new() == [step(11)]


def test_a_trainer_taken_up_again_does_not_write_on_into_a_torn_line(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(encode(step(1)).encode() + b'{"event":"st')
    log = EventLog(path)
    log.write(step(2))
    log.write(step(3))
    assert EventReader(path).read_new() == [step(1), step(2), step(3)]


def test_a_full_disk_costs_events_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    log.write(step(1))
    real = os.write

    def half(descriptor, data):
        return real(descriptor, data[: len(data) // 2])

    def full(descriptor, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", half)
    log.write(step(2))
    monkeypatch.setattr(os, "write", full)
    log.write(step(3))
    monkeypatch.setattr(os, "write", real)
    log.write(step(4))
    assert EventReader(path).read_new() == [step(1), step(4)]


def test_the_end_of_a_log_is_bounded_and_raw(tmp_path):
    path = tmp_path / "trainer.log"
    tail = LogTail(path, lines=3)
    assert tail.read() == []
    path.write_bytes(b"x" * 1_000_000 + b"\none\r\n\x1b[31mtwo [/x]\n\xff three")
    assert tail.read() == ["one", "\x1b[31mtwo [/x]", "\ufffd three"]
    assert LogTail(path).read()[0] == "one"


def test_infinite_losses_travel(tmp_path):
    event = Step(1.0, 1, float("inf"), 40, 0.1)
    assert decode(encode(event)) == event
