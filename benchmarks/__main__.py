"""Every benchmark, one table after the other: `make bench`."""

from benchmarks import (
    first_visitor,
    influence,
    keystroke,
    load,
    newton,
    player,
    replicas,
    several,
    trace_speed,
    training,
)

trace_speed.main()
influence.main()
training.main()
newton.main()
first_visitor.main()
keystroke.main()
several.main()
load.main()
replicas.main()
player.main()
