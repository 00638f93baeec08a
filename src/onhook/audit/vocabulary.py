"""The closed list of what can be recorded. A tag is `subject:act`; the test of this module keeps it so."""

from enum import StrEnum


class Tag(StrEnum):
    """What happened. The value is stored and never renamed."""

    COMPANIES_IMPORTED = "companies:imported"
    USERS_IMPORTED = "users:imported"
    DEVICES_IMPORTED = "devices:imported"
    DATA_EXPORTED = "data:exported"
    WORLD_SEEDED = "world:seeded"
    TOKEN_ISSUED = "token:issued"  # noqa: S105  # a tag, not a secret
    TOKENS_REVOKED = "tokens:revoked"
    RULES_PUBLISHED = "rules:published"
    PLAN_MADE = "plan:made"
    PLAN_CONFIRMED = "plan:confirmed"
    PLAN_VOIDED = "plan:voided"
    OPERATION_AUTHORISED = "operation:authorised"
    OPERATION_VOIDED = "operation:voided"
    OPERATION_CANCELLED = "operation:cancelled"
    OPERATION_REJECTED = "operation:rejected"
    DEVICE_DELETED = "device:deleted"
    DEVICE_SKIPPED = "device:skipped"
    DELETION_VERIFIED = "deletion:verified"
    DELETION_MISMATCHED = "deletion:mismatched"
    DELETION_UNREADABLE = "deletion:unreadable"
    QUESTION_OPENED = "question:opened"
    QUESTION_ANSWERED = "question:answered"
    NOTICE_WRITTEN = "notice:written"
    NOTICE_SENDING = "notice:sending"
    NOTICE_SENT = "notice:sent"
    NOTICE_DOUBTFUL = "notice:doubtful"
    NOTICE_BY_HAND = "notice:by_hand"
    OPERATION_CLOSED = "operation:closed"
    OPERATION_RESUMED = "operation:resumed"
