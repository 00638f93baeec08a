from django.apps import AppConfig


class AssistantConfig(AppConfig):
    name = "onhook.assistant"
    label = "assistant"
