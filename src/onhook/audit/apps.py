from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "onhook.audit"
    label = "audit"
