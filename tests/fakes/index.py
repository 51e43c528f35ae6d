#!/usr/bin/env python3
"""A package index of its own. Makes packages below the folder that it is given, says what it made, and serves them.

`kaelio_ktx` is the bundled wheel, `dep` is what it needs, `source` exists as a source package alone. Building that one
takes the index's `setuptools`, which leaves the file `ran`. `/private` needs a password.
"""

import base64
import hashlib
import http.server
import io
import json
import pathlib
import sys
import tarfile
import zipfile

folder = pathlib.Path(sys.argv[1])
files: dict[str, bytes] = {}
DAEMON = "import dep\n\n\ndef main():\n    print(dep.VERSION)\n"
EVIL = f"import pathlib\n\npathlib.Path({str(folder / 'ran')!r}).write_text('x')\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def wheel(name: str, version: str, sources: dict[str, str], more: str = "", scripts: str = "") -> str:
    info = f"{name}-{version}.dist-info"
    inside = {**sources, f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    inside[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}"
    if scripts:
        inside[f"{info}/entry_points.txt"] = f"[console_scripts]\n{scripts}\n"
    record = ""
    for path, text in inside.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text.encode())}\n"
    inside[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path, text in inside.items():
            archive.writestr(path, text)
    return keep(f"{name}-{version}-py3-none-any.whl", data.getvalue())


def sdist(name: str, version: str) -> str:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for path, text in {
            "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            "setup.py": f"from setuptools import setup\n\nsetup(name={name!r}, version={version!r})\n",
        }.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return keep(f"{name}-{version}.tar.gz", data.getvalue())


def keep(name: str, data: bytes) -> str:
    files[name] = data
    return sha256(data)


def links(name: str) -> str:
    of_it = (file for file in files if file.split("-")[0] == name)
    return "".join(f'<a href="/files/{file}#sha256={sha256(files[file])}">{file}</a>\n' for file in of_it)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.strip("/").split("/")
        login = "Basic " + base64.b64encode(b"reader:secret").decode()
        if path[0] == "private":
            if self.headers.get("authorization") != login:
                self.send_response(401)
                self.send_header("www-authenticate", 'Basic realm="x"')
                self.send_header("content-length", "0")
                self.end_headers()
                return
            path = path[1:]
        with (folder / "asked").open("a") as asked:
            asked.write(self.path + "\n")
        body = files.get(path[-1]) if path[0] == "files" else links(path[-1]).encode()
        self.send_response(200 if body else 404)
        self.send_header("content-type", "text/html" if path[0] != "files" else "application/octet-stream")
        self.send_header("content-length", str(len(body or b"")))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body or b"")

    def log_message(self, *args: object) -> None:
        pass


dep = wheel("dep", "1.0", {"dep/__init__.py": "VERSION = '1.0'\n", "dep/more.py": "X = 1\n"})
wheel("dep", "2.0", {"dep/__init__.py": "VERSION = '2.0'\n"})
source = sdist("source", "1.0")
wheel("setuptools", "999", {"setuptools/__init__.py": EVIL, "setuptools/build_meta.py": EVIL})
ours = wheel(
    "kaelio_ktx",
    "0.1.0",
    {"daemon_of_ktx.py": DAEMON},
    "Requires-Python: >=3.10\nRequires-Dist: dep\n",
    "ktx-daemon = daemon_of_ktx:main",
)
name = "kaelio_ktx-0.1.0-py3-none-any.whl"
(folder / "asset").mkdir()
(folder / "asset" / name).write_bytes(files.pop(name))
lock = f"dep==1.0 \\\n    --hash=sha256:{dep}\n"
(folder / "asset" / "requirements.lock").write_text(lock)
(folder / "asset" / "with-source.lock").write_text(f"{lock}source==1.0 \\\n    --hash=sha256:{source}\n")


def described(file: str) -> dict:
    data = (folder / "asset" / file).read_bytes()
    return {"file": file, "sha256": sha256(data), "bytes": len(data)}


manifest = {
    "schemaVersion": 1,
    "distributionName": "kaelio-ktx",
    "normalizedName": "kaelio_ktx",
    "version": "0.1.0",
    "wheel": described(name),
    "lock": described(sys.argv[2]),
}
(folder / "asset" / "manifest.json").write_text(json.dumps(manifest))
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
