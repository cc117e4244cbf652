"""A Hugging Face Hub of one repository on 127.0.0.1, which sends slowly. Usage: hub.py FOLDER REPO BYTES_PER_SECOND

Prints its address once it listens. It answers what `thaw models pull` asks: what the repository holds, and files, from any
byte on. `GET /log` returns how many requests began in the middle of a file.
"""
import hashlib
import http.server
import json
import os
import sys
import time

folder, repo, rate = sys.argv[1], sys.argv[2], float(sys.argv[3])
COMMIT = "0123456789abcdef0123456789abcdef01234567"
files = {name: open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))}
resumed = 0


def sibling(name, data):
    found = {"rfilename": name, "size": len(data), "blobId": hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()}
    if name.endswith(".safetensors"):
        found["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
    return found


info = {"_id": "1", "id": repo, "sha": COMMIT, "gated": False, "siblings": [sibling(*file) for file in files.items()]}


class Hub(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, data, headers=()):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        for start in range(0, len(data), 16384):
            self.wfile.write(data[start:start + 16384])
            self.wfile.flush()
            if len(data) > 65536:
                time.sleep(16384 / rate)

    def do_GET(self):
        global resumed
        path = self.path.split("?")[0]
        name = path.removeprefix(f"/{repo}/resolve/{COMMIT}/")
        try:
            if path == "/log":
                return self.answer(200, str(resumed).encode())
            if path.startswith(f"/api/models/{repo}/revision/"):
                return self.answer(200, json.dumps(info).encode())
            if name not in files:
                return self.answer(404, b"{}", [("X-Error-Code", "RepoNotFound")])
            data, asked = files[name], self.headers.get("Range", "")
            if not asked.startswith("bytes="):
                return self.answer(200, data)
            begin = int(asked[6:].rstrip("-"))
            resumed += begin > 0
            return self.answer(206, data[begin:], [("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")])
        except (BrokenPipeError, ConnectionResetError):
            pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
server.daemon_threads = True
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
