from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "onhook.tenancy"
    label = "tenancy"
