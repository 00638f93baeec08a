"""Names as a search compares them: in capitals and without accents, so that `zoe` finds Zoë."""

from __future__ import annotations

from django.db.models import TextField, Transform


@TextField.register_lookup
class Folded(Transform):
    """The text as the database folds it; `worker__folded__contains=Folded(Value("zoe"))` has an index."""

    lookup_name = "folded"
    function = "search_folded"
    output_field = TextField()
