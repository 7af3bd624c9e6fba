"""`python -m scripts.refresh_contract` extracts from Asana's API description the contract that tests check."""

from __future__ import annotations

from typing import Any

import contract
import pytest
import yaml

from scripts.refresh_contract import OUT, Description, digest, dump

DOCUMENT = """
paths:
  /tags:
    parameters:
      - {$ref: '#/components/parameters/limit'}
      - {name: pretty, in: query}
    get:
      description: |-
        <b>Required scope: </b><code>tags:read</code>

        Brings tags.
      parameters:
        - {name: workspace, in: query, required: true}
        - {name: tag_gid, in: path, required: true}
        - name: opt_fields
          in: query
          schema: {items: {enum: [color, followers, followers.name, offset, path, uri]}}
      responses:
        200:
          content:
            application/json:
              schema: {properties: {data: {type: array, items: {$ref: '#/components/schemas/TagResponse'}}}}
    post: {responses: {}}
components:
  parameters:
    limit: {name: limit, in: query}
  schemas:
    UserCompact:
      type: object
      properties:
        gid: {type: string}
        name: {type: string, nullable: true, description: '*Conditional*. Inside, this is not told.'}
    TagResponse:
      allOf:
        - type: object
          properties:
            gid: {type: string}
            color: {type: string, nullable: true}
            message: {type: string, description: '*Deprecated: use notes.*'}
        - properties:
            created_at: {type: string, format: date-time, description: '[Opt In](/docs/input). When.'}
            followers: {type: array, items: {$ref: '#/components/schemas/UserCompact'}}
            owner: {$ref: '#/components/schemas/UserCompact', description: '*Conditional*. Whose.'}
"""
KNOWN: dict[str, Any] = {"operations": {"GET /gone": {}, "POST /tags": {}}, "resources": {"tags": {}}}


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Return the digest of the document."""
    return digest(yaml.safe_load(DOCUMENT), KNOWN)


def test_operations_have_their_parameters_pages_fields_and_scopes(found: dict[str, Any]) -> None:
    """Required parameters have a star, common parameters are left out, and next_page is not a field."""
    assert found["operations"] == {
        "GET /tags": {
            "params": "limit workspace*",
            "paging": "list limit",
            "opt_fields": "color followers(name)",
            "scopes": "tags:read",
        },
        "POST /tags": {"params": "limit", "paging": "limit", "opt_fields": "", "scopes": ""},
    }


def test_fields_have_their_types_and_marks(found: dict[str, Any]) -> None:
    """A field can be nullable, deprecated, opt-in or conditional; one nested level is described."""
    inner = {"gid": "string", "name": "string ?"}
    assert found["resources"]["tags"] == {
        "gid": "string",
        "color": "string ?",
        "message": "string D",
        "created_at": "string/date-time O",
        "followers": ["array", inner],
        "owner": ["object C", inner],
    }


def test_of_alternatives_the_first_counts() -> None:
    """An object with several forms has the fields of every form."""
    forms = [{"properties": {"of": {"type": "string"}}}, {"properties": {"of": {"type": "object"}, "to": {}}}]
    whole = Description({"components": {"schemas": {}}}).resolve({"anyOf": forms})
    assert whole["properties"] == {"of": {"type": "string"}, "to": {}}


def test_the_digest_is_written_as_it_stands() -> None:
    """Written again without a change, the file is identical: a refresh shows only Asana's changes."""
    assert dump(contract.digest()) == OUT.read_text(encoding="utf-8")
