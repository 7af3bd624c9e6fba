"""Custom fields, their settings and custom types."""

from __future__ import annotations

from typing import ClassVar

from tap_asana.parents.kinds import PARENT_LISTS
from tap_asana.records import fields as f
from tap_asana.sync.stream import AsanaStream

FIELD_SETTINGS = "custom_field_settings"
WITH_SETTINGS = (
    "/projects?workspace={workspace_gid}",
    "/workspaces/{workspace_gid}/teams",
    *PARENT_LISTS["portfolio"],
    *PARENT_LISTS["goal"],
)
"""Lists of parents that embed custom field settings, so that no parent needs a request of its own."""

VALUE = "belongs to a value, not to the definition; see custom_fields of tasks"


class CustomFields(AsanaStream):
    """Definitions of custom fields with all their options, from the library and from single projects."""

    name = "custom_fields"
    path = "/workspaces/{workspace_gid}/custom_fields"
    embedded_in = dict.fromkeys(WITH_SETTINGS, f"{FIELD_SETTINGS}.custom_field")
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the field.", "workspaces"),
        name=f.prose("Name."),
        resource_subtype=f.text("Type of the values, such as text, enum or people."),
        enum_options=f.refs(
            "Options of an enum field, including disabled ones.",
            f.NO_STREAM,
            enabled=f.flag("Whether it can still be selected."),
            color=f.text("Color."),
        ),
        representation_type=f.text("Display type of the values, such as formula."),
        id_prefix=f.text("Prefix of the ids that an id field assigns."),
        input_restrictions=f.texts("Types of objects allowed in a reference field."),
        is_formula_field=f.flag("Whether the values are computed by a formula."),
        description=f.prose("Description."),
        precision=f.number("Number of decimal places, 0 to 6; for percentages, of the fraction."),
        format=f.text("Format of numbers, such as currency or percentage."),
        currency_code=f.text("ISO 4217 currency code of the numbers."),
        custom_label=f.prose("Custom unit of numbers."),
        custom_label_position=f.text("Position of the custom unit: prefix or suffix."),
        is_global_to_workspace=f.flag("Whether the field is in the workspace's library."),
        has_notifications_enabled=f.flag("Whether followers are notified of changed values."),
        asana_created_field=f.text("Asana's template for the field."),
        is_value_read_only=f.flag("Whether the values are read-only."),
        created_by=f.person("Creator."),
        privacy_setting=f.text("Privacy setting."),
        default_access_level=f.text("Default access level of new members."),
    )
    omitted: ClassVar[f.Reasons] = {
        "type": "deprecated; use resource_subtype",
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
    """Custom fields in use in every project, portfolio, goal and team."""

    name = "custom_field_settings"
    embedded_in = dict.fromkeys(WITH_SETTINGS, FIELD_SETTINGS)
    schema = f.entity(
        is_important=f.flag("Whether the field is shown in the parent's list view."),
        parent=f.ref(
            "Project, portfolio, goal or team that uses the field.",
            ("projects", "portfolios", "goals", "teams"),
            resource_type=f.text("Type of the parent."),
        ),
        custom_field=f.ref("Custom field; see the stream custom_fields.", "custom_fields"),
    )
    omitted: ClassVar[f.Reasons] = {"project": "deprecated; use parent"}


class CustomTypes(AsanaStream):
    """Custom task types with their statuses."""

    name = "custom_types"
    path = "/custom_types?project={project_gid}"
    schema = f.entity(
        workspace_gid=f.parent_gid("Workspace of the type.", "workspaces"),
        name=f.prose("Name."),
        status_options=f.refs(
            "Statuses of tasks of this type.",
            f.NO_STREAM,
            completion_state=f.text("Whether tasks with this status count as completed."),
            enabled=f.flag("Whether it can still be selected."),
            color=f.text("Color."),
        ),
    )
