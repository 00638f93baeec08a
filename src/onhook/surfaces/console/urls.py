"""The console's addresses, all under /csu/."""

from django.urls import path

from onhook.surfaces.console import audit, cases, companies, deletions, devices, operations, questions, rules, searching

app_name = "console"

_COMPANY = "companies/<int:coid>/"

urlpatterns = [
    path("", searching.search, name="search"),
    path("questions/", questions.queue, name="questions"),
    path("cases/", cases.queue, name="cases"),
    path("rules/", rules.rules, name="rules"),
    path("audit/", audit.search, name="audit"),
    path(_COMPANY, companies.company, name="company"),
    path(f"{_COMPANY}bill/", companies.bill, name="company-bill"),
    path(f"{_COMPANY}billing-link/", companies.billing_link, name="billing-link"),
    path(f"{_COMPANY}people/", companies.people, name="people"),
    path(f"{_COMPANY}audit/", audit.of_company, name="company-audit"),
    path(f"{_COMPANY}devices/", devices.devices, name="devices"),
    path(f"{_COMPANY}devices/<int:device_id>/", devices.device, name="device"),
    path(f"{_COMPANY}devices/<int:device_id>/bill/", devices.bill, name="device-bill"),
    path(f"{_COMPANY}deletion/", deletions.new, name="deletion"),
    path(f"{_COMPANY}plans/<uuid:plan_id>/", deletions.plan, name="plan"),
    path(f"{_COMPANY}plans/<uuid:plan_id>/confirm/", deletions.confirm, name="plan-confirm"),
    path(f"{_COMPANY}plans/<uuid:plan_id>/again/", deletions.again, name="plan-again"),
    path(f"{_COMPANY}plans/<uuid:plan_id>/withdraw/", deletions.withdraw, name="plan-withdraw"),
    path(f"{_COMPANY}operations/", operations.operations, name="operations"),
    path(f"{_COMPANY}operations/<uuid:operation_id>/", operations.operation, name="operation"),
    path(f"{_COMPANY}operations/<uuid:operation_id>/live/", operations.live, name="operation-live"),
    path(f"{_COMPANY}operations/<uuid:operation_id>/cancel/", operations.cancel, name="operation-cancel"),
    path(f"{_COMPANY}operations/<uuid:operation_id>/check/", operations.check, name="operation-check"),
    path(f"{_COMPANY}cases/<uuid:case_id>/", cases.case, name="case"),
    path(f"{_COMPANY}cases/<uuid:case_id>/act/", cases.act, name="case-act"),
    path(f"{_COMPANY}questions/<int:question_id>/answer/", questions.answer, name="question-answer"),
    path(f"{_COMPANY}questions/<int:question_id>/assign/", questions.assign, name="question-assign"),
]
