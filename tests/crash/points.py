"""
The places where the crash tests kill, and what is known to be committed there.

`test_all_points.py` compares this list with what runs really pass, so a new step cannot be forgotten.
"""

INSIDE = ("before_effect", "after_effect", "after_checkpoint", "after_commit")
OUTSIDE = ("before_call", "after_call", "after_effect", "after_checkpoint", "after_commit")


def _of(checkpoint: str, moments: tuple[str, ...]) -> list[str]:
    return [f"{checkpoint}:{moment}" for moment in moments]


# A run of two lines in chunks of one, whose mail is taken.
PLAIN = [
    *_of("authorise", INSIDE),
    *_of("delete_devices:1", INSIDE),
    *_of("delete_devices:2", INSIDE),
    *_of("verify_deleted:1", INSIDE),
    *_of("notify_customer:write", INSIDE),
    *_of("notify_customer:send", OUTSIDE),
    *_of("close", INSIDE),
    "run:before_complete",
]
# What comes on top when a person decides on a SOC code, or on a read-back that does not fit.
ASKED = ["authorise:question_opened"]
MISMATCHED = [*_of("resolve_verification:1", INSIDE), "resolve_verification:question_opened"]
# What the shop channel adds, and what is left of all that when only the link is sent again.
SHOP = [*_of("find_account", OUTSIDE), *_of("find_subscription", OUTSIDE)]
LINK_AGAIN = [*SHOP, *PLAIN[PLAIN.index("notify_customer:write:before_effect") :]]
CONFIRMING = [
    f"confirm:{moment}"
    for moment in ("after_operation", "after_items", "after_plan", "after_audit", "after_spawn", "after_commit")
]
