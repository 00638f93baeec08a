"""The console's addresses, all under /csu/."""

from django.urls import path

from onhook.surfaces.console import views

app_name = "console"

urlpatterns = [path("", views.search, name="search")]
