"""How Asana was fitted to a company: custom fields and their settings."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.parents.kinds import PARENT_LISTS
from tap_asana.records import fields as f
from tap_asana.sync.stream import AsanaStream

SETTINGS = "custom_field_settings"
WITH_SETTINGS = (
    "/projects?workspace={workspace_gid}",
    "/workspaces/{workspace_gid}/teams",
    *PARENT_LISTS["portfolio"],
    *PARENT_LISTS["goal"],
)
"""Lists of parents that carry their custom field settings: no request per parent."""

VALUE = "belongs to a value, not to the definition; see custom_fields of tasks"


class CustomFields(AsanaStream):
    """Definitions of custom fields, with every option: the library and local ones."""

    name = "custom_fields"
    path = "/workspaces/{workspace_gid}/custom_fields"
    embedded_in = dict.fromkeys(WITH_SETTINGS, f"{SETTINGS}.custom_field")
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the field."),
        name=f.prose("Name of the field."),
        resource_subtype=f.text("Type of its values, such as text, enum or people."),
        enum_options=f.refs(
            "Options to choose from, disabled ones included.",
            enabled=f.flag("Whether it can still be chosen."),
            color=f.text("Color of the option."),
        ),
        representation_type=f.text("How values are shown, formula among others."),
        id_prefix=f.text("Letters before the numeral of a field that gives out ids."),
        input_restrictions=f.texts("Kinds of things that a reference field takes."),
        is_formula_field=f.flag("Whether values are computed."),
        description=f.prose("What the field is for."),
        precision=f.number("Decimals shown, 0 to 6; of percentages, of the fraction."),
        format=f.text("How numbers are written, such as currency or percentage."),
        currency_code=f.text("Currency of the numbers."),
        custom_label=f.prose("Unit of the company's own."),
        custom_label_position=f.text("Whether that unit stands before or after."),
        is_global_to_workspace=f.flag("Whether the field is in the library."),
        has_notifications_enabled=f.flag("Whether followers hear about new values."),
        asana_created_field=f.text("Template of Asana's that the field comes from."),
        is_value_read_only=f.flag("Whether people cannot set values."),
        created_by=f.person("Who made the field."),
        privacy_setting=f.text("Who can see the field."),
        default_access_level=f.text("What new members may do with the field."),
    )
    omitted: ClassVar[f.Reasons] = {
        "type": "deprecated; resource_subtype says it",
        **dict.fromkeys(
            (
                "enabled",
                "date_value",
                "enum_value",
                "multi_enum_values",
                "number_value",
                "text_value",
                "html_text_value",
                "display_value",
                "people_value",
                "reference_value",
            ),
            VALUE,
        ),
    }


class CustomFieldSettings(AsanaStream):
    """Which custom fields are in use in every project, portfolio, goal and team."""

    name = "custom_field_settings"
    embedded_in = dict.fromkeys(WITH_SETTINGS, SETTINGS)
    schema = f.entity(
        is_important=f.flag("Whether it shows up in the list view of the parent."),
        parent=f.ref(
            "Project, portfolio, goal or team in which the field is in use.",
            resource_type=f.text("Kind of thing that the parent is."),
        ),
        custom_field=f.ref("The field; its definition is in custom_fields."),
    )
    omitted: ClassVar[f.Reasons] = {"project": "deprecated; parent says it"}


class CustomTypes(AsanaStream):
    """Custom types of tasks, with the statuses that each knows."""

    name = "custom_types"
    path = "/custom_types?project={project_gid}"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the type."),
        name=f.prose("Name of the type."),
        status_options=f.refs(
            "Statuses that a task of the type can have.",
            completion_state=f.text("Whether a task in that status counts as done."),
            enabled=f.flag("Whether it can still be chosen."),
            color=f.text("Color of the status."),
        ),
    )
