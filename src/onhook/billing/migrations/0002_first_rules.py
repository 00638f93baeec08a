"""The rules that come with the product: the two kinds of SOC code that the support article names."""

from typing import Any

from django.db import migrations

RULES = [
    ("prefix", "Ecom2Checkout", "shop", "Bought in the online shop (2Checkout)"),
    ("prefix", "CKSWDirectAdv", "direct", "Billed directly by the operator"),
]


def publish(apps: Any, _schema_editor: Any) -> None:
    rule_set = apps.get_model("billing", "RuleSet").objects.create(
        version=1, note="The rules that come with onhook", published_by="onhook"
    )
    rule = apps.get_model("billing", "SocRule")
    for position, (match, pattern, channel, meaning) in enumerate(RULES, start=1):
        rule.objects.create(
            rule_set=rule_set,
            position=position,
            match=match,
            pattern=pattern,
            channel=channel,
            meaning=meaning,
        )


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
