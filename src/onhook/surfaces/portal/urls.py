"""The portal's addresses. All pages of a company are under its COID."""

from django.urls import include, path

from onhook.surfaces.portal import activity, assistant, billing, companies, deletions, devices, operations, people

app_name = "portal"

_COMPANY = [
    path("devices/", devices.devices, name="devices"),
    path("devices/export/", devices.export, name="devices-export"),
    path("devices/<int:device_id>/", devices.device, name="device"),
    path("deletions/new/", deletions.new, name="deletion"),
    path("plans/<uuid:plan_id>/", deletions.plan, name="plan"),
    path("plans/<uuid:plan_id>/confirm/", deletions.confirm, name="plan-confirm"),
    path("plans/<uuid:plan_id>/again/", deletions.again, name="plan-again"),
    path("plans/<uuid:plan_id>/send/", deletions.send, name="plan-send"),
    path("plans/<uuid:plan_id>/decline/", deletions.decline, name="plan-decline"),
    path("plans/<uuid:plan_id>/withdraw/", deletions.withdraw, name="plan-withdraw"),
    path("operations/", operations.operations, name="operations"),
    path("operations/<uuid:operation_id>/", operations.operation, name="operation"),
    path("operations/<uuid:operation_id>/live/", operations.live, name="operation-live"),
    path("operations/<uuid:operation_id>/cancel/", operations.cancel, name="operation-cancel"),
    path("people/", people.listed, name="people"),
    path("people/new/", people.new, name="person-new"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/second-factor/", people.remove_factor, name="person-factor"),
    path("people/<int:person_id>/invite/", people.invite, name="person-invite"),
    path("contact/", assistant.contact, name="contact"),
    path("cases/<uuid:case_id>/", assistant.case, name="case"),
    path("billing/", billing.billing, name="billing"),
    path("billing/now/", billing.now, name="billing-now"),
    path("billing/link/", billing.send_link, name="billing-link"),
    path("activity/", activity.activity, name="activity"),
]

urlpatterns = [
    path("companies/", companies.companies, name="companies"),
    path("companies/<int:coid>/", include(_COMPANY)),
]
