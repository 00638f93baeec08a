"""The web addresses: none yet; the surfaces add theirs here."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
