from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "onhook.surfaces.console"
    label = "console"
