"""The tap's configuration as the SDK meets it: read from files and variables, checked, and described."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from importlib import metadata
from io import StringIO
from pathlib import Path
from typing import IO, Any, ClassVar, cast

import click
from singer_sdk import Tap
from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import EMIT_ACTIVATE_VERSION_CONFIG
from singer_sdk.plugin_base import SingerCommand
from typing_extensions import override

from tap_asana import __version__, help_text
from tap_asana.config import ConfigError, find_errors, find_type_errors, read_json_object
from tap_asana.records.stream_maps import find_option_errors
from tap_asana.settings import SETTINGS, SettingSchema
from tap_asana.sources import (
    PREFIX,
    parse_settings,
    read_files,
    read_secret_files,
    unknown_settings,
    unknown_variables,
)

STDIN = "-"
ENVIRONMENT = "ENV"
"""Values of file options that do not name a file."""

VERSIONS = "emit_activate_version_messages"
"""The SDK's setting for ACTIVATE_VERSION."""

logger = logging.getLogger(__name__)


class JsonFile(click.File):
    """An option for a file that contains a JSON object; read here because the SDK's errors do not name the file."""

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> IO[Any]:
        """Return the content of the file; raises ConfigError if it is not a JSON object."""
        if param is None or value == STDIN:
            return super().convert(value, param, ctx)
        return StringIO(json.dumps(read_json_object(param.opts[0], Path(value))))


class ConfiguredTap(Tap):
    """A tap with the settings of Asana."""

    config_jsonschema: ClassVar[SettingSchema] = {
        **SETTINGS,
        # The SDK uses this setting, but does not declare it.
        "properties": deepcopy({**SETTINGS["properties"], **EMIT_ACTIVATE_VERSION_CONFIG["properties"]}),
    }
    config_files: ClassVar[Sequence[Path]] = ()
    """The configuration files that the command line names."""

    report_path: ClassVar[object] = None
    """The setting report_file, known before the settings are valid as a whole."""

    @classmethod
    @override
    def get_plugin_version(cls) -> str:
        """Return the tap's version; the SDK would look it up under the name of the distribution."""
        return __version__

    @classmethod
    @override
    def get_supported_python_versions(cls) -> list[str] | None:
        """Return the versions of Python in the metadata of the distribution that has the command; only --about asks."""
        installed = (
            entry.dist for entry in metadata.entry_points(group="console_scripts", name=cls.name) if entry.dist
        )
        return next((cls._get_supported_python_versions(each.name) for each in installed), None)

    @classmethod
    @override
    def get_singer_command(cls) -> SingerCommand:
        """Return the command with the tap's help text."""
        command = cast("SingerCommand", super().get_singer_command())
        command.help, command.epilog = help_text.SUMMARY, help_text.MORE
        for option in command.params:
            if isinstance(option.type, click.File):
                option.type = JsonFile()
        return command

    @classmethod
    @override
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        """Read the configuration files of the command line; raises ConfigError for the first invalid one."""
        cls.config_files = [Path(name) for name in value if name != ENVIRONMENT]
        sources = super().cb_config(ctx, param, tuple(name for name in value if name == ENVIRONMENT))
        sources.config.update(read_files(cls.config_files, cls.all_properties()))
        variable = os.environ.get(f"{PREFIX}REPORT_FILE") if ENVIRONMENT in value else None
        cls.report_path = variable or sources.config.get("report_file")
        return sources

    @override
    def __init__(self, *, config: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        """Turn the settings into their types before the SDK sees them."""
        super().__init__(config=parse_settings(config or {}, self.all_properties()), **kwargs)

    @classmethod
    def all_properties(cls) -> dict[str, SettingSchema]:
        """Return the schemas of all settings, those that the SDK adds among them."""
        cls.append_builtin_config(cls.config_jsonschema)
        properties: dict[str, SettingSchema] = cls.config_jsonschema["properties"]
        return properties

    @property
    @override
    def _env_var_config(self) -> dict[str, Any]:
        """Return the settings in environment variables; raises ConfigError for a misspelled one, and warns of others.

        The SDK itself fails for an empty number, and reads every unexpected text as false.
        """
        properties = self.all_properties()
        as_text = {"properties": {name: {"type": "string"} for name in properties}}
        texts = parse_environment_config(as_text, PREFIX)
        unknown = list(unknown_variables(os.environ, properties))
        for line in (line for line, is_error in unknown if not is_error):
            logger.warning("%s", line)
        if lines := [line for line, is_error in unknown if is_error]:
            raise ConfigError(lines)
        return parse_settings(texts, properties)

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check all settings, with clear messages; raises ConfigError. Discovery needs no settings, and checks none."""
        self._config, lines = read_secret_files(self._config)
        if not raise_errors:
            return []
        properties = self.all_properties()
        lines += unknown_settings(self._config, properties)
        if not lines:  # a secret that a file should hold is missing then, and a misspelled setting too
            lines += find_errors(self._config)
        sdk_names = sorted(properties.keys() - SETTINGS["properties"].keys())
        lines += find_type_errors(self._config, {name: properties[name] for name in sdk_names})
        if not lines:  # the maps are an object then
            lines += find_option_errors(self._config.get("stream_maps") or {})
        if lines:
            raise ConfigError(lines)
        if self._config.get("shared_tables") and self._config.pop(VERSIONS, None):
            logger.info("shared_tables: no version is announced, because other runs write into the same tables")
        try:
            return super()._validate_config(raise_errors=raise_errors)
        except ConfigValidationError as error:
            raise ConfigError(sorted(set(map(_without_value, error.errors)))) from None


def _without_value(error: str) -> str:
    """Return an error of the SDK's validation without the value, which it begins with."""
    place = re.search(r"config\[(.+)\]$", error)
    names = re.findall(r"\w+", place[1]) if place else []
    return f"{'.'.join(names) or 'settings'}: not in the form that the SDK documents."
