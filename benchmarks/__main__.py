"""Every benchmark, one table after the other: `make bench`."""

from benchmarks import keystroke, load, player, replicas, several, trace_speed, training

trace_speed.main()
training.main()
keystroke.main()
several.main()
load.main()
replicas.main()
player.main()
