"""A log neither repeats itself nor grows without end."""

from loaderconv.emulator.devices.event_log import FULL, MAXIMUM_ENTRIES, EventLog


def test_repeats_count_once() -> None:
    log = EventLog()
    for entry in ("poll", "poll", "erase", "poll"):
        log.add(entry)
    assert log.entries == ["poll", "erase", "poll"]


def test_says_when_it_is_full() -> None:
    log = EventLog()
    for number in range(MAXIMUM_ENTRIES + 5):
        log.add(str(number))
    assert len(log.entries) == MAXIMUM_ENTRIES + 1
    assert log.entries[-2:] == [str(MAXIMUM_ENTRIES - 1), FULL]
