from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "onhook.operations"
    label = "operations"
