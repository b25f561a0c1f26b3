"""What an org or a warehouse answers instead of records."""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import L2CError, listed, way


class OrgTrouble(L2CError):
    """An org that does not answer as it should."""

    @property
    def code(self) -> str:
        """Salesforce's own word for what is wrong; empty where it was never asked."""
        return str(self.made_of["code"] or "refused") if "code" in self.made_of else ""

    @way(
        "Salesforceにログインする方法がそろっていません（環境とキーリングにあるもの：{said}）。"
        "`sf org login web` でログインするか、SF_CLIENT_ID と鍵またはシークレットを設定してください（docs/salesforce.md）。"
    )
    def no_login(cls, said: Iterable[str]) -> str:
        found = ", ".join(said) or "nothing"
        return (
            f"There is no complete way to log in to Salesforce; found in the environment and the keyring: {found}. Log in "
            "with `sf org login web`, or set SF_CLIENT_ID with a key or a secret (docs/salesforce.md shows how)."
        )

    @way("Salesforceは {way} でのログインを拒否しました：{why}。必要なものは docs/salesforce.md にあります。")
    def refused_login(cls, way: str, why: str) -> str:
        return f"Salesforce refused the login by {way}: {why}. docs/salesforce.md lists what each way needs."

    @way(
        "Salesforceのセッションが切れ、更新できません（{why}）。再度ログインし、同じコマンドを実行すると続きから始まります。"
    )
    def expired(cls, why: str) -> str:
        return (
            f"The session with Salesforce has ended and cannot be renewed ({why}). Log in again and repeat the command: it "
            "goes on where it stopped."
        )

    @way("Salesforceは {what} を拒否しました：{why}。読み取り権限が必要です（docs/salesforce.md）。")
    def answered(cls, what: str, why: str, code: str) -> str:
        return f"Salesforce refused {what}: {why}. The user needs the right to read it (docs/salesforce.md)."

    @way("{what} について{tries}回試しましたが、Salesforceが応答しません：{why}。後で実行すると続きから始まります。")
    def gave_up(cls, what: str, tries: int, why: str) -> str:
        return (
            f"Salesforce did not answer for {what} after {tries} tries: {why}. Repeat the command later: it goes on where it "
            "stopped."
        )

    @way(
        "この組織は過去24時間のAPIリクエスト{limit}回のうち{used}回を使っています。"
        "ほかの利用のため、ここで止めます。明日実行すると続きから始まります。"
    )
    def ceiling(cls, used: int, limit: int, share: float) -> str:
        return (
            f"The org has used {used:,} of its {limit:,} API requests of the last 24 hours, and this program stops at "
            f"{share:.0%}. Repeat the command tomorrow: it goes on where it stopped."
        )

    @way(
        "Salesforceは {name} のクエリを {state} で終えました：{why}。ほかのオブジェクトは残ります。再実行してください。"
    )
    def failed_job(cls, name: str, state: str, why: str) -> str:
        return f"Salesforce ended the query of {name} as {state}: {why}. Other objects are kept; repeat the command."

    @way("{name} の1ページは、Salesforceが示した{told}行に対し{rows}行でした。再実行してください。")
    def short_page(cls, name: str, rows: int, told: str | None) -> str:
        return f"A page of {name} held {rows:,} rows where Salesforce announced {told}. Repeat the command."

    @way(
        "{folder} には {there} のレコードがあり、今回は {here} です。別のフォルダーを指定してください：`salesforce:フォルダー`"
    )
    def other_org(cls, folder: object, there: str, here: str) -> str:
        return f"{folder} holds records of {there}, and this is {here}. Name another folder: salesforce:FOLDER."


class WarehouseTrouble(L2CError):
    """A warehouse that cannot be read, or holds no org."""

    @way("ウェアハウス {address} を読めません：{why}。アドレス、ユーザー、パスワードを確認してください。")
    def refused(cls, address: str, why: str) -> str:
        return f"The warehouse {address} cannot be read: {why}. Check the address, the user and the password."

    @way("{kind} のドライバーがありません。必要なパッケージ：{package}")
    def no_driver(cls, kind: str, package: str | None) -> str:
        way = f"Install it with `pip install {package}`" if package else "SQLAlchemy's documentation lists the packages"
        return f"There is no driver for {kind} here. {way}."

    @way("ウェアハウスのアドレスを解釈できません。postgresql://USER@HOST/DATABASE#SCHEMA の形で書いてください。")
    def address(cls) -> str:
        return (
            "The address of the warehouse is not understood. Write it as postgresql://USER@HOST/DATABASE#SCHEMA, and give "
            "the password in L2C_WAREHOUSE_PASSWORD."
        )

    @way("ウェアハウスのアドレスは単独で読みます。ほかの元データを並べないでください。")
    def alone(cls) -> str:
        return "The address of a warehouse is read alone. Give no other source beside it."

    @way(
        "Opportunity または Lead の表がありません（ある表：{tables}）。"
        "#salesforce のようにアドレスの末尾でスキーマを指定してください。"
    )
    def no_org(cls, tables: Iterable[str]) -> str:
        return (
            f"The warehouse has no table for Opportunity or Lead; it has: {listed(sorted(tables)) or 'none'}. Name the schema "
            "at the end of the address, such as #salesforce."
        )

    @way("組織のデータが複数のスキーマにあります：{schemas}。アドレスの末尾で1つ指定してください。")
    def several(cls, schemas: Iterable[str]) -> str:
        names = ", ".join(schemas)
        return (
            f"Several schemas hold an org: {names}. Name one at the end of the address, such as #{names.split(',')[0]}."
        )

    @way("{name} とみなせる表が複数あります：{tables}。スキーマまたはビューで1つに決めてください。")
    def ambiguous(cls, name: str, tables: Iterable[str]) -> str:
        return f"Several tables could hold {name}: {', '.join(tables)}. Give a schema, or views, with one of them."
