"""What the functions post to WebSocket connections, kept instead of pushed."""

import http.server
import json
import threading
import urllib.parse


class Connections:
    """Answers `POST …/@connections/ID` as API Gateway's management API does."""

    def __init__(self):
        self.posts = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(handler):
                body = handler.rfile.read(int(handler.headers["content-length"]))
                path = urllib.parse.unquote(handler.path)
                self.posts.append({"path": path, "frame": json.loads(body)})
                handler.send_response(200)
                handler.send_header("content-length", "0")
                handler.end_headers()

            def log_message(handler, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/live"
