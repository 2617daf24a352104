"""Every benchmark, one table after the other: `make bench`."""

from benchmarks import keystroke, player, trace_speed

trace_speed.main()
keystroke.main()
player.main()
