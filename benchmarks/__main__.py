"""Every benchmark, one table after the other: `make bench`."""

from benchmarks import keystroke, player, several, trace_speed, training

trace_speed.main()
training.main()
keystroke.main()
several.main()
player.main()
