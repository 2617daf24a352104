"""The command line: `gru-viz train | measure | trace | run`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Event, current_thread, main_thread
from types import FrameType
from typing import NoReturn

from gru_viz.errors import GruVizError, InputError, ModelError

INTERRUPTED = 130
"""The status of a command ended by Ctrl-C, as shells have it."""

NOBODY_READS = 141
"""The status of a command whose reader has gone (`| head -1`), as shells have it."""

DASHES = "a text that begins with - goes last, behind --: gru-viz trace names -- -anna"

_PACKAGE = Path(__file__).resolve().parent
APPS = (_PACKAGE.parent / "app.py", _PACKAGE / "start" / "app.py")
"""Where the app's script lives: in a source tree beside the package, in an installed wheel inside it."""

ZOO = (
    *("names", "names-lstm", "names-rnn", "names-bigru", "english", "english-lstm", "english-rnn"),
    *("python", "python-lstm", "python-rnn", "tang"),
    *("syntax", "syntax-bigru", "syntax-backward", "syntax-lstm", "syntax-rnn"),
    *("recall", "recall-lstm", "recall-rnn", "copy", "copy-lstm", "copy-rnn", "adding", "adding-lstm", "adding-rnn"),
    *("sunspots", "sunspots-lstm", "sunspots-rnn", "example"),
)
"""The models that are shipped, as `gru_viz.tasks.TASKS` says; written out so that a --help need not load torch."""

UNSHIPPED = (
    *("names-mingru", "english-mingru", "python-mingru", "syntax-mingru", "sunspots-mingru"),
    *("recall-mingru", "copy-mingru", "adding-mingru"),
)
"""What else can be trained (`gru_viz.tasks.TRAINABLE`)."""

DATA = (
    "train on this text file (english), folder of sources (python, syntax), or package chinese-poetry as npm packs or "
    "unpacks it (tang)"
)


