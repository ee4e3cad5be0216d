"""Docstrings below the fields of pydantic models, read when somebody asks for them.

Pydantic's own `use_attribute_docstrings` parses the source of every model as it is defined, a third
of the start-up of a command that shows none of them.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Documented(BaseModel):
    """A model whose fields are documented by the docstrings below them."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The JSON Schema with the fields' descriptions."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        docs = field_docs(cls)
        for name, info in cls.model_fields.items():
            for key in (info.alias, name):
                if key in properties and name in docs:
                    properties[key].setdefault("description", docs[name])
                    break
        return schema


@cache
def field_docs(cls: type[BaseModel]) -> Mapping[str, str]:
    """The description of every documented field, its own or its base's.

    Examples
    --------
    >>> from pydantic import Field
    >>> class Slow(BaseModel):
    ...     by: int = Field(3, description="How much later.")
    >>> field_docs(Slow)
    {'by': 'How much later.'}
    """
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            docs |= dict(_docstrings(base))
    docs |= {name: info.description for name, info in cls.model_fields.items() if info.description}
    return {name: text for name, text in docs.items() if name in cls.model_fields}


def _docstrings(cls: type[BaseModel]) -> Iterator[tuple[str, str]]:
    try:
        source = textwrap.dedent(inspect.getsource(cls))
    except (OSError, TypeError):  # typed at a prompt, or generated
        return
    definition = ast.parse(source).body[0]
    if not isinstance(definition, ast.ClassDef):
        return
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        is_text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text:
            assert isinstance(below, ast.Expr)
            assert isinstance(below.value, ast.Constant)
            if isinstance(below.value.value, str):
                yield field.target.id, inspect.cleandoc(below.value.value)
