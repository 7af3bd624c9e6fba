{# Return whether the loader has written a table for a stream; a deselected stream has none. #}
{% macro tap_asana_is_loaded(stream) %}
    {% set table = source('tap_asana', stream) %}
    {{ return(not execute or load_relation(table) is not none) }}
{% endmacro %}

{% macro tap_asana_unknown_warehouse() %}
    {{ exceptions.raise_compiler_error("The package tap_asana knows postgres, bigquery, duckdb and snowflake, not " ~ target.type) }}
{% endmacro %}
