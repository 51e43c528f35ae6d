"""Decoding of JSON bodies into typed requests. An error lists every invalid field, not only the first."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from ktx_daemon.errors import BadRequestError, FieldError, InvalidRequestError

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

Request = TypeVar("Request", bound=msgspec.Struct)

_MAX_QUOTED_CHARACTERS = 80  # of a key or value in an error message


def decode(body: bytes, request_type: type[Request]) -> Request:
    """Decode a JSON object. Raises 400 for malformed JSON and 422 for JSON of another shape."""
    try:
        return msgspec.json.decode(body, type=request_type)
    except msgspec.ValidationError:
        raise InvalidRequestError(list(_find_field_errors(_parse(body), request_type, ""))) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _invalid_json_error(body, error) from None


def _parse(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _invalid_json_error(body, error) from None


def _invalid_json_error(body: bytes, error: Exception) -> BadRequestError:
    reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    if _SURROGATE.search(body) and (path := _find_lone_surrogate(body)):
        reason = f"{path} holds a lone surrogate, which is half a character"
    return BadRequestError("invalid_json", f"The request body is not valid JSON: {reason}")


def _find_lone_surrogate(body: bytes) -> str | None:
    """Return the path of the first string with a lone surrogate, which JavaScript makes by slicing inside a pair."""
    try:
        strings = _iterate_strings(json.loads(body), "")
        return next((path or "$" for path, text in strings if not _is_unicode(text)), None)
    except (ValueError, RecursionError):
        return None


def _iterate_strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield all strings with their paths; a key of an object has the path of the object."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _iterate_strings(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield path, key
            yield from _iterate_strings(item, f"{path}.{key}" if path else key)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _find_field_errors(value: Any, expected: Any, path: str) -> Iterator[FieldError]:
    """Yield every error of a value by walking it along its type.

    msgspec stops at the first error, so it only converts the leaves.
    """
    expected = _select_union_member(value, expected)
    if _is_struct(expected) and isinstance(value, dict):
        wrong = list(_find_struct_errors(value, expected, path))
        yield from wrong or _find_conversion_errors(value, expected, path)
    elif get_origin(expected) is list and isinstance(value, list):
        (item_type,) = get_args(expected)
        for index, item in enumerate(value):
            yield from _find_field_errors(item, item_type, f"{path}[{index}]")
    elif get_origin(expected) is Literal and isinstance(value, str):
        if value not in get_args(expected):
            choices = _format_choices(get_args(expected))
            yield FieldError(path, f"Invalid enum value '{value[:_MAX_QUOTED_CHARACTERS]}'; expected {choices}")
    else:
        yield from _find_conversion_errors(value, expected, path)


def _find_conversion_errors(value: Any, expected: Any, path: str) -> Iterator[FieldError]:
    try:
        msgspec.convert(value, expected)
    except msgspec.ValidationError as error:
        yield FieldError(path or "$", str(error).replace("`", ""))


def _find_struct_errors(value: dict[str, Any], struct: type[msgspec.Struct], path: str) -> Iterator[FieldError]:
    hints = get_type_hints(struct)
    fields = msgspec.structs.fields(struct)
    for field in fields:
        field_path = _join_path(path, field.encode_name)
        if field.encode_name in value:
            yield from _find_field_errors(value[field.encode_name], hints[field.name], field_path)
        elif field.required:
            yield FieldError(field_path, "Missing required field")
    if struct.__struct_config__.forbid_unknown_fields:
        allowed = [field.encode_name for field in fields]
        for key in value:
            if key not in allowed:
                yield FieldError(
                    _join_path(path, key[:_MAX_QUOTED_CHARACTERS]), f"Unknown key{_format_suggestion(key, allowed)}"
                )


def _join_path(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _format_suggestion(key: str, allowed: list[str]) -> str:
    """Suggest the nearest allowed key, or list all of them."""
    import difflib  # only needed for invalid requests

    near = difflib.get_close_matches(key[:_MAX_QUOTED_CHARACTERS].lower(), allowed, 1)
    return f"; did you mean '{near[0]}'?" if near else f"; expected {_format_choices(allowed)}"


def _format_choices(values: Sequence[str]) -> str:
    return "one of " + ", ".join(values)


def _select_union_member(value: Any, expected: Any) -> Any:
    """Select the union member to report errors against: the only struct for an object, else the only member."""
    if get_origin(expected) not in (Union, types.UnionType) or value is None:
        return expected
    rest = [option for option in get_args(expected) if option is not type(None)]
    structs = [option for option in rest if _is_struct(option)]
    if isinstance(value, dict) and len(structs) == 1:
        return structs[0]
    return rest[0] if len(rest) == 1 else expected


def _is_struct(expected: Any) -> bool:
    return isinstance(expected, type) and issubclass(expected, msgspec.Struct)
