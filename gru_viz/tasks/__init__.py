"""What the zoo's models are trained on, one file a task."""

from gru_viz.tasks.english import English
from gru_viz.tasks.example import Example
from gru_viz.tasks.names import Names
from gru_viz.tasks.python_code import PythonCode
from gru_viz.tasks.sunspots import Sunspots
from gru_viz.tasks.task import Budget, Problem, Task

TASKS: dict[str, Task] = {task.name: task for task in (Names(), English(), PythonCode(), Sunspots(), Example())}
"""Every task `gru-viz train` knows, by name."""

__all__ = ["TASKS", "Budget", "Problem", "Task"]
