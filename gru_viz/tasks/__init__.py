"""What the zoo's models are trained on, one file a task."""

from gru_viz.tasks import adding, copying, recall
from gru_viz.tasks.delays import DelayTask
from gru_viz.tasks.english import English
from gru_viz.tasks.example import Example
from gru_viz.tasks.family import BACKWARD, BIGRU, GRU, LSTM, RNN, THREE_CELLS
from gru_viz.tasks.names import Names
from gru_viz.tasks.python_code import PythonCode
from gru_viz.tasks.sunspots import Sunspots
from gru_viz.tasks.syntax import Syntax
from gru_viz.tasks.tang import Tang
from gru_viz.tasks.task import Budget, Problem, Task

_ZOO: tuple[Task, ...] = (
    *(Names(variant) for variant in (*THREE_CELLS, BIGRU)),
    *(English(variant) for variant in THREE_CELLS),
    *(PythonCode(variant) for variant in THREE_CELLS),
    Tang(),
    *(Syntax(variant) for variant in (GRU, BIGRU, BACKWARD, LSTM, RNN)),
    *(DelayTask(form, variant) for form in (recall.FORM, copying.FORM, adding.FORM) for variant in THREE_CELLS),
    *(Sunspots(variant) for variant in THREE_CELLS),
    Example(),
)

TASKS: dict[str, Task] = {task.name: task for task in _ZOO}
"""Every task `gru-viz train` knows, by name."""

__all__ = ["TASKS", "Budget", "Problem", "Task"]
