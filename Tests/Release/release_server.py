#!/usr/bin/env python3
"""A server with the releases of a repository, as GitHub serves them: the newest release and each file are redirects.

    release_server.py DIRECTORY [--tls CERTIFICATE KEY]

DIRECTORY contains a directory `vVERSION` for each release; the one that sorts last is the newest. The first line of
standard output is the URL of the repository; each further line is a request. With --tls a second line is the address of
an HTTP proxy, through which every host name leads here.
"""
import http.server
import pathlib
import re
import socket
import ssl
import sys
import threading

REPOSITORY = "/owner/spacesync"
root = pathlib.Path(sys.argv[1])


def log(text):
    print(text, flush=True)


class Releases(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        log(f"GET {self.path}")
        latest = re.fullmatch(REPOSITORY + r"/releases/latest/download/([\w.+~-]+)", self.path)
        named = re.fullmatch(REPOSITORY + r"/releases/download/(v[\w.+~-]+)/([\w.+~-]+)", self.path)
        asset = re.fullmatch(r"/assets/(v[\w.+~-]+)/([\w.+~-]+)", self.path)
        if latest:
            newest = sorted(path.name for path in root.iterdir() if path.name.startswith("v"))[-1]
            return self.redirect(f"{REPOSITORY}/releases/download/{newest}/{latest[1]}")
        if named and (root / named[1] / named[2]).is_file():
            return self.redirect(f"/assets/{named[1]}/{named[2]}")
        if asset and (root / asset[1] / asset[2]).is_file():
            return self.answer(200, (root / asset[1] / asset[2]).read_bytes())
        self.answer(404, b"Not Found\n")

    def redirect(self, location):
        self.send_response(302)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Proxy(http.server.BaseHTTPRequestHandler):
    """Tunnels each connection to the server above, whatever host is named."""

    def do_CONNECT(self):
        log(f"CONNECT {self.path}")
        with socket.create_connection(self.server.target) as upstream:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=self.copy, args=(upstream, self.connection), daemon=True)
            back.start()
            self.copy(self.connection, upstream)
            back.join()
        self.close_connection = True

    @staticmethod
    def copy(source, target):
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Releases)
if "--tls" in sys.argv:
    certificate, key = sys.argv[sys.argv.index("--tls") + 1:][:2]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    proxy.target = server.server_address
    log(f"https://localhost:{server.server_port}{REPOSITORY}")
    log(f"http://127.0.0.1:{proxy.server_port}")
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
else:
    log(f"http://127.0.0.1:{server.server_port}{REPOSITORY}")
server.serve_forever()
