"""What is said of a training: how far it is, what its runners have reached, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gru_viz.analysis.evidence import of_share
from gru_viz.locale import Say
from gru_viz.locale.digits import count, decimals, percent, significant
from gru_viz.training.race import Snapshot, Standing
from gru_viz.training.sessions import Session
from gru_viz.training.workers import JobState


@dataclass(frozen=True)
class Metric:
    """What a task's held-out value is called, and whether it is a share."""

    label: str
    share: bool = False


_ACCURACY = Metric("train.metric_accuracy", share=True)
METRICS = {
    "names": _ACCURACY,
    "table": _ACCURACY,
    "recall": _ACCURACY,
    "adding": Metric("train.metric_within", share=True),
    "sunspots": Metric("train.metric_error"),
    "text": Metric("train.metric_bits"),
}
"""Of every task."""


def progress(session: Session, say: Say) -> tuple[str, float]:
    """How far a race is, how fast, how long still; or its place in the queue: words, and the share that is done."""
    place = session.job.place
    if session.race is None:
        return (say("train.queued", place=place) if place else say("train.preparing")), 0.0
    pace = session.race.pace()
    step = max((at.step for at in session.standings()), default=0)
    parts = [say("train.at_step", step=count(step), steps=count(session.recipe.steps))]
    speed = say("train.speed", examples=count(pace.examples))
    if session.state is JobState.WAITING:
        parts.insert(0, say("train.queued", place=place))
    elif session.state is JobState.WORKING:
        parts.append(speed)
        if pace.seconds_left is not None:
            parts.append(say("train.left", seconds=decimals(pace.seconds_left, 0)))
    elif session.state is JobState.DONE:
        parts += [say("train.took", seconds=decimals(session.race.seconds, 1)), speed]
    else:
        parts.append(say("train.stopped"))
    return " · ".join(parts), min(1.0, pace.share)


def footnotes(session: Session | None, say: Say) -> str:
    """Under the curves: on how much the held-out values were measured, how sure that makes each share of it, and what
    they do not tell."""
    if session is None:
        return ""
    standings, share = session.standings(), METRICS[session.recipe.task].share
    return " ".join(_measured_on(standings, session.study.held_out, share, say) + _evidence(standings, say))


def _measured_on(standings: Sequence[Standing], held_out: tuple[int, str], share: bool, say: Say) -> list[str]:
    samples, piece = held_out
    if not samples:
        return []
    said = say(f"train.on_{piece}" if samples > 1 else f"train.on_{piece}_one", count=count(samples))
    valued = [(at.name, at.value) for at in standings if at.value is not None]
    if not share or not valued:
        return [said]
    each = [say("train.between", name=name, **_bounds(value, samples)) for name, value in valued]
    return [said, say("train.intervals", each=say("train.list").join(each))]


def _bounds(value: float, samples: int) -> dict[str, str]:
    """The 95 % interval of a share of so many, in percent."""
    low, high = of_share(value, samples, "").interval or (value, value)
    return {"low": percent(low, 1), "high": percent(high, 1)}


def _evidence(standings: Sequence[Standing], say: Say) -> list[str]:
    """What the held-out values do not tell, once runs are over: of one run each, and of a moment chosen by them."""
    over = [at for at in standings if at.over and at.fault is None]
    said = [say("train.one_run")] if len(over) > 1 else []
    return said + ([say("train.chosen")] if any(at.best is not None for at in over) else [])


def reached(at: Standing, share: bool, samples: int, say: Say) -> str:
    """A runner's held-out value, the latest or of the weights it kept; of a share, of how many."""
    if at.value is None:
        return ""
    value = held_out_value(at.value, share, say)
    return say("train.of", value=value, count=count(samples)) if share and samples else value


def ending(at: Standing, say: Say) -> str:
    """Which weights a runner kept that ended before its last step, or that was watched; empty of any other."""
    if at.fault is not None or not at.over or at.best is None:
        return ""
    how = "train.stopped_early" if at.stopped is not None else "train.best_kept"
    return say(how, step=count(at.step), best=count(at.best))


def held_out_value(value: float, share: bool, say: Say) -> str:
    """A held-out value as people read it; never 100 % or 0 % for what is not."""
    return say("number.percent", value=percent(value, 1)) if share else significant(value)


def snapshot_name(at: Snapshot, share: bool, say: Say) -> str:
    """A snapshot: its step, and what was reached there."""
    value = held_out_value(at.point.held_out, share, say)
    return (
        say("train.snapshot", step=count(at.step), value=value) if at.step else say("train.snapshot_first", value=value)
    )
