"""What routes say on a channel that have no template of their own."""

from scheduler.context import Context
from scheduler.templating import check_template
from store import channels
from store.changes import Actor, record
from store.engine import writing


def set_template(context: Context, workspace_id: int, name: str, text: str, *, actor: Actor) -> str | None:
    """Give a channel a template; an empty one takes it away. Posts that are there stay as they are.

    Returns:
        The template as it is kept; None: routes say title and link.

    Raises:
        UsageError: it cannot be rendered for every entry.
        NotFound: no such channel in this workspace.
    """
    template = text if text.strip() else None
    if template is not None:
        check_template(template)
    now = context.clock()
    with writing(context.engine) as session:
        row = channels.lock(session, channels.named(session, workspace_id, name).id)
        before, row.template = row.template, template
        session.add(row)
        record(
            session, actor, "set the template", subject="channel", subject_id=row.id,
            workspace_id=workspace_id, now=now, before={"template": before}, after={"template": template},
        )  # fmt: skip
        session.commit()
    return template
