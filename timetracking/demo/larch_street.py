"""Larch Street Digital: a small studio in New York; its weeks begin on Sunday."""

import datetime as dt
from decimal import Decimal

from timetracking.demo.firms import DemoAgreement, DemoInvoice, DemoProject, DemoTicket, Firm, Increment, Person

OAKHILL, SUNBEAM, MERIDIAN, OWN = "Oak Hill Books", "Sunbeam Bakery", "Meridian Yoga", "Larch Street (our own)"
RETAINER = "Care retainer"
MAYA, SOFIA = "maya@larchstreet.example", "sofia@harbourside.example"

LARCH_STREET = Firm(
    name="Larch Street Digital",
    slug="larch-street",
    time_zone="America/New_York",
    first_weekday=6,
    currency="USD",
    hourly_rate=Decimal(140),
    people=(
        Person("Maya Brooks", MAYA, "ADMIN", 360, 2400, 0.3, work_role="Project Manager"),
        Person("Sofia Marini", SOFIA, "MANAGER", 180, 1200, 0.2, work_role="Consultant"),
        Person(
            "Ben Carter",
            "ben@larchstreet.example",
            "AGENT",
            465,
            2400,
            0.35,
            notes_times=True,
            line_manager=SOFIA,
            work_role="Engineer",
        ),
        Person(
            "Chloe Ortiz",
            "chloe@larchstreet.example",
            "AGENT",
            470,
            2400,
            0.5,
            line_manager=SOFIA,
            work_role="Engineer",
        ),
    ),
    clients=(MERIDIAN, OAKHILL, SUNBEAM, OWN),
    agreements=(DemoAgreement(OAKHILL, RETAINER, "Billable", 7200),),
    projects=(
        DemoProject(
            "WEB-21",
            "Bookshop relaunch",
            OAKHILL,
            MAYA,
            {
                "Design": ("Wireframes", "Type and color"),
                "Build": ("Catalog pages", "Checkout", "Search that forgives typing"),
            },
            agreement=RETAINER,
            used_percent=76,
            weight=4,
        ),
        DemoProject(
            "WEB-24",
            "Class booking",
            MERIDIAN,
            SOFIA,
            {
                "Discovery": ("Talk to the teachers", "Sketch the week"),
                "Build": ("Booking form", "Waiting list", "Reminder mails"),
            },
            used_percent=58,
            weight=3,
        ),
        DemoProject(
            "WEB-17",
            "Holiday campaign",
            SUNBEAM,
            SOFIA,
            {"Pages": ("Landing page", "Photo shoot")},
            status="closed",
            works_until=6,
            used_percent=101,
        ),
        DemoProject("IN-01", "Studio site", OWN, MAYA, {"Words": ("Case study",)}, billable="no", weight=1),
    ),
    tickets=(
        DemoTicket(301, "Gift cards can't be redeemed", OAKHILL, agreement=RETAINER),
        DemoTicket(302, "Opening hours are wrong", SUNBEAM, "no"),
        DemoTicket(303, "Mail to customers lands in spam", MERIDIAN),
        DemoTicket(304, "Slow home page", OAKHILL, agreement=RETAINER),
        DemoTicket(305, "Sales tax of pick-ups", SUNBEAM, "yes"),
        DemoTicket(306, "New teacher's photo", MERIDIAN, "no"),
        DemoTicket(307, "Signed copies in the catalog", OAKHILL, agreement=RETAINER, estimate_minutes=180),
        DemoTicket(308, "Order form on phones", SUNBEAM, "yes"),
        DemoTicket(309, "Double booking on Saturdays", MERIDIAN, estimate_minutes=240),
        DemoTicket(310, "Search finds no accents", OAKHILL, agreement=RETAINER),
        DemoTicket(311, "Allergens list", SUNBEAM),
        DemoTicket(312, "Refund of a package", MERIDIAN, "yes"),
    ),
    role_rates={
        "Engineer": (Decimal(120), Decimal(125)),
        "Consultant": (Decimal(150), Decimal(155)),
        "Project Manager": (Decimal(135), Decimal(140)),
    },
    increments={SUNBEAM: Increment(30, "nearest", 15)},
    addresses={OAKHILL: "Oak Hill Books\n100 Sample Street\nBrooklyn, NY 11200"},
    billing={
        "legal_name": "Larch Street Digital LLC",
        "address": "7 Larch Street\nNew York, NY 10000",
        "payment_days": 14,
        "invoice_terms": "Due within two weeks.",
        "invoice_prefix": "LS-",
    },
    invoices=(DemoInvoice(OAKHILL, "issued"),),
    activities={"Pitch for a museum": "", "Yearly review": OAKHILL},
    bound_code=("PROJ", "Studio time", "IN-01"),
    policies={
        "approval_first": "line",
        "approval_second": "project",
        "deadline_days": 2,
        "deadline_time": dt.time(10),
    },
)
