"""Forms as Discord takes them, and what comes back, whatever it is."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Argument, Choice, FieldKind, Form, FormField, OptionKind
from handlers.discord.forms import filled, modal_of
from tests.contracts.chat import HOSTILE
from tests.contracts.forms import RULE_FORM
from tests.emulators.discord_modals import modal_limits
from tests.emulators.discord_schema import faults

texts = st.text(max_size=120) | st.sampled_from(sorted(HOSTILE.values()))
offers = st.lists(
    st.builds(Choice, value=st.text("ab1", min_size=1, max_size=120), label=texts),
    max_size=30,
    unique_by=lambda choice: choice.value,
)
fields = st.builds(
    FormField,
    name=st.text("abc", min_size=1, max_size=20),
    label=texts,
    kind=st.sampled_from(FieldKind),
    help=texts,
    values=st.lists(texts | st.just("1200000000000000003"), max_size=3).map(tuple),
    choices=offers.filter(lambda made: all(len(one.value) <= 100 for one in made)).map(tuple),
    of=st.just(OptionKind.RULE),
    required=st.booleans(),
    longest=st.integers(1, 9_000),
    mistake=texts,
)
forms = st.builds(
    Form,
    name=st.just("watch.edit"),
    title=texts,
    fields=st.lists(fields, min_size=1, max_size=5, unique_by=lambda one: one.name).map(tuple),
    draft=st.text("ab27", min_size=26, max_size=26),
)


def written(modal: discord.ui.Modal) -> dict[str, Any]:
    """Write a modal as discord.py sends it."""
    return {"type": 9, "data": modal.to_dict()}


async def made(form: Form, offered: dict[str, list[Choice]] | None = None) -> dict[str, Any]:
    """Lay a form out; discord.py makes modals inside a loop only."""
    return written(modal_of(form, offered or {}))


def parts(sent: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what stands below the labels."""
    return [part["component"] for part in sent["data"]["components"]]


@given(form=forms, offer=offers)
async def test_any_form_fits(form: Form, offer: list[Choice]) -> None:
    """Whatever a form holds, Discord takes it."""
    sent = await made(form, {field.name: offer for field in form.fields})

    assert faults("answer at once", sent) == []
    assert list(modal_limits(sent["data"])) == []
    assert [part["custom_id"] for part in parts(sent)] == [field.name for field in form.fields]


async def test_each_kind_of_field_has_its_control() -> None:
    """A line, a text, a choice, channels, a name and a file are asked for as what they are."""
    kinds = [part["type"] for part in parts(await made(RULE_FORM))]
    file = FormField(name="file", label="File", kind=FieldKind.FILE)
    (upload,) = parts(await made(Form(name="x", title="X", fields=(file,), draft="d")))

    assert kinds == [4, 4, 3, 8, 4]
    assert upload["type"] == 19
    assert upload["max_values"] == 1


@pytest.mark.parametrize(
    ("offered", "value", "kind"),
    [
        (["gaza", "rafah"], "", 3),
        (["gaza", "rafah"], "rafah", 3),
        (["gaza", "rafah"], "gone", 4),
        ([], "", 4),
        ([f"rule{number}" for number in range(24)], "", 3),
        ([f"rule{number}" for number in range(25)], "", 4),
        (["r" * 101], "", 4),
    ],
)
async def test_a_name_is_chosen_where_all_are_known(
    offered: list[str], value: str, kind: int
) -> None:
    """A name is typed where the list may be a part, or lacks the name that stands there."""
    field = FormField(
        name="like", label="Like", kind=FieldKind.NAME, of=OptionKind.RULE, values=(value,)
    )
    form = Form(name="x", title="X", fields=(field,), draft="d")
    (part,) = parts(await made(form, {"like": [Choice(value=one, label=one) for one in offered]}))

    assert part["type"] == kind


async def test_a_form_holds_what_was_filled_in() -> None:
    """A reopened form has its words, its choice, its channels, and says what is wrong."""
    to = FormField(
        name="to", label="To", kind=FieldKind.CHANNELS, values=("11", "#gone", "11", "12")
    )
    urgency = FormField(
        name="urgency",
        label="Urgency",
        kind=FieldKind.CHOICE,
        values=("now",),
        choices=(Choice(value="now", label="Now"), Choice(value="digest", label="Digest")),
    )
    when = FormField(
        name="when", label="When", values=("a AND",), help="A rule", mistake="ends too soon"
    )
    form = Form(name="x", title="X", fields=(to, urgency, when), draft="d")
    sent = await made(form)
    channels, choice, text = parts(sent)

    assert [str(one["id"]) for one in channels["default_values"]] == ["11", "12"]
    assert [one["value"] for one in choice["options"] if one.get("default")] == ["now"]
    assert text["value"] == "a AND"
    assert sent["data"]["components"][2]["description"] == "ends too soon"


strange = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "component", "components", "custom_id", "value", "values"]),
            inner | st.sampled_from([1, 4, 18, 19]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(components=strange, resolved=strange, custom_id=strange)
def test_nothing_strange_in_a_form_breaks_the_reading(
    components: Any, resolved: Any, custom_id: Any
) -> None:
    """Whatever stands in a form that came back, its values are words and its files are known."""
    ours = {"custom_id": "redline:form:watch.edit:draft7"}
    read = filled(ours | {"components": components, "resolved": resolved})

    assert read is not None
    assert all(one.value for one in read.values)
    assert all(isinstance(file, dict) for _, file in read.files)
    assert filled({"custom_id": custom_id, "components": components}) is None
    assert filled(components) is None


def test_rows_and_labels_are_read_alike() -> None:
    """Forms of older clients put inputs in rows; both ways lead to the same values."""
    when = {"type": 4, "custom_id": "when", "value": "red line"}
    to = {"type": 8, "custom_id": "to", "values": ["11", "12", 13]}
    read = filled(
        {
            "custom_id": "redline:form:watch.edit:draft7",
            "components": [
                {"type": 1, "components": [when]},
                {"type": 18, "component": to},
                {"type": 18, "component": {"type": 4, "custom_id": "empty", "value": ""}},
            ],
        }
    )

    assert read is not None
    assert (read.form, read.draft) == ("watch.edit", "draft7")
    assert read.values == (
        Argument(name="when", value="red line"),
        Argument(name="to", value="11"),
        Argument(name="to", value="12"),
    )
