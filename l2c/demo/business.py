"""Who sells what to whom? The regions, people, products and customers of the demo company."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from l2c.demo.calendar import ASEAN, DACH, JAPAN, NORTH_AMERICA, UK

REGIONS = ("North America", "DACH", "UK", "Japan", "ASEAN")
REGION_SHARES = np.array([0.30, 0.22, 0.15, 0.20, 0.13])

SEGMENTS = ("Enterprise", "Mid-Market", "SMB")
ENTERPRISE, MID_MARKET, SMB = range(3)
SEGMENT_SHARES = np.array([0.20, 0.35, 0.45])
MEDIAN_AMOUNT = np.array([88_000.0, 32_000.0, 12_000.0])  # USD

PRODUCTS = (
    "Analytics Suite",
    "Cloud Platform",
    "Data Integration",
    "Security Services",
    "Edge Devices",
    "Training & Support",
)
EDGE_DEVICES = 4
# By segment: big customers buy platforms, small ones buy analytics and devices.
PRODUCT_SHARES = np.array(
    [
        [0.18, 0.30, 0.18, 0.16, 0.12, 0.06],
        [0.25, 0.22, 0.15, 0.13, 0.15, 0.10],
        [0.32, 0.14, 0.10, 0.10, 0.20, 0.14],
    ]
)
PRODUCT_AMOUNT = np.array([1.0, 1.45, 1.1, 0.9, 1.2, 0.45])
DELIVERY_DAYS = np.array([2.0, 3.5, 8.0, 6.0, 11.0, 9.0])  # working days

SOURCES = (
    "Website",
    "Paid Search",
    "Trade Show",
    "Partner Referral",
    "Outbound Call",
    "Purchased List",
    "Existing Customer",
)
WEBSITE, PAID_SEARCH, TRADE_SHOW, PARTNER, OUTBOUND, PURCHASED_LIST, EXISTING = range(7)
SOURCE_SHARES = np.array([0.28, 0.16, 0.14, 0.15, 0.14, 0.13])  # of leads
CONVERSION = np.array([0.45, 0.41, 0.44, 0.60, 0.37, 0.40])  # of leads, every cause apart

INVOICE_TYPES = ("Electronic", "Portal", "Paper")
ELECTRONIC, PORTAL, PAPER = range(3)
INVOICE_SHARES = np.array([0.60, 0.20, 0.20])
TERMS = np.array([30.0, 45.0, 60.0])
TERM_SHARES = np.array([[0.25, 0.25, 0.50], [0.55, 0.25, 0.20], [0.80, 0.15, 0.05]])

LOSS_REASONS = ("Price", "Competitor", "No decision", "No budget", "Missing feature")
LOSS_SHARES = np.array([0.27, 0.24, 0.22, 0.17, 0.10])


class Rep(NamedTuple):
    """A sales rep: where they sell, how their time goes to the segments, how many deals they take."""

    name: str
    region: int
    focus: tuple[float, float, float]
    load: float = 1.0


BIG, MIXED, SMALL = (0.60, 0.30, 0.10), (0.25, 0.40, 0.35), (0.05, 0.30, 0.65)
REPS = (
    Rep("Emily Carter", NORTH_AMERICA, MIXED, 1.2),
    Rep("Marcus Hale", NORTH_AMERICA, MIXED, 1.1),
    Rep("Daniel Reyes", NORTH_AMERICA, (0.85, 0.15, 0.00), 1.1),
    Rep("Hannah Brooks", NORTH_AMERICA, SMALL),
    Rep("Tyler Nguyen", NORTH_AMERICA, SMALL, 0.9),
    Rep("Grace Mitchell", NORTH_AMERICA, MIXED, 0.8),
    Rep("Carlos Ortega", NORTH_AMERICA, BIG, 0.7),
    Rep("Priya Shah", NORTH_AMERICA, SMALL, 0.7),
    Rep("Julia Brandt", DACH, (0.00, 0.15, 0.85), 1.2),
    Rep("Lukas Steiner", DACH, BIG, 1.1),
    Rep("Anna Keller", DACH, MIXED),
    Rep("Felix Wagner", DACH, SMALL, 0.9),
    Rep("Sophie Huber", DACH, MIXED, 0.8),
    Rep("Jonas Frei", DACH, SMALL, 0.7),
    Rep("Oliver Grant", UK, MIXED, 1.2),
    Rep("Charlotte Price", UK, BIG),
    Rep("Harry Whitfield", UK, SMALL),
    Rep("Amelia Shaw", UK, MIXED, 0.8),
    Rep("Kenji Mori", JAPAN, (0.55, 0.40, 0.05), 1.3),
    Rep("Haruto Sato", JAPAN, SMALL, 1.1),
    Rep("Yui Tanaka", JAPAN, MIXED),
    Rep("Sakura Ito", JAPAN, SMALL, 0.9),
    Rep("Ren Yamamoto", JAPAN, MIXED, 0.8),
    Rep("Aoi Nakamura", JAPAN, SMALL, 0.7),
    Rep("Wei Ling Tan", ASEAN, MIXED, 1.2),
    Rep("Arjun Menon", ASEAN, SMALL),
    Rep("Siti Rahman", ASEAN, BIG, 0.9),
    Rep("Minh Tran", ASEAN, SMALL, 0.8),
)
NO_CONTRACT, WEAK, STRONG, DECOY = (
    next(i for i, rep in enumerate(REPS) if rep.name == name)
    for name in ("Marcus Hale", "Julia Brandt", "Kenji Mori", "Daniel Reyes")
)

# By region; they act on behalf of the company, whoever sold the deal.
DISCOUNT_APPROVERS = ("Laura Simmons", "Petra Vogel", "George Ellis", "Takashi Kondo", "Rachel Lim")
CONTRACT_APPROVERS = ("Robert Chen", "Klaus Richter", "Fiona Clarke", "Naomi Hayashi", "David Goh")
ORDER_DESKS = ("Order Desk NA", "Order Desk DACH", "Order Desk UK", "Order Desk JP", "Order Desk ASEAN")
RECEIVABLES = ("Receivables NA", "Receivables DACH", "Receivables UK", "Receivables JP", "Receivables ASEAN")
ACTORS = (*(rep.name for rep in REPS), *DISCOUNT_APPROVERS, *CONTRACT_APPROVERS, *ORDER_DESKS, *RECEIVABLES, "SYSTEM")
DISCOUNT_DESK = len(REPS)
CONTRACT_DESK, ORDER_DESK, RECEIVABLE_DESK, SYSTEM = (DISCOUNT_DESK + len(REGIONS) * i for i in (1, 2, 3, 4))

COMPANY_FORMS = (("Inc.", "LLC"), ("GmbH", "AG"), ("Ltd", "plc"), ("K.K.", "Co., Ltd."), ("Pte. Ltd.", "Sdn. Bhd."))
STEMS = (
    "Alder", "Amber", "Arbor", "Argent", "Aster", "Basin", "Beacon", "Birch", "Bramble", "Bright", "Brook",
    "Canyon", "Cedar", "Clear", "Cobalt", "Copper", "Coral", "Crest", "Delta", "Ember", "Falcon", "Fern", "Field",
    "Flint", "Garnet", "Granite", "Grove", "Harbor", "Haven", "Hazel", "Heron", "Indigo", "Iron", "Ivory",
    "Juniper", "Kestrel", "Lake", "Larch", "Laurel", "Linden", "Maple", "Marble", "Meadow", "Mistral", "North",
    "Oak", "Opal", "Orchard", "Pebble", "Pine", "Prairie", "Quartz", "Raven", "Ridge", "River", "Saffron", "Sage",
    "Silver", "Slate", "Stone", "Summit", "Teal", "Thistle", "Timber", "Valley", "Willow",
)  # fmt: skip
TRADES = (
    "Foods", "Logistics", "Motors", "Textiles", "Energy", "Pharma", "Media", "Retail", "Systems", "Plastics",
    "Insurance", "Labs", "Steel", "Travel", "Packaging", "Optics", "Robotics", "Chemicals", "Printing", "Foundry",
    "Clinics", "Telecom", "Freight", "Hotels",
)  # fmt: skip
