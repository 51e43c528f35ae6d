"""The messages of Spark Connect that a query needs, with the numbers of their fields.

The client of PySpark is not used, as it has no wheel, and needs pandas and pyarrow.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "spark.connect"
SERVICE = f"/{PACKAGE}.SparkConnectService"
INTERRUPT_OPERATION = 3

# Fields by number: `name type`; `*` marks a list. A type with an upper-case letter is a message.
MESSAGES = {
    "UserContext": {1: "user_id string", 2: "user_name string"},
    "SQL": {1: "query string"},
    "Limit": {1: "input Relation", 2: "limit int32"},
    "Relation": {8: "limit Limit", 10: "sql SQL"},
    "Plan": {1: "root Relation"},
    "ExecutePlanRequest": {
        1: "session_id string",
        2: "user_context UserContext",
        3: "plan Plan",
        4: "client_type string",
        6: "operation_id string",
        7: "tags string*",
    },
    "ArrowBatch": {1: "row_count int64", 2: "data bytes"},
    "ExecutePlanResponse": {1: "session_id string", 2: "arrow_batch ArrowBatch"},
    "KeyValue": {1: "key string", 2: "value string"},
    "SetConfig": {1: "pairs KeyValue*"},
    "ConfigOperation": {1: "set SetConfig"},
    "ConfigRequest": {
        1: "session_id string",
        2: "user_context UserContext",
        3: "operation ConfigOperation",
        4: "client_type string",
    },
    "InterruptRequest": {
        1: "session_id string",
        2: "user_context UserContext",
        3: "client_type string",
        4: "interrupt_type int32",
        6: "operation_id string",
    },
    "ReleaseSessionRequest": {1: "session_id string", 2: "user_context UserContext", 3: "client_type string"},
    "InterruptResponse": {1: "session_id string", 2: "interrupted_ids string*"},
    # Fields of responses that are not read are skipped.
    "Response": {1: "session_id string"},
}


def _load() -> dict[str, Any]:
    """Return the class of each message, in a pool of their own: others may have loaded the original ones."""
    file = descriptor_pb2.FileDescriptorProto(name="ktx_spark_connect.proto", package=PACKAGE, syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, text in fields.items():
            _add_field(message, number, text)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in MESSAGES}


def _add_field(message: Any, number: int, text: str) -> None:
    kinds = descriptor_pb2.FieldDescriptorProto
    name, kind = text.removesuffix("*").split()
    field = message.field.add(name=name, number=number)
    field.label = kinds.LABEL_REPEATED if text.endswith("*") else kinds.LABEL_OPTIONAL
    if kind[0].isupper():
        field.type, field.type_name = kinds.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
    else:
        field.type = getattr(kinds, f"TYPE_{kind.upper()}")


CLASSES = _load()
