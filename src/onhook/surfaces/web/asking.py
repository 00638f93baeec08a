"""Who asks for a deletion or a billing link, how that was made sure of, and why: fields of the forms of both faces."""

from __future__ import annotations

from typing import Any

from django import forms

from onhook.operations.vocabulary import HowChecked, Reason
from onhook.surfaces.web import words
from onhook.tenancy import people
from onhook.tenancy.models import Company, User


class _PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the type checker only
    def label_from_instance(self, obj: User) -> str:
        return f"{obj.full_name} ({words.ROLES[obj.role]})"


class RequestForm(forms.Form):
    """Who of the company asked, and how somebody of support made sure of it."""

    requester = _PersonField(
        queryset=User.objects.none(),
        label="Who asks for this?",
        empty_label="Choose an Admin or Super User",
        error_messages={"required": "Choose an Admin or Super User of the company."},
    )
    how_checked = forms.ChoiceField(
        choices=[(how.value, words.HOW_CHECKED[how]) for how in HowChecked if how is not HowChecked.SIGNED_IN],
        label="How did you make sure that it is them?",
        widget=forms.RadioSelect,
        error_messages={"required": "Say how you made sure who asks."},
    )
    ticket_reference = forms.CharField(
        label="Ticket", max_length=100, error_messages={"required": "Note the ticket that asks for this."}
    )

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["requester"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people.requesters_of(company)


class ReasonForm(forms.Form):
    """Why lines go. Named before the form of who asks, its fields come after those: Django collects from the last."""

    reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *((reason.value, words.REASONS[reason]) for reason in Reason)],
        label="Why does it go?",
        error_messages={"required": "Choose a reason."},
    )
    note = forms.CharField(
        label="Note",
        help_text="Anything the next person should know. It is kept with the plan.",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DeletionForm(ReasonForm, RequestForm):
    """Who asks for a deletion, and why."""
