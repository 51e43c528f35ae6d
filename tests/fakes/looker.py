#!/usr/bin/env python3
"""A fake Looker 4.0. Its answers have the shape of real ones; faults are set by `control.json` in its folder.

    looker.py FOLDER    writes its port to FOLDER/port, each request to FOLDER/requests

Keys of `control.json`, read at every request: `faults` ([{path, status, times?, headers?, body?, drop?}]: `times` -1:
every request), `token_uses` (requests until a token is refused), `expires_in`, `ignore_paging`, `hold` (a path that
waits for FOLDER/go), `label` (of explore shop.e00), `size` (dashboards).
"""

import http.server
import json
import pathlib
import sys
import threading
import time
import urllib.parse

folder = pathlib.Path(sys.argv[1])
lock = threading.Lock()
fired: dict[int, int] = {}
tokens: dict[str, int] = {}
CLIENT = {"client_id": "api-client", "client_secret": "hunter2 secret"}
PAGED = {"/lookml_models", "/users"}
EXPLORES = [("shop", f"e{index:02}") for index in range(58)] + [("events", "clicks"), ("events", "views")]
SQL = {"e00": "public.orders", "e01": "${orders_by_day.SQL_TABLE_NAME}", "e02": None}


def control() -> dict:
    path = folder / "control.json"
    return json.loads(path.read_text()) if path.exists() else {}


def model(name: str) -> dict:
    explores = [{"name": e, "label": e.title(), "hidden": False, "can": {"x": True}} for m, e in EXPLORES if m == name]
    connection = "lk_warehouse" if name == "shop" else "lk_events"
    return {"name": name, "label": name.title(), "project_name": "p", "explores": explores, "has_content": True,
            "allowed_db_connection_names": [connection], "can": {"show": True}}  # fmt: skip


def explore(model_name: str, name: str) -> dict:
    hides = control().get("hide_lookml", False)
    measure = {"name": f"{name}.done_revenue", "type": "sum", "sql": "${TABLE}.amount", "percentile": 95,
               "filters": [{"field": "status", "condition": "complete"}], "sql_case": [{"value": "a", "condition": "b"}],
               "original_view": "base", "dimension_group": f"{name}.at", "time_interval": {"name": "day", "count": 1}}  # fmt: skip
    field = {"name": f"{name}.id", "tags": ["b", "a"] if control().get("shuffle") else ["a", "b"], "label": "Id", "type": "number", "sql": "${TABLE}.id", "lookml_link": "/x", "times_used": 5}
    join = {"name": "customers", "from": "people", "sql_table_name": "public.customers", "type": "left_outer",
            "relationship": "many_to_one", "sql_on": f"${{{name}.customer_id}} = ${{customers.id}}"}  # fmt: skip
    label = control().get("label", "Orders") if name == "e00" else name
    sql = None if hides else SQL.get(name, f"public.{name}")
    return {"id": f"{model_name}::{name}", "name": name, "model_name": model_name, "label": label, "view_name": name,
            "connection_name": "lk_warehouse" if model_name == "shop" else "lk_events", "sql_table_name": sql,
            "joins": [join, {**join, "name": "sellers"}], "fields": {"dimensions": [field], "measures": [measure]},
            "access_filters": [{"field": f"{name}.region", "user_attribute": "region"}], "can_see_lookml": not hides,
            "can": {"explore": True}}  # fmt: skip


TILES = [
    {"id": "2", "title": "Merged", "type": "vis", "result_maker": {"merge_result_id": "m1", "filterables": [
        {"model": "shop", "view": "e00", "name": "x", "listen": [{"dashboard_filter_name": "Region", "field": "e00.region"}]}]}},
    {"id": "3", "title": "Runner", "type": "vis", "result_maker": {"sql_query_id": "s1"}},
]  # fmt: skip


def dashboard(number: int) -> dict:
    query = {"id": f"q{number}", "model": "shop", "view": "e00", "fields": ["e00.id"], "filters": {"b": "2", "a": "1"},
             "client_id": "random", "share_url": "https://x"}  # fmt: skip
    return {"id": str(number), "title": f"Dashboard {number}", "folder": {"id": "1", "name": "Shared", "content_metadata_id": 9},
            "view_count": control().get("views", 0), "favorite_count": 2, "last_viewed_at": time.time(),
            "dashboard_elements": [{"id": "1", "query": query, "note_text": "Mind the gap", "title_text": "T"}, *TILES]}  # fmt: skip


