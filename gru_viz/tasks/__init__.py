"""What the zoo's models are trained on, one file a task."""

from gru_viz.tasks import adding, copying, recall
from gru_viz.tasks.delays import DelayTask
from gru_viz.tasks.english import English
from gru_viz.tasks.example import Example
from gru_viz.tasks.family import BACKWARD, BIGRU, GRU, LSTM, OTHERS, RNN, THREE_CELLS
from gru_viz.tasks.names import Names
from gru_viz.tasks.python_code import PythonCode
from gru_viz.tasks.sunspots import Sunspots
from gru_viz.tasks.syntax import Syntax
from gru_viz.tasks.tang import Tang
from gru_viz.tasks.task import Budget, Problem, Task

_GAMES = (recall.FORM, copying.FORM, adding.FORM)

_ZOO: tuple[Task, ...] = (
    *(Names(variant) for variant in (*THREE_CELLS, BIGRU)),
    *(English(variant) for variant in THREE_CELLS),
    *(PythonCode(variant) for variant in THREE_CELLS),
    Tang(),
    *(Syntax(variant) for variant in (GRU, BIGRU, BACKWARD, LSTM, RNN)),
    *(DelayTask(form, variant) for form in _GAMES for variant in THREE_CELLS),
    *(Sunspots(variant) for variant in THREE_CELLS),
    Example(),
)

TASKS: dict[str, Task] = {task.name: task for task in _ZOO}
"""The task of every model that is shipped, by its name."""

_OTHERS: tuple[Task, ...] = (
    *(task(variant) for variant in OTHERS for task in (Names, English, PythonCode, Syntax, Sunspots)),
    *(DelayTask(form, variant) for variant in OTHERS for form in _GAMES),
)

TRAINABLE: dict[str, Task] = TASKS | {task.name: task for task in _OTHERS}
"""Every task `gru-viz train` knows, by name: also with the cells of which no model is shipped."""

__all__ = ["TASKS", "TRAINABLE", "Budget", "Problem", "Task"]
