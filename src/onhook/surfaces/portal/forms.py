"""The portal's forms: why lines go, and the people of a company."""

from __future__ import annotations

from typing import Any

from django import forms

from onhook.exchange import cells
from onhook.operations.vocabulary import HowChecked
from onhook.surfaces.web import words
from onhook.surfaces.web.asking import ReasonForm, RequestForm
from onhook.tenancy import people
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Role

_ROLE_MAY = {
    Role.ADMIN: "deletes lines, reads the activity, exports, and manages people",
    Role.SUPER_USER: "deletes lines, reads the activity, and exports",
    Role.MANAGER: "plans deletions that an Admin or Super User confirms",
    Role.VIEWER: "looks at lines, and changes nothing",
}
_ROLES = [(role.value, f"{words.ROLES[role]}: {may}") for role, may in _ROLE_MAY.items()]


class AskForm(RequestForm):
    """Who asks: the person themselves, unless they may not ask, or act for somebody else and name how they know."""

    def __init__(self, *args: Any, company: Company, person: User, **kwargs: Any) -> None:
        super().__init__(*args, company=company, **kwargs)
        self._person = person
        if person.may_request_for(company_id=company.pk):
            del self.fields["requester"]
        elif not person.is_staff_member:
            field = self.fields["requester"]
            field.label = "Who shall confirm it?"
            field.help_text = "Your role plans. Only the person whom you name here can confirm it; they get a link."
        if not person.is_staff_member:
            del self.fields["how_checked"], self.fields["ticket_reference"]

    def requester_chosen(self) -> User:
        """Return who asks."""
        chosen: User = self.cleaned_data.get("requester") or self._person
        return chosen

    def how(self) -> HowChecked:
        """Return how it was made sure who asks: customers are signed in, or sign in to confirm."""
        return HowChecked(self.cleaned_data.get("how_checked") or HowChecked.SIGNED_IN)


class WhyForm(ReasonForm, AskForm):
    """Who asks for a deletion, and why."""

    def __init__(self, *args: Any, lines: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if lines > 1:
            self.fields["reason"].label = "Why do they go?"


class PersonForm(forms.Form):
    """A new person of the company."""

    full_name = forms.CharField(label="Name", max_length=200)
    username = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]{0,63}$",
        label="User name",
        help_text="Small letters, digits, dots and dashes. Together with the COID it is what they sign in with.",
        error_messages={"invalid": "Use small letters, digits, dots, dashes and underscores only."},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    email = forms.EmailField(label="Mail address", help_text="The invitation goes there.")
    role = forms.ChoiceField(
        choices=_ROLES,
        label="Role",
        initial=Role.VIEWER.value,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._company = company

    def clean_full_name(self) -> str:
        """Refuse what an import refuses: signs that nobody sees could make it look like another name."""
        try:
            return cells.needed_line(most=200)(self.cleaned_data["full_name"])
        except cells.BadCell as problem:
            raise forms.ValidationError(f"The name {problem}. Write it again without.") from None

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if people.has_name(company=self._company, username=username):
            raise forms.ValidationError("Somebody of your company has this user name already. Choose another.")
        return username


class FactorForm(forms.Form):
    """Whoever takes away a second factor says that they made sure who asks for it."""

    is_sure = forms.BooleanField(
        error_messages={"required": "Make sure who asks first, and say so here. Nothing was removed."}
    )

    def __init__(self, *args: Any, who: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_sure"].label = f"I made sure that it is {who.full_name} who asks"


class RightsForm(forms.Form):
    """A person's role, and whether they may sign in."""

    role = forms.ChoiceField(
        choices=_ROLES,
        label="Role",
        widget=forms.RadioSelect,
    )
    is_suspended = forms.BooleanField(label="Suspended: cannot sign in, and is signed out now", required=False)
    # What the form was filled in upon.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
