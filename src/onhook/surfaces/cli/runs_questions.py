"""What a person decides: `onhook questions`, `assign`, `answer`."""

from __future__ import annotations

from typing import Annotated

import typer

from onhook import clock
from onhook.operations import questions
from onhook.operations.models import Question
from onhook.operations.questions import Whose
from onhook.surfaces.cli import identity, output, views
from onhook.surfaces.cli.app import app
from onhook.surfaces.cli.watching import show_question
from onhook.tenancy import people
from onhook.tenancy.permissions import OPERATOR_COID

_NOBODY = "-"


@app.command("questions")
def list_questions(
    coid: Annotated[int | None, typer.Option("--company", help="Of this company only (COID).")] = None,
    whose: Annotated[Whose, typer.Option(help="With whom they lie.")] = Whose.ALL,
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """List the questions that wait for a person, oldest first."""
    actor = identity.reader(login, token_file)
    rows = list(questions.waiting(actor=actor, coid=coid, whose=whose))
    output.emit(as_json=as_json, data=[views.question(row) for row in rows], show=lambda: _show_questions(rows))


def _show_questions(rows: list[Question]) -> None:
    if not rows:
        output.say("No question waits.")
    for number, row in enumerate(rows):
        if number:
            output.say()
        show_question(row)
        output.say(f"of {row.company}, operation {row.operation_id}, since {output.time(row.opened_at)}")
        output.say(_holder(row))


def _holder(row: Question) -> str:
    if row.assigned_to is None:
        return "with nobody yet"
    return f"with {row.assigned_to.login}" + (f": {row.assigned_note}" if row.assigned_note else "")


@app.command()
def assign(
    question_id: Annotated[int, typer.Argument(metavar="QUESTION")],
    to: Annotated[str, typer.Argument(metavar="PERSON", help="User name of an agent or lead; - gives it back.")],
    note: Annotated[str, typer.Option(help="What the person should know.")] = "",
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Give a question to a person of support, yourself included. Anybody who may answer it still can."""
    actor = identity.person(login, token_file)
    person = None if to == _NOBODY else people.by_login(people.login_of(coid=OPERATOR_COID, username=to))
    given = questions.assign(question_id=question_id, to=person, note=note, actor=actor)
    output.emit(
        as_json=as_json,
        data=views.question(given),
        show=lambda: output.say(f"Question {given.pk} is {_holder(given)}."),
    )


@app.command()
def answer(
    question_id: Annotated[int, typer.Argument(metavar="QUESTION")],
    choice: Annotated[str, typer.Argument(help="One of the question's choices.")],
    reason: Annotated[
        str, typer.Option(help="On what grounds; it is kept with the answer. Only trying again needs none.")
    ] = "",
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Answer a question; the run goes on at once."""
    actor = identity.person(login, token_file)
    answered = questions.answer(question_id=question_id, choice=choice, reason=reason, actor=actor, now=clock.now())
    output.emit(
        as_json=as_json,
        data=views.question(answered),
        show=lambda: output.say(f"Answered with '{answered.answer}'. Operation {answered.operation_id} goes on."),
    )
