"""What a process on Linux has used: memory at its highest, and CPU time."""
import os
from pathlib import Path


def reset_peak(pid):
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def memory(pid):
    """(resident bytes now, the most since `reset_peak`)."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))


def mapped(pid):
    """(bytes mapped now, the most ever), read or not: beside `memory`, which also falls where the system takes back pages of libraries."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(lines[name].split()[0]) * 1024 for name in ("VmSize", "VmPeak"))


def cpu_seconds(pid, without_main=False):
    """Of all its threads, also those that have ended, in user and kernel; `without_main` leaves out the first."""
    return _ticks(f"/proc/{pid}/stat") - (_ticks(f"/proc/{pid}/task/{pid}/stat") if without_main else 0)


def _ticks(stat):
    fields = Path(stat).read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
