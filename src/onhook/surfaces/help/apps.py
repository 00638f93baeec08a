from django.apps import AppConfig


class HelpConfig(AppConfig):
    name = "onhook.surfaces.help"
    label = "help"
