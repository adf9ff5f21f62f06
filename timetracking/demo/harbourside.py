"""Harbourside IT: a support firm in Bristol that looks after small offices."""

import datetime as dt
from decimal import Decimal

from timetracking.demo.firms import DemoAgreement, DemoProject, DemoTicket, Firm, Person

NORTHWIND, MARLOW, ABBOT = "Northwind Dental", "Marlow Vets", "Abbot & Lowe Solicitors"
LARKSPUR, FENWICK, OWN = "Larkspur Primary School", "Fenwick Joinery", "Harbourside (our own)"
CARE, INCLUDED, GOODWILL = "Support by the hour", "All-inclusive support", "Goodwill year"
TOM = "tom@harbourside.example"

PEOPLE = (
    Person("Hannah Doyle", "hannah@harbourside.example", "ADMIN", 300, 1800, 0.2, employee_number="H-001"),
    Person("Tom Okafor", TOM, "MANAGER", 420, 2250, 0.4, employee_number="H-002"),
    Person(
        "Priya Nair", "priya@harbourside.example", "AGENT", 450, 2250, 0.55, line_manager=TOM, employee_number="H-003"
    ),
    Person(
        "Ewa Kowalska",
        "ewa@harbourside.example",
        "AGENT",
        455,
        2250,
        0.25,
        notes_times=True,
        line_manager=TOM,
        employee_number="H-004",
    ),
    Person(
        "Lewis Grant", "lewis@harbourside.example", "AGENT", 440, 2250, 0.75, line_manager=TOM, employee_number="H-005"
    ),
    Person(
        "Jamal Reid",
        "jamal@harbourside.example",
        "AGENT",
        450,
        2250,
        0.6,
        line_manager=TOM,
        employee_number="H-006",
    ),
    Person(
        "Sofia Marini", "sofia@harbourside.example", "AGENT", 240, 1125, 0.4, line_manager=TOM, employee_number="H-007"
    ),
    Person(
        "Aisha Rahman", "aisha@harbourside.example", "AGENT", 445, 2250, 0.8, line_manager=TOM, employee_number="H-008"
    ),
    Person("Owen Price", "owen@harbourside.example", "AGENT", 450, 2250, 0.35, notes_times=True, line_manager=TOM),
    Person("Grace Lin", "grace@harbourside.example", "AGENT", 0, 2250, line_manager=TOM),
    Person("Daniel Webb", "daniel@harbourside.example", "AGENT", 440, 2250, 0.6, left_after_weeks=5),
)

PROJECTS = (
    DemoProject(
        "PRJ-098",
        "Phone system move",
        MARLOW,
        TOM,
        {
            "Numbers and lines": ("Port the main number", "Test call queues"),
            "Handsets": ("Handset rollout", "Handover notes"),
        },
        status="closed",
        works_until=4,
        used_percent=93,
        archived=True,
    ),
    DemoProject(
        "PRJ-104",
        "Backup replacement",
        NORTHWIND,
        TOM,
        {
            "New appliance": ("Rack and cable the appliance", "First full backup"),
            "Restore tests": ("Restore test", "Write up the restore plan"),
        },
        status="closed",
        works_until=8,
        used_percent=97,
    ),
    DemoProject(
        "PRJ-112",
        "Move to Microsoft 365",
        ABBOT,
        TOM,
        {
            "Tenant preparation": ("Tenant preparation", "Pilot mailboxes", "Licence check"),
            "Mailbox cutover": ("Mailbox cutover, batch 1", "Mailbox cutover, batch 2", "Mailbox cutover, batch 3"),
            "Teams voice": ("Teams voice configuration", "Call flow workshop"),
        },
        agreement=CARE,
        used_percent=82,
        weight=6,
    ),
    DemoProject(
        "PRJ-118",
        "School network refresh",
        LARKSPUR,
        "ewa@harbourside.example",
        {
            "Survey": ("Site survey write-up", "Cabling check on site"),
            "Switches and Wi-Fi": ("Switch replacement", "Access point placement", "Site outage: core switch"),
            "Firewall": ("Firewall rule audit", "Firewall configuration draft"),
        },
        used_percent=104,
        weight=4,
    ),
    DemoProject(
        "PRJ-121",
        "Workshop and office network",
        FENWICK,
        TOM,
        {
            "Design": ("Draft the network plan", "Walk through the workshop"),
            "Build": ("Server patching window", "Move the file shares"),
        },
        billable="",
        used_percent=37,
        weight=3,
    ),
    DemoProject(
        "PRJ-124", "Imaging server", NORTHWIND, TOM, {"Quote": ("Size the server",)}, status="planned", weight=0
    ),
    DemoProject(
        "PRJ-126", "Second practice", MARLOW, TOM, {"Plan": ("Floor plan and ports",)}, status="on_hold", weight=0
    ),
    DemoProject(
        "PRJ-100",
        "Our own systems",
        OWN,
        "hannah@harbourside.example",
        {
            "Monitoring": ("Tune the alerts", "Dashboard for the wall"),
            "Documentation": ("Handover notes", "Tidy the wiki"),
        },
        billable="no",
        weight=1,
    ),
)

