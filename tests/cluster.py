"""A real Spark on loopback: a master and two workers, each a process of its own, started and stopped by the tests."""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from tests.servers import free_port

QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def java() -> str | None:
    """Where Java is, or nothing."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else shutil.which("java")


def _launch(kind: str, folder: Path, *arguments: str) -> subprocess.Popen:
    import pyspark

    home = Path(pyspark.__file__).parent
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}"]
    command += ["--host", "127.0.0.1", "--webui-port", "0", *arguments]
    own = {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": QUICK,
    }
    environment = os.environ | own | {"PYSPARK_PYTHON": sys.executable}
    with (folder / f"{kind}.{time.monotonic_ns()}.log").open("w") as log:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)


@contextmanager
def cluster(folder: Path, workers: int = 2, memory: str = "1g"):
    """A session on a standalone master with some workers, one core each.

    The zone of the session is one with an hour that comes twice, and texts that overflow are errors: whatever depends
    on either shows.
    """
    from pyspark.sql import SparkSession

    port = free_port()
    master = f"spark://127.0.0.1:{port}"
    processes = [_launch("master.Master", folder, "--port", str(port))]
    processes += [_launch("worker.Worker", folder, "--cores", "1", "--memory", memory, master) for _ in range(workers)]
    try:
        _wait_for(port, processes[0])
        settings = {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.executor.memory": memory,
            # Small data: what costs is compiling and waiting, so neither is done.
            "spark.driver.extraJavaOptions": QUICK,
            "spark.executor.extraJavaOptions": QUICK,
            "spark.locality.wait": "0s",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.ansi.enabled": "true",
            "spark.sql.session.timeZone": "America/New_York",
            "spark.sql.shuffle.partitions": str(workers),
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        builder = SparkSession.builder.master(master).appName("l2c tests")
        for key, value in settings.items():
            builder = builder.config(key, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        try:
            yield session
        finally:
            session.stop()
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(120)


def _wait_for(port: int, process: subprocess.Popen) -> None:
    for _ in range(1200):
        if process.poll() is not None:
            raise RuntimeError("Spark's master stopped at once; its log is in the test's folder")
        with socket.socket() as each:
            if each.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("Spark's master did not start within two minutes")
