"""The forms of the sign-in: three fields make one login."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from django import forms

from onhook.surfaces.web.passwords import LENGTH_IN_WORDS
from onhook.tenancy import people
from onhook.tenancy.models import User

_COID = {"inputmode": "numeric", "autocomplete": "organization"}
_NAME = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}


# The library's words for a field stand in the field too, where they are gone as soon as somebody types.
_PASSWORD_LABELS = {
    "oldpassword": "Your password now",
    "password1": "New password",
    "password2": "New password, once more",
}


def _in_our_words(form: forms.Form) -> None:
    for name, field in form.fields.items():
        field.label = _PASSWORD_LABELS.get(name, field.label)
        field.help_text = LENGTH_IN_WORDS if name == "password1" else ""
        field.widget.attrs.pop("placeholder", None)


class OwnPasswordForm(ChangePasswordForm):  # type: ignore[misc]  # the library has no types
    """Change the own password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self)


class ChosenPasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]  # the library has no types
    """Choose a password behind a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self)


class ProofForm(ReauthenticateForm):  # type: ignore[misc]  # the library has no types
    """Prove once more who it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self)


class _LoginFields(forms.Form):
    coid = forms.IntegerField(
        label="COID",
        min_value=1,
        max_value=2**31 - 1,
        widget=forms.TextInput(attrs={**_COID, "autofocus": True}),
        error_messages={"invalid": "A COID is a number.", "min_value": "A COID is a number from 1 on."},
    )
    username = forms.CharField(label="User name", max_length=200, widget=forms.TextInput(attrs=_NAME))

    def composed_login(self) -> str:
        """Return the login that COID and user name make; empty while either is missing."""
        coid, username = self.cleaned_data.get("coid"), self.cleaned_data.get("username")
        return people.login_of(coid=coid, username=username.strip()) if coid and username else ""


class SignInForm(_LoginFields, LoginForm):  # type: ignore[misc]  # the library has no types
    """COID, user name and password. What fails is never said to be this or that field."""

    field_order = ["coid", "username", "password"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The base form builds its own field for the login; ours comes from the two before it.
        del self.fields["login"]
        _in_our_words(self)

    def clean(self) -> dict[str, Any]:
        login = self.composed_login()
        if login:
            self.cleaned_data["login"] = login
        super().clean()
        return self.cleaned_data


class AskResetForm(_LoginFields, ResetPasswordForm):  # type: ignore[misc]  # the library has no types
    """Ask for a new password by COID and user name; whether they exist is never said."""

    email = None

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        login = self.composed_login()
        # The base form counts tries by this name.
        cleaned["email"] = login
        found = User.objects.select_related("company").filter(login=login).exclude(email="").first()
        self.users = [found] if found and found.is_active and found.company.suspended_at is None else []
        return cleaned