TICKETS = (
    DemoTicket(4790, "Plotter prints blank pages", FENWICK),
    DemoTicket(4791, "Calendar invitations arrive twice", ABBOT, agreement=CARE),
    DemoTicket(4792, "Label printer at the counter", MARLOW, "yes"),
    DemoTicket(4793, "Interactive board has no sound", LARKSPUR, agreement=INCLUDED),
    DemoTicket(4794, "Scanner can't reach its folder", NORTHWIND),
    DemoTicket(4795, "Password of a leaver", ABBOT, agreement=CARE),
    DemoTicket(4796, "Slow sign-in on Mondays", LARKSPUR, agreement=INCLUDED),
    DemoTicket(4797, "Accounts package update", FENWICK, "yes", estimate_minutes=240),
    DemoTicket(4798, "X-ray viewer crashes", NORTHWIND, "yes"),
    DemoTicket(4799, "Spam from our own address", MARLOW),
    DemoTicket(4800, "Second monitor for reception", NORTHWIND, "no"),
    DemoTicket(4801, "Tablet lost by a teacher", LARKSPUR, agreement=INCLUDED),
    DemoTicket(4802, "Appointment screen freezes", NORTHWIND),
    DemoTicket(4803, "Dictation software licence", ABBOT, agreement=CARE),
    DemoTicket(4804, "Till can't reach the card terminal", MARLOW, "yes"),
    DemoTicket(4805, "CNC computer needs a driver", FENWICK, estimate_minutes=180),
    DemoTicket(4806, "Guest Wi-Fi for governors", LARKSPUR, agreement=INCLUDED),
    DemoTicket(4807, "Shared calendar for rooms", ABBOT, agreement=CARE),
    DemoTicket(4808, "Recall letters print twice", NORTHWIND),
    DemoTicket(4809, "Certificate of the web mail expires", MARLOW, "yes"),
    DemoTicket(4810, "Old server makes noise", FENWICK),
    DemoTicket(4811, "Reception phone has no dial tone", MARLOW, "no"),
    DemoTicket(4812, "Exam results folder", LARKSPUR, agreement=INCLUDED),
    DemoTicket(4813, "Lab results don't arrive", MARLOW),
    DemoTicket(4814, "Archive of a closed matter", ABBOT, agreement=CARE),
    DemoTicket(4815, "Laser cutter off the network", FENWICK, "yes"),
    DemoTicket(4816, "Printer toner alert", NORTHWIND, "no"),
    DemoTicket(4817, "Parents' portal is slow", LARKSPUR, agreement=INCLUDED),
    DemoTicket(4818, "Two-step sign-in for partners", ABBOT, "yes", CARE, 300),
    DemoTicket(4819, "Home worker can't print", FENWICK),
    DemoTicket(4820, "Microchip reader", MARLOW),
    DemoTicket(4821, "Printer offline at reception", NORTHWIND, "yes"),
    DemoTicket(4824, "Library kiosk", LARKSPUR, agreement=INCLUDED),
    DemoTicket(4826, "Encrypted post to the court", ABBOT, agreement=CARE),
    DemoTicket(4828, "Stock list out of step", FENWICK),
    DemoTicket(4830, "VPN drops on hotel Wi-Fi", MARLOW, "yes"),
    DemoTicket(4833, "New starter laptop build", FENWICK, "yes", estimate_minutes=360),
    DemoTicket(4835, "Reminder texts not sent", NORTHWIND),
    DemoTicket(4837, "Signatures with the new logo", LARKSPUR, "no"),
    DemoTicket(4838, "Camera at the back door", MARLOW),
    DemoTicket(4839, "Bundle too large for e-mail", ABBOT, agreement=CARE),
    DemoTicket(4840, "Suspicious sign-in alert", ABBOT, "yes", CARE),
    DemoTicket(4842, "Shared mailbox permissions", NORTHWIND),
    DemoTicket(4843, "Practice network is down", MARLOW, "yes"),
    DemoTicket(4844, "Goodwill: clean up the old domain", FENWICK, agreement=GOODWILL),
    DemoTicket(4846, "Backup job failed overnight", LARKSPUR, agreement=INCLUDED, estimate_minutes=120),
    DemoTicket(4848, "Meeting room screen", ABBOT, agreement=CARE),
    DemoTicket(4850, "Projector in room 3", LARKSPUR, "no"),
    DemoTicket(4851, "Slow CRM over VPN", MARLOW, "yes"),
)

HARBOURSIDE = Firm(
    name="Harbourside IT",
    slug="harbourside",
    time_zone="Europe/London",
    first_weekday=0,
    currency="GBP",
    hourly_rate=Decimal(95),
    people=PEOPLE,
    clients=(ABBOT, FENWICK, LARKSPUR, MARLOW, NORTHWIND, OWN),
    agreements=(
        DemoAgreement(ABBOT, CARE, "Billable"),
        DemoAgreement(LARKSPUR, INCLUDED, "DoNotBill", 1200),
        DemoAgreement(FENWICK, GOODWILL, "NoCharge"),
    ),
    projects=PROJECTS,
    tickets=TICKETS,
    activities={"Quarterly review": ABBOT, "Quote for the second practice": MARLOW, "Security evening": ""},
    bound_code=("PROJ", "Our own project", "PRJ-100"),
    described_share=1.0,
    policies={
        "description_required": "billable",
        "largest_day": "warn",
        "largest_day_minutes": 600,
        "deadline_days": 1,
        "deadline_time": dt.time(10),
    },
)
