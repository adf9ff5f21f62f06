"""The rates that decisions about entries look up: each asked for once, however many entries are decided."""

from __future__ import annotations

from accounts.models import Organisation
from timetracking.models import Agreement, AgreementRate, WorkRole, WorkRoleRate, WorkType
from timetracking.rules.rates import AgreementOffer, DatedRate


class RateBook:
    """What is in use now. Make one for each write, or for each run over many entries."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self._offers: dict[int, list[AgreementOffer]] = {}
        self._roles: dict[int, tuple[WorkRole | None, list[DatedRate]]] = {}
        self._default_type: tuple[WorkType | None] | None = None

    def read_all(self) -> None:
        """Read everything now, in as many queries for a thousand agreements as for one."""
        self._offers = {pk: [] for pk in Agreement.objects.values_list("pk", flat=True)}
        of_agreements = AgreementRate.objects.active().order_by()
        for agreement, *row in of_agreements.values_list("agreement", "hourly_rate", "work_role", "work_type"):
            self._offers[agreement].append(AgreementOffer(*row))
        self._roles = {role.pk: (role, []) for role in WorkRole.objects.all()}
        for rate in WorkRoleRate.objects.active():
            self._roles[rate.work_role_id][1].append(DatedRate(rate.starts_on, rate.hourly_rate))

    def offers(self, agreement: Agreement) -> list[AgreementOffer]:
        """The agreement's own rates."""
        if agreement.pk not in self._offers:
            rows = AgreementRate.objects.active().filter(agreement=agreement)
            self._offers[agreement.pk] = [
                AgreementOffer(*row) for row in rows.values_list("hourly_rate", "work_role", "work_type")
            ]
        return self._offers[agreement.pk]

    def role(self, pk: int | None) -> WorkRole | None:
        return self._role(pk)[0] if pk else None

    def role_rates(self, pk: int | None) -> list[DatedRate]:
        """The role's rates with the days from which they are in force."""
        return self._role(pk)[1] if pk else []

    def default_type(self) -> WorkType | None:
        """The work type of entries that name none."""
        if self._default_type is None:
            self._default_type = (WorkType.objects.active().filter(is_default=True).first(),)
        return self._default_type[0]

    def _role(self, pk: int) -> tuple[WorkRole | None, list[DatedRate]]:
        if pk not in self._roles:
            rows = list(WorkRoleRate.objects.active().filter(work_role=pk).select_related("work_role"))
            role = rows[0].work_role if rows else WorkRole.objects.filter(pk=pk).first()
            self._roles[pk] = role, [DatedRate(row.starts_on, row.hourly_rate) for row in rows]
        return self._roles[pk]
