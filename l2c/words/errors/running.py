"""What cannot run: notebooks, the dashboard, the demo, what an extra brings, a picture."""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import L2CError, way


class NotebookFailed(L2CError):
    """A notebook that could not be run to its end."""

    @way("{name} はセル{number}で停止しました：{why}。実行できたところまでのノートブック：{kept}")
    def cell(cls, name: str, number: int, why: str, kept: str) -> str:
        return f"{name} stopped in cell {number}: {why}. The notebook as far as it ran is {kept}."

    @way("{failed} 表示できなかった部分を除き、レポートは {index} にあります。")
    def cells(cls, failed: Iterable[tuple[str, int, str, str]], index: str) -> str:
        said = " ".join(str(cls.cell(*each)) for each in failed)
        return f"{said} All else of the report is written: {index}."

    @way("{name} に {unknown} というパラメーターはありません。最初のコードセルにあります。")
    def parameters(cls, name: str, unknown: Iterable[str]) -> str:
        return f"{name} has no parameter {', '.join(unknown)}. Its parameters stand in its first code cell."

    @way(
        "ノートブックを実行するプロセスが外から止められました（多くはメモリ不足）。"
        "ほかのプログラムを閉じるか、--where で対象を絞ってください。"
    )
    def ended(cls) -> str:
        return (
            "A process that ran a notebook was ended from outside, most often because memory ran out. Close other "
            "programs, or choose less of the log with --where."
        )

    @way("条件（{filters}）に合う商談がありません。いずれかを緩めてください。")
    def nothing_left(cls, filters: dict[str, str]) -> str:
        words = ", ".join(f"{word}={text}" for word, text in filters.items())
        return f"No case passes the filters {words}. Loosen one of them."


class PortTaken(L2CError):
    """An address at which the dashboard cannot listen."""

    @way(
        "`{host}:{port}` では待ち受けできません（使用中か、このコンピューターのアドレスではありません）。"
        "--port 8867 のように別の番号を指定するか、--host を省いてください。"
    )
    def at(cls, host: str, port: int) -> str:
        return (
            f"Nothing can listen at {host}:{port}: it is in use, or not an address of this machine. Choose another with "
            "--port, such as --port 8867, or leave --host out."
        )


class MissingExtra(L2CError):
    """Something that needs packages which only an extra of the kit brings."""

    @way("インストールされていません：{modules}。次で追加できます：pip install 'l2c[{extra}]'")
    def of(cls, extra: str, modules: Iterable[str]) -> str:
        return f"Not installed here: {', '.join(modules)}. Install it with: pip install 'l2c[{extra}]'."


class BadDemo(L2CError):
    """A demo company that cannot be."""

    @way("デモ会社の商談数 {cases} は少なすぎます。1以上を指定してください。")
    def too_few(cls, cases: int) -> str:
        return f"A demo company of {cases} cases is none. Ask for at least 1."


class BadPicture(L2CError):
    """A picture that cannot be saved as asked."""

    @way("図を {name} として保存できません。.svg、.png、.pdf のいずれかで終わる名前にしてください。")
    def ending(cls, name: str) -> str:
        return f"A picture cannot be saved as {name!r}. Use a name ending in .svg, .png or .pdf."

    @way("マップを {name} として保存できません。.svg、.png、.pdf、.json のいずれかで終わる名前にしてください。")
    def map_ending(cls, name: str) -> str:
        return f"A map cannot be saved as {name!r}. Use a name ending in .svg, .png, .pdf or .json."
