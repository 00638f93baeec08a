from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "onhook.billing"
    label = "billing"
