"""What people decided about a company: recalled before anybody is asked again."""

from __future__ import annotations

from datetime import datetime

from onhook.billing.channels import FactKind
from onhook.billing.models import CompanyFact


def recall(*, company_id: int, kind: FactKind) -> str:
    """Return the remembered value; empty when nobody decided."""
    fact = CompanyFact.objects.filter(company_id=company_id, kind=kind.value).first()
    return fact.value if fact else ""


def remember(*, company_id: int, kind: FactKind, value: str, decided_by: str, now: datetime) -> None:
    """Keep a decision; a newer one takes the place of an older one."""
    CompanyFact.objects.update_or_create(
        company_id=company_id,
        kind=kind.value,
        defaults={"value": value, "decided_by": decided_by, "decided_at": now},
    )