def user(number: int) -> dict:
    groups = ["1", "3", "2"] if control().get("shuffle") else ["3", "2", "1"]
    return {"id": str(number + 1), "display_name": "Ada", "email": "ada@example.com", "is_disabled": False, "group_ids": groups}


def listed(path: str, size: int) -> list | None:
    return {
        "/connections": [
            {"name": "lk_warehouse", "dialect_name": "postgres", "database": "shop", "host": "db", "username": "secret-user"},
            {"name": "lk_events", "dialect_name": "netezza", "database": "events"},
        ],
        "/lookml_models": [model("shop"), model("events")],
        "/dashboards": [dashboard(number) for number in range(size)],
        "/looks": [{"id": "7", "title": "Seven", "query_id": "1"}, {"id": "8", "title": "Gone", "deleted": True}],
        "/folders": [{"id": "1", "name": "Shared", "parent_id": None}, {"id": "2", "name": "../etc", "parent_id": "1"}],
        "/users": [user(number) for number in range(control().get("users", 1))],
        "/scheduled_plans": [{"id": "1", "dashboard_id": "0", "enabled": True}, {"id": "2", "look_id": "7", "enabled": True},
                             {"id": "3", "dashboard_id": "0", "enabled": False}],
    }.get(path)


def one(path: str) -> dict | None:
    match path.strip("/").split("/"):
        case ["lookml_models", model_name, "explores", name] if (model_name, name) in EXPLORES:
            return explore(model_name, name)
        case ["merge_queries", "m1"]:
            return {"id": "m1", "source_queries": [{"name": "left", "query_id": "q7", "merge_fields": [{"field_name": "e00.id"}]}]}
        case ["queries", "q7"]:
            return {"id": "q7", "model": "shop", "view": "e00", "fields": ["e00.id"], "client_id": "random"}
        case ["sql_queries", "s1"]:
            return {"slug": "s1", "sql": "SELECT 1", "connection_name": "lk_warehouse", "last_runtime": 3}
        case ["dashboards", number]:
            return dashboard(int(number))
        case ["looks", "7"]:
            return {"id": "7", "title": "Seven", "query": {"model": "shop", "view": "e00", "fields": ["e00.id"]}}
    return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self, status: int, body: object, headers: dict | None = None) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def fault(self, path: str) -> bool:
        for index, fault in enumerate(control().get("faults", [])):
            if not path.startswith(fault["path"]):
                continue
            with lock:
                count = fired[index] = fired.get(index, 0) + 1
            if 0 <= fault.get("times", -1) < count:
                continue
            if fault.get("drop"):
                self.close_connection = True
                self.connection.close()
                return True
            self.answer(fault["status"], fault.get("body", {"message": "A fault."}), fault.get("headers"))
            return True
        return False

    def note(self) -> str:
        url = urllib.parse.urlsplit(self.path)
        with lock, (folder / "requests").open("a") as log:
            log.write(f"{self.command} {self.path}\n")
        return url.path.removeprefix("/api/4.0")

    def do_POST(self) -> None:
        path = self.note()
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode()))
        if self.fault(path):
            return
        if path != "/login" or form != CLIENT:
            self.answer(404, {"message": "Not found"})
            return
        with lock:
            token = f"token-{len(tokens)}"
            tokens[token] = 0
        self.answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": control().get("expires_in", 3600)})

    def do_GET(self) -> None:
        path, settings = self.note(), control()
        if settings.get("hold") and path.startswith(settings["hold"]):
            (folder / "holding").touch()
            while not (folder / "go").exists():
                time.sleep(0.01)
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        with lock:
            tokens[token] = tokens.get(token, 10**9) + 1
            expired = tokens[token] > settings.get("token_uses", 10**6)
        if expired:
            self.answer(401, {"message": "Requires authentication."})
            return
        if self.fault(path):
            return
        items = listed(path, settings.get("size", 205))
        if items is None:
            found = one(path)
            self.answer(200 if found else 404, found or {"message": "Not found"})
            return
        if path in PAGED:
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
            offset, limit = int(query["offset"][0]), int(query["limit"][0])
            offset = 0 if settings.get("ignore_paging") else offset
            items = items[offset : offset + limit]
        self.answer(200, items)

    def do_DELETE(self) -> None:
        self.note()
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        known = tokens.pop(token, None) is not None
        self.answer(204 if known and self.path.endswith("/logout") else 404, "")

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Ignore errors of connections: some tests kill the client or cancel its requests."""


server = Server(("127.0.0.1", 0), Handler)
(folder / "port.new").write_text(str(server.server_port))
(folder / "port.new").rename(folder / "port")
server.serve_forever()
