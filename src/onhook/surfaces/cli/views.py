"""Domain values as JSON objects: the stable shapes that `--json` prints."""

from __future__ import annotations

from typing import Any

from onhook.billing.channels import Rules
from onhook.devices.models import Device
from onhook.operations.models import Operation, Plan, Question
from onhook.operations.status import Status


def device(row: Device, rules: Rules) -> dict[str, Any]:
    return {
        "device": row.pk,
        "number": row.number,
        "coid": row.company_id,
        "company": row.company.name,
        "worker": row.worker,
        "model": row.model,
        "soc_code": row.soc_code,
        "channel": rules.channel_of(row.soc_code).value,
        "activated_at": row.activated_at,
        "last_seen_at": row.last_seen_at,
        "deleted_at": row.deleted_at,
        "held_at": row.held_at,
        "hold_reason": row.hold_reason,
    }


def plan(row: Plan) -> dict[str, Any]:
    return {
        "plan": str(row.pk),
        "coid": row.company_id,
        "action": row.action,
        "state": row.state,
        "lines": row.line_count,
        "plan_hash": row.plan_hash,
        "expires_at": row.expires_at,
        "requester": row.requester.login,
        "how_checked": row.how_checked,
        "ticket_reference": row.ticket_reference,
        "reason": row.reason,
        "note": row.note,
        "is_confirmable": not row.blocks,
        "prechecks": row.prechecks,
        "preview": row.preview,
    }


def operation(row: Operation) -> dict[str, Any]:
    return {
        "operation": str(row.pk),
        "plan": str(row.plan_id),
        "coid": row.company_id,
        "action": row.action,
        "state": row.state,
        "outcome": row.outcome,
        "outcome_reason": row.outcome_reason,
        "lines": row.line_count,
        "plan_hash": row.plan_hash,
        "confirmed_by": row.confirmed_by.login,
        "confirmed_at": row.confirmed_at,
        "irreversible_at": row.irreversible_at,
        "closed_at": row.closed_at,
    }


def question(row: Question) -> dict[str, Any]:
    return {
        "question": row.pk,
        "operation": str(row.operation_id),
        "coid": row.company_id,
        "step": row.step,
        "kind": row.kind,
        "subject": row.subject,
        "text": row.text,
        "choices": row.choices,
        "evidence": row.evidence,
        "opened_at": row.opened_at,
        "assigned_to": row.assigned_to.login if row.assigned_to else "",
        "assigned_note": row.assigned_note,
        "answer": row.answer,
        "answer_reason": row.answer_reason,
        "answered_by": row.answered_by.login if row.answered_by else "",
        "answered_at": row.answered_at,
    }


def status(seen: Status) -> dict[str, Any]:
    notice = seen.notice
    return {
        **operation(seen.operation),
        "requester": seen.operation.plan.requester.login,
        "ticket_reference": seen.operation.plan.ticket_reference,
        "lines_by_state": seen.lines_by_state,
        "items": [
            {
                "device": item.device_id,
                "number": item.number,
                "soc_code": item.soc_code,
                "channel": item.channel,
                "state": item.state,
                "problem": item.problem,
                "deleted_at": item.deleted_at,
            }
            for item in seen.items
        ],
        "steps": [
            {
                "name": step.name,
                "state": step.state,
                "tries": step.tries,
                "problem": step.problem,
                "started_at": step.started_at,
                "finished_at": step.finished_at,
                "evidence": step.evidence,
            }
            for step in seen.steps
        ],
        "questions": [question(row) for row in seen.questions],
        "notice": None
        if notice is None
        else {
            "state": notice.state,
            "to": notice.recipient.login,
            "subject": notice.subject,
            "message_id": notice.message_id,
            "sendings": notice.sendings,
            "sent_at": notice.sent_at,
            "problem": notice.problem,
        },
    }
