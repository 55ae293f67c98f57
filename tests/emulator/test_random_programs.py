"""A sample of the random programs that `make fuzz` runs by the thousand."""

from fuzz.random_programs import run_batch, run_contained_batch


def test_random_programs_end_with_a_reason() -> None:
    assert sum(run_batch(seed=20, count=100).values()) == 200


def test_batches_are_the_same_each_time_and_in_a_child() -> None:
    assert run_contained_batch(seed=3, count=20) == run_batch(seed=3, count=20)
