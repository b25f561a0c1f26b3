"""Which tables of a warehouse hold the objects of an org?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from l2c.prepare.salesforce.address import Address, parsed
from l2c.prepare.salesforce.mapping import CUSTOM
from l2c.prepare.salesforce.meaning import key
from l2c.system.extras import need
from l2c.words.errors import L2CError, WarehouseTrouble

ROWS_AT_ONCE = 20_000
SYSTEM = {"information_schema", "pg_catalog", "sys", "performance_schema", "mysql"}
# Columns of replication tools that say which rows still count.
TOOLS = ("_fivetran_deleted", "_fivetran_active", "_fivetran_start", "_cdata_deleted", "_deleted", "_ab_cdc_deleted_at")
DRIVERS = {"postgresql": "'l2c[salesforce]'", "postgres": "'l2c[salesforce]'", "snowflake": "snowflake-sqlalchemy"} | {
    "redshift": "sqlalchemy-redshift", "bigquery": "sqlalchemy-bigquery", "mssql": "pyodbc", "mysql": "pymysql",
}  # fmt: skip


def tables(url: str, wanted: Mapping[str, Sequence[str]]) -> dict[str, pl.DataFrame]:
    """Read the objects of an org that a replication tool wrote into a warehouse.

    Parameters
    ----------
    url
        An SQLAlchemy address (`postgresql://reader@host/warehouse`), with `#schema` at its end where several schemas hold
        an org. The password comes from the address, from L2C_WAREHOUSE_PASSWORD, the keyring of the system (service `l2c`),
        or the database's own means (PGPASSWORD, ~/.pgpass).
    wanted
        Fields of each object; `*c` asks for every custom field.

    Returns
    -------
    By object the wanted columns under the names of the warehouse, as text: times in ISO 8601 and UTC, yes and no as
    `true` and `false`. Names are compared without case and underscores (`opportunity_history`, `sbqq_quote_c`).

    Raises
    ------
    WarehouseTrouble
        If the warehouse cannot be reached or holds no org; the message shows no password.
    MissingExtra
        If SQLAlchemy is not installed.
    """
    need("salesforce", "sqlalchemy", "keyring", "tqdm")
    import sqlalchemy as sa

    address = parsed(url)
    engine = _engine(address)
    trouble = ""
    try:
        # One transaction that only reads: all tables as they stood at the same moment.
        options = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        on_postgres = engine.dialect.name == "postgresql"
        with engine.connect().execution_options(**options if on_postgres else {}) as connection:
            found = _found(sa.inspect(connection), address.schema or None, wanted)
            return {name: _read(connection, table, wanted[name]) for name, table in found.items()}
    except L2CError:
        raise
    except Exception as error:  # drivers raise errors of their own, and of the network
        trouble = address.cleaned(error)
    finally:
        engine.dispose()
    # Raised out here, so that the driver's error, which may show the address, hangs on to nothing.
    raise WarehouseTrouble.refused(address.shown, trouble)


def _engine(address: Address) -> Any:
    import sqlalchemy as sa

    why: L2CError
    try:
        return sa.create_engine(address.url, hide_parameters=True)
    except (ModuleNotFoundError, sa.exc.NoSuchModuleError):
        kind = address.url.drivername.partition("+")[0]
        why = WarehouseTrouble.no_driver(kind, DRIVERS.get(kind))
    except Exception as error:  # a driver may not like what stands in the query
        why = WarehouseTrouble.refused(address.shown, address.cleaned(error))
    raise why


def _found(inspector: Any, schema: str | None, wanted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The table of each object."""
    names = [schema] if schema else [s for s in inspector.get_schema_names() if s not in SYSTEM]
    seen: dict[str | None, dict[str, list[str]]] = {}
    for each in names:
        tables = [*inspector.get_table_names(schema=each), *inspector.get_view_names(schema=each)]
        by_key: dict[str, list[str]] = {}
        for table in tables:
            by_key.setdefault(key(table), []).append(table)
        seen[each] = by_key
    orgs = [each for each, by_key in seen.items() if {"opportunity", "lead"} & set(by_key)]
    if not orgs:
        raise WarehouseTrouble.no_org([t for by_key in seen.values() for ts in by_key.values() for t in ts])
    if len(orgs) > 1:
        raise WarehouseTrouble.several([str(each) for each in orgs])
    found = {}
    for name in wanted:
        tables = sorted(seen[orgs[0]].get(key(name), []))
        if len(tables) > 1:
            raise WarehouseTrouble.ambiguous(name, tables)
        if tables:
            columns = [column["name"] for column in inspector.get_columns(tables[0], schema=orgs[0])]
            found[name] = (orgs[0], tables[0], columns)
    return found


def _read(connection: Any, table: tuple[str | None, str, list[str]], fields: Sequence[str]) -> pl.DataFrame:
    """The wanted columns of one table, batch by batch."""
    import sqlalchemy as sa
    from tqdm import tqdm

    schema, name, columns = table
    keys = {key(field) for field in fields}
    custom = CUSTOM in fields
    chosen = [c for c in columns if key(c) in keys or c.casefold() in TOOLS or (custom and c.casefold().endswith("_c"))]
    query: Any = sa.select(*[sa.column(c) for c in chosen]).select_from(sa.table(name, schema=schema))
    parts = []
    with tqdm(unit=" rows", desc=name) as bar:
        for rows in _batches(connection, query):
            cells = zip(*rows, strict=True)
            parts.append(
                pl.DataFrame(
                    {c: [_text(v) for v in column] for c, column in zip(chosen, cells, strict=True)},
                    schema=dict.fromkeys(chosen, pl.String),
                )
            )
            bar.update(len(rows))
    return pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(chosen, pl.String))


def _batches(connection: Any, query: Any) -> Iterator[Sequence[Any]]:
    result = connection.execution_options(stream_results=True, yield_per=ROWS_AT_ONCE).execute(query)
    yield from result.partitions(ROWS_AT_ONCE)


def _text(value: Any) -> str | None:
    """A value as Salesforce's own exports write it."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return moment.isoformat(timespec="milliseconds") + "Z"
    return value.isoformat() if isinstance(value, date) else str(value)
