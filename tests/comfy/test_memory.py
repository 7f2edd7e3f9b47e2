"""What the starter tells ComfyUI that it will need, beside what it allocates; bench/memory.py prints both for more lengths."""
import pytest

from bench.memory import told_and_used


@pytest.mark.parametrize("seconds, batch", [(1.0, 4), (4.0, 1)])
def test_the_estimate_is_within_a_factor_of_two(server, starter, seconds, batch):
    for what, (told, used) in told_and_used(server, starter, seconds, batch).items():
        assert 0.5 < told / used < 2, (what, told, used)
