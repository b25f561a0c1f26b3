"""Run the notebooks from top to bottom on the demo log and keep their outputs: python notebooks/refresh.py [NAME …]."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).parent
ORDER = [
    "02_prepare",
    "01_template",
    "03_discover",
    "04a_time",
    "04b_deals",
    "04c_money_and_rules",
    "05_improve",
    "06_monitor",
    "06b_pipeline",
    "report",
    "dashboard",
]

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    import nbformat

    from l2c.lab import at_hand

    # So that the notebooks can be run in any order, and none of them says that it made the demo.
    at_hand(HERE / "out" / "log", HERE / "out")
    for name in sys.argv[1:] or ORDER:
        path = HERE / f"{name}.ipynb"
        command = [
            sys.executable,
            "-m",
            "jupyter",
            "nbconvert",
            "--execute",
            "--inplace",
            "--to",
            "notebook",
            str(path),
        ]
        # As text, the filter panel is the same at every run.
        subprocess.run(command, check=True, cwd=HERE, env=os.environ | {"L2C_REPORT": "1"})
        notebook = nbformat.read(path, as_version=4)
        # Models of widgets belong to the kernel that made them.
        notebook.metadata.pop("widgets", None)
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        notebook.metadata["language_info"] = {"name": "python"}
        nbformat.write(notebook, path)
