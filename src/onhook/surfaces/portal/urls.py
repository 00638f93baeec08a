"""The portal's addresses. All pages of a company are under its COID."""

from django.urls import path

from onhook.surfaces.portal import views

app_name = "portal"

urlpatterns = [
    path("companies/", views.companies, name="companies"),
    path("companies/<int:coid>/devices/", views.devices, name="devices"),
]