class _Parser(argparse.ArgumentParser):
    """Says, where a text that begins with - was taken for an option, how to write one."""

    def error(self, message: str) -> NoReturn:
        super().error(f"{message}; {DASHES}" if self.prog.endswith("trace") else message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what was asked, 2 with one sentence on stderr when it could not."""
    with _any_console():
        try:
            try:
                return _run_command(sys.argv[1:] if arguments is None else arguments)
            finally:
                _flush()
        except BrokenPipeError:
            _close_quietly()
            return NOBODY_READS
        except OSError as error:
            _close_quietly()
            print(f"gru-viz: the output cannot be written: {error.strerror}.", file=sys.stderr)
            return 2


def _run_command(arguments: Sequence[str]) -> int:
    try:
        known = parser()
        options, unknown = known.parse_known_args(arguments)
        if unknown:
            hint = f"; {DASHES}" if options.run is _trace else ""
            known.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
        return options.run(options)
    except GruVizError as error:
        print(f"gru-viz: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED


@contextmanager
def _any_console() -> Iterator[None]:
    """What a console's encoding does not hold is written as an escape (\\u0141) instead of ending the command."""
    streams = [stream for stream in (sys.stdout, sys.stderr) if hasattr(stream, "reconfigure")]
    before = [stream.errors for stream in streams]
    for stream in streams:
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        yield
    finally:
        for stream, errors in zip(streams, before, strict=True):
            if not stream.closed:
                stream.reconfigure(errors=errors)  # type: ignore[union-attr]


def _flush() -> None:
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.flush()


def _close_quietly() -> None:
    """What is still to be written goes nowhere: Python would complain of it on its way out."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    root = _Parser(prog="gru-viz", description="See what a recurrent network computes, step by step.")
    commands = root.add_subparsers(required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train a model of the zoo again and write its weights and card")
    train.add_argument("name", metavar="NAME", help=f"one of {', '.join(ZOO)}; not shipped: {', '.join(UNSHIPPED)}")
    train.add_argument("--data", type=Path, help=DATA)
    train.add_argument("--out", type=Path, help="folder to write NAME into (default: assets/models)")
    train.add_argument("--steps", type=int, help="optimiser steps, instead of the task's own number")
    train.add_argument(
        "--learning-rate", type=float, metavar="RATE", help="the schedule's peak, instead of the task's own"
    )
    train.add_argument(
        "--patience",
        type=int,
        metavar="STEPS",
        help="early stop: end when so many steps brought no better held-out value, and keep the best weights",
    )
    train.add_argument("--device", help="cpu (default), cuda (in mixed precision) or mps")
    train.add_argument("--resume", action="store_true", help="go on from the checkpoint of a run that was stopped")
    train.add_argument("--threads", type=_positive, help="CPU threads (default: torch's)")
    train.set_defaults(run=_train)

    measure = commands.add_parser(
        "measure", help="measure a model of the zoo again and write its card; nothing is trained"
    )
    measure.add_argument("name", metavar="NAME", help="as for train")
    measure.add_argument("--data", type=Path, help="where the held-out data are, as for train")
    measure.add_argument("--out", type=Path, help="folder that NAME is in (default: assets/models)")
    measure.add_argument("--threads", type=_positive, help="CPU threads (default: torch's)")
    measure.set_defaults(run=_measure)

    show = commands.add_parser("trace", help="run a model on a text or on numbers and print what its cell computed")
    show.add_argument("model", metavar="MODEL", help="a name in the zoo, or a folder with weights and card")
    show.add_argument(
        "text",
        metavar="TEXT",
        help='a text; for number models "5 11 16", rows separated by ";"; behind -- if it begins with -',
    )
    show.add_argument("--layer", type=int, default=0, help="which layer to print, from 0 (default: 0)")
    show.add_argument("--save", metavar="FILE", help="write the trace there as safetensors")
    show.set_defaults(run=_trace)

    run = commands.add_parser("run", help="start the app in the browser")
    run.add_argument("--port", type=_positive, help="port to listen at (default: 8501, or the next that is free)")
    run.add_argument("--host", help="address to listen at (default: localhost, this machine alone)")
    run.add_argument("--no-browser", action="store_true", help="open no browser")
    run.add_argument("options", nargs=argparse.REMAINDER, help="options for streamlit, after --")
    run.set_defaults(run=_run)
    return root


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, not {text}")
    return int(text)


def _train(options: argparse.Namespace) -> int:
    from gru_viz.models import load
    from gru_viz.training import Options, Stopped, checkpoint_of, rebuild, repeatable
    from gru_viz.training.progress_bar import ProgressBar

    repeatable.ask_for_it(options.device)
    bar, asked = ProgressBar(), Event()
    wanted = Options(options.data, options.steps, options.learning_rate, options.patience, options.device)
    try:
        with _interrupts(asked):
            folder = rebuild(
                options.name,
                wanted,
                folder=options.out,
                threads=options.threads,
                on_progress=bar,
                cancelled=asked.is_set,
                resume=options.resume,
            )
    except Stopped as stopped:
        bar.close()
        print(f"{stopped}; it is kept in {checkpoint_of(options.name, options.out)}: add --resume to go on")
        return INTERRUPTED
    finally:
        bar.close()
    card = load(folder).card
    if (early := card.get("early_stop")) and early["steps_done"] < card["training"]["steps"]:
        print(
            f"stopped early at step {early['steps_done']}: no better {card['curve']['metric']} for {early['patience']} "
            f"steps; the weights are those of step {early['best_step']}"
        )
    print(f"wrote {folder}")
    return 0


def _measure(options: argparse.Namespace) -> int:
    from gru_viz.training import remeasure

    print(f"wrote {remeasure(options.name, options.data, folder=options.out, threads=options.threads)}")
    return 0


@contextmanager
def _interrupts(asked: Event) -> Iterator[None]:
    """The first Ctrl-C asks the run to stop after its step; a second one ends it as usual."""

    def ask(number: int, _: FrameType | None) -> None:
        asked.set()
        signal.signal(number, signal.default_int_handler)

    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _trace(options: argparse.Namespace) -> int:
    from gru_viz.models import load
    from gru_viz.models.report import how_read, numbers_from, table
    from gru_viz.tracing.storage import check_savable

    if options.save is not None:
        check_savable(options.save)
    model = load(options.model)
    columns = model.rnn.input_size
    text = options.text if isinstance(options.text, str) else "--"  # argparse takes a text -- for nothing
    data = text if model.vocabulary else numbers_from(text, columns)
    if not model.vocabulary and (note := how_read(text, columns)):
        print(f"gru-viz: {note}", file=sys.stderr)
    trace = model.trace(data)
    if not 0 <= options.layer < trace.num_layers:
        raise InputError(
            "trace.layer",
            "There is no layer {layer}; the layers of {model} are 0 to {last}.",
            layer=options.layer,
            model=model.name,
            last=trace.num_layers - 1,
        )
    print(table(model, trace, options.layer))
    if options.save is not None:
        trace.save(options.save)
        print(f"wrote {options.save}")
    return 0


def _run(options: argparse.Namespace) -> int:
    script = next((app for app in APPS if app.is_file()), None)
    if script is None or find_spec("streamlit") is None:
        raise ModelError(
            "app.missing",
            "The app cannot start: {missing} is not installed.",
            missing="its script app.py" if script is None else "streamlit",
        )
    from gru_viz.ui.serving import serve

    extra = [option for option in options.options if option != "--"]
    serve(script, options.port, options.host, not options.no_browser, extra)
    return 0


if __name__ == "__main__":
    sys.exit(main())
