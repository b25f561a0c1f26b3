"""Invoices with due and settled dates, one a row, in the shape of a well-known sample whose licence is not plain."""

from pathlib import Path

import numpy as np
import pandas as pd

INVOICES, CUSTOMERS = 1600, 90


def write(folder: Path, seed: int = 3) -> Path:
    """Write the invoices of a company whose disputed ones are paid late; return the file."""
    chance = np.random.default_rng(seed)
    customer = chance.integers(0, CUSTOMERS, INVOICES)
    sent = pd.Timestamp("2012-01-03") + pd.to_timedelta(chance.integers(0, 700, INVOICES), "D")
    disputed = chance.random(INVOICES) < 0.22
    days = (
        np.where(disputed, chance.normal(36, 11, INVOICES), chance.normal(24, 11, INVOICES)).round().clip(0).astype(int)
    )
    settled = sent + pd.to_timedelta(days, "D")
    table = pd.DataFrame(
        {
            "countryCode": np.array([391, 406, 770, 818, 897])[customer % 5],
            "customerID": [f"{number:04d}-CUST" for number in customer],
            "PaperlessDate": (pd.Timestamp("2012-06-01") + pd.to_timedelta(customer * 7, "D")).map(_day),
            "invoiceNumber": [f"{number:010d}" for number in range(INVOICES)],
            "InvoiceDate": sent.map(_day),
            "DueDate": (sent + pd.Timedelta(days=30)).map(_day),
            "InvoiceAmount": chance.gamma(4, 15, INVOICES).round(2),
            "Disputed": np.where(disputed, "Yes", "No"),
            "SettledDate": settled.map(_day),
            "PaperlessBill": np.where(chance.random(INVOICES) < 0.5, "Paper", "Electronic"),
            "DaysToSettle": days,
            "DaysLate": (days - 30).clip(0),
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "receivables.csv", index=False)
    return folder / "receivables.csv"


def _day(when: pd.Timestamp) -> str:
    return f"{when.month}/{when.day}/{when.year}"
