"""The messages of the Thrift interface `TCLIService` that a query needs, with the numbers of their fields.

Enumerations are integers. Texts within rows are bytes, as Spark does not guarantee that they are UTF-8.
"""

from __future__ import annotations

from typing import Any

from thrift.Thrift import TType

TEXT = (TType.STRING, "UTF8")
BYTES = (TType.STRING, "BINARY")
BOOL = (TType.BOOL, None)
I16 = (TType.I16, None)
I32 = (TType.I32, None)
I64 = (TType.I64, None)
DOUBLE = (TType.DOUBLE, None)
TEXTS = (TType.MAP, (*TEXT, *TEXT, False))

FieldType = tuple[int, Any]

# HIVE_CLI_SERVICE_PROTOCOL_V8, which every Spark since 2.0 and Kyuubi have; rows are sent by columns since V6.
PROTOCOL_VERSION = 7
MIN_PROTOCOL_VERSION = 5
SUCCESS_CODES = (0, 1, 2)
INVALID_HANDLE = 4
PENDING_STATES = (0, 1, 7)
FINISHED, CANCELED, CLOSED, TIMED_OUT = 2, 3, 4, 8
# Names of the types of columns; nested types and intervals are sent as texts.
TYPES = (
    *("boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "timestamp", "binary"),
    *("array", "map", "struct", "union", "user_defined", "decimal", "void", "date", "varchar", "char"),
    *("interval_year_month", "interval_day_time"),
)


class Message:
    """A struct: its fields are attributes, which are None if they are not sent."""

    thrift_spec: tuple[Any, ...] = ()

    def __init__(self, **fields: Any) -> None:
        for entry in filter(None, self.thrift_spec):
            setattr(self, entry[2], fields.get(entry[2]))

    def read(self, protocol: Any) -> None:
        """Read the fields, which the decoder of the library does."""
        protocol._fast_decode(self, protocol, [type(self), self.thrift_spec])

    def write(self, protocol: Any) -> None:
        """Write the fields, which the encoder of the library does."""
        protocol.trans.write(protocol._fast_encode(self, [type(self), self.thrift_spec]))


def list_of(item: FieldType) -> FieldType:
    """Return the type of a list."""
    return (TType.LIST, (*item, False))


def struct(name: str, **fields: FieldType) -> tuple[type[Message], FieldType]:
    """Return a class of messages, whose fields are numbered from 1 on, and its type as a field of others."""
    numbered = [(number, kind, field, nested, None) for number, (field, (kind, nested)) in enumerate(fields.items(), 1)]
    spec = (None, *numbered)
    cls = type(name, (Message,), {"thrift_spec": spec})
    return cls, (TType.STRUCT, [cls, spec])


def _part(name: str, **fields: FieldType) -> FieldType:
    return struct(name, **fields)[1]


def _column(name: str, item: FieldType) -> FieldType:
    return _part(name, values=list_of(item), nulls=BYTES)


STATUS = _part("Status", statusCode=I32, infoMessages=list_of(TEXT), sqlState=TEXT, errorCode=I32, errorMessage=TEXT)
IDENTIFIER = _part("Identifier", guid=BYTES, secret=BYTES)
SESSION = _part("SessionHandle", sessionId=IDENTIFIER)
OPERATION = _part("OperationHandle", operationId=IDENTIFIER, operationType=I32, hasResultSet=BOOL)

PRIMITIVE = _part("PrimitiveType", type=I32)
TYPE_ENTRY = _part("TypeEntry", primitiveEntry=PRIMITIVE)
TYPE = _part("Type", types=list_of(TYPE_ENTRY))
COLUMN_DESCRIPTION = _part("ColumnDescription", columnName=TEXT, typeDesc=TYPE, position=I32, comment=TEXT)
TABLE_SCHEMA = _part("TableSchema", columns=list_of(COLUMN_DESCRIPTION))

COLUMN = _part(
    "Column",
    boolVal=_column("BoolColumn", BOOL),
    byteVal=_column("ByteColumn", (TType.BYTE, None)),
    i16Val=_column("I16Column", I16),
    i32Val=_column("I32Column", I32),
    i64Val=_column("I64Column", I64),
    doubleVal=_column("DoubleColumn", DOUBLE),
    stringVal=_column("StringColumn", BYTES),
    binaryVal=_column("BinaryColumn", BYTES),
)
# Rows that are not by columns are of older servers, and are not read.
ROW_SET = _part("RowSet", startRowOffset=I64, rows=list_of(_part("Row")), columns=list_of(COLUMN))

OpenSession, _ = struct("OpenSession", client_protocol=I32, username=TEXT, password=TEXT, configuration=TEXTS)
SessionRequest, _ = struct("SessionRequest", sessionHandle=SESSION)
ExecuteStatement, _ = struct(
    "ExecuteStatement", sessionHandle=SESSION, statement=TEXT, confOverlay=TEXTS, runAsync=BOOL, queryTimeout=I64
)
OperationRequest, _ = struct("OperationRequest", operationHandle=OPERATION)
FetchResults, _ = struct("FetchResults", operationHandle=OPERATION, orientation=I32, maxRows=I64, fetchType=I16)

# The class of the response of each call.
RESPONSES: dict[str, FieldType] = {
    "OpenSession": _part("Opened", status=STATUS, serverProtocolVersion=I32, sessionHandle=SESSION),
    "CloseSession": _part("SessionClosed", status=STATUS),
    "ExecuteStatement": _part("Started", status=STATUS, operationHandle=OPERATION),
    "GetOperationStatus": _part(
        "OperationStatus", status=STATUS, operationState=I32, sqlState=TEXT, errorCode=I32, errorMessage=TEXT
    ),
    "CancelOperation": _part("Canceled", status=STATUS),
    "CloseOperation": _part("Closed", status=STATUS),
    "GetResultSetMetadata": _part("Metadata", status=STATUS, schema=TABLE_SCHEMA),
    "FetchResults": _part("Fetched", status=STATUS, hasMoreRows=BOOL, results=ROW_SET),
}
