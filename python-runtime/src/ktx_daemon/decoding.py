"""From JSON to a typed request; a wrong body is answered with every wrong field, not only the first."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from ktx_daemon.errors import BadRequestError, FieldError, WrongShapeError

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

Request = TypeVar("Request", bound=msgspec.Struct)

_MAX_SHOWN = 80  # characters of a key or value that a message repeats


def decode(body: bytes, request_type: type[Request]) -> Request:
    """Decode a JSON object. Raises 400 for what is no JSON and 422 for JSON of another shape."""
    try:
        return msgspec.json.decode(body, type=request_type)
    except msgspec.ValidationError:
        raise WrongShapeError(list(_wrong_fields(_parse(body), request_type, ""))) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _no_json(body, error) from None


def _parse(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _no_json(body, error) from None


def _no_json(body: bytes, error: Exception) -> BadRequestError:
    reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    if _SURROGATE.search(body) and (path := _lone_surrogate(body)):
        reason = f"{path} holds a lone surrogate, which is half a character"
    return BadRequestError("invalid_json", f"The request body is not valid JSON: {reason}")


def _lone_surrogate(body: bytes) -> str | None:
    """Get the path of the first text with half a character, which JavaScript makes when it cuts a text in between."""
    try:
        texts = _texts(json.loads(body), "")
        return next((path or "$" for path, text in texts if not _is_unicode(text)), None)
    except (ValueError, RecursionError):
        return None


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Return all texts with their paths; the keys of an object have its own."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield path, key
            yield from _texts(item, f"{path}.{key}" if path else key)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wrong_fields(value: Any, expected: Any, path: str) -> Iterator[FieldError]:
    """Walk the value along its type; only leaves are handed to msgspec, so that no error hides another."""
    expected = _option_for(value, expected)
    if _is_struct(expected) and isinstance(value, dict):
        wrong = list(_wrong_struct_fields(value, expected, path))
        yield from wrong or _conversion_errors(value, expected, path)
    elif get_origin(expected) is list and isinstance(value, list):
        (item_type,) = get_args(expected)
        for index, item in enumerate(value):
            yield from _wrong_fields(item, item_type, f"{path}[{index}]")
    elif get_origin(expected) is Literal and isinstance(value, str):
        if value not in get_args(expected):
            yield FieldError(path, f"Invalid enum value '{value[:_MAX_SHOWN]}'; expected {_listed(get_args(expected))}")
    else:
        yield from _conversion_errors(value, expected, path)


def _conversion_errors(value: Any, expected: Any, path: str) -> Iterator[FieldError]:
    try:
        msgspec.convert(value, expected)
    except msgspec.ValidationError as error:
        yield FieldError(path or "$", str(error).replace("`", ""))


def _wrong_struct_fields(value: dict[str, Any], struct: type[msgspec.Struct], path: str) -> Iterator[FieldError]:
    hints = get_type_hints(struct)
    fields = msgspec.structs.fields(struct)
    for field in fields:
        where = _below(path, field.encode_name)
        if field.encode_name in value:
            yield from _wrong_fields(value[field.encode_name], hints[field.name], where)
        elif field.required:
            yield FieldError(where, "Missing required field")
    if struct.__struct_config__.forbid_unknown_fields:
        known = [field.encode_name for field in fields]
        for key in value:
            if key not in known:
                yield FieldError(_below(path, key[:_MAX_SHOWN]), f"Unknown key{_suggestion(key, known)}")


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _suggestion(key: str, known: list[str]) -> str:
    """Name the key that was probably meant, or all of them."""
    import difflib  # only for requests that are refused

    near = difflib.get_close_matches(key[:_MAX_SHOWN].lower(), known, 1)
    return f"; did you mean '{near[0]}'?" if near else f"; expected {_listed(known)}"


def _listed(values: Sequence[str]) -> str:
    return "one of " + ", ".join(values)


def _option_for(value: Any, expected: Any) -> Any:
    """Return the option of a union that the value is meant to be: the struct for an object, else the only one."""
    if get_origin(expected) not in (Union, types.UnionType) or value is None:
        return expected
    rest = [option for option in get_args(expected) if option is not type(None)]
    structs = [option for option in rest if _is_struct(option)]
    if isinstance(value, dict) and len(structs) == 1:
        return structs[0]
    return rest[0] if len(rest) == 1 else expected


def _is_struct(expected: Any) -> bool:
    return isinstance(expected, type) and issubclass(expected, msgspec.Struct)
