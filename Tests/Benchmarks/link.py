#!/usr/bin/env python3
"""A slow network link in front of a server on this machine, for benchmarks: no kernel settings, no privileges.

    Tests/Benchmarks/link.py --to 9191 [--port 9292] [--rtt 80] [--mbit 20]

Each direction delays bytes by half the round-trip time. All connections together share the rate of a direction. A new
connection first waits two round trips, as for TCP's and TLS 1.3's handshakes. The order of bytes is kept. Senders wait
once the line is behind, as they do for a router with a short queue. Prints its URL on standard output and serves until it
is terminated."""

import argparse
import asyncio
import socket

# Bytes that are read at once, and seconds of the line that may be queued before the reader pauses.
CHUNK = 64 << 10
BACKLOG = 0.2
# Bytes that the system may hold for a connection besides: by default it would be seconds of the line.
RECEIVE_BUFFER = 16 << 10


class Direction:
    """One direction of the line, which all connections share."""

    def __init__(self, rate):
        self.rate = rate
        self.free_at = 0.0

    def send(self, count, now):
        """The time at which so many bytes have left the sender."""
        self.free_at = max(self.free_at, now) + count / self.rate
        return self.free_at


class Link:
    def __init__(self, port, rtt, mbit):
        self.port = port
        self.delay = rtt / 2
        self.handshake = 2 * rtt
        self.up, self.down = Direction(mbit * 1e6 / 8), Direction(mbit * 1e6 / 8)

    async def connect(self, client_reader, client_writer):
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            client_writer.close()
            return
        try:
            await asyncio.gather(
                self.pump(client_reader, server_writer, self.up, self.handshake),
                self.pump(server_reader, client_writer, self.down, 0))
        finally:
            for writer in (client_writer, server_writer):
                writer.close()

    async def pump(self, reader, writer, direction, handshake):
        """Carries one direction of one connection to its end."""
        loop = asyncio.get_running_loop()
        opened = loop.time() + handshake
        queue = asyncio.Queue()
        delivery = asyncio.create_task(self.deliver(queue, writer))
        try:
            while data := await reader.read(CHUNK):
                sent = direction.send(len(data), loop.time())
                queue.put_nowait((max(sent, opened) + self.delay, data))
                if sent - loop.time() > BACKLOG:
                    await asyncio.sleep(sent - loop.time() - BACKLOG / 2)
        except OSError:
            pass
        queue.put_nowait((max(loop.time(), opened) + self.delay, b""))
        await delivery

    async def deliver(self, queue, writer):
        """Writes each piece when it is due; an empty one ends the direction."""
        loop = asyncio.get_running_loop()
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0, due - loop.time()))
            try:
                if not data:
                    writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()
            except (OSError, RuntimeError):
                return


async def serve(link, port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    listener.bind(("127.0.0.1", port))
    server = await asyncio.start_server(link.connect, sock=listener, backlog=256, limit=RECEIVE_BUFFER)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="a slow network link in front of a server on this machine")
    parser.add_argument("--to", type=int, required=True, help="the server's port on loopback")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on (a free one)")
    parser.add_argument("--rtt", type=float, default=80, help="round-trip time in milliseconds (80)")
    parser.add_argument("--mbit", type=float, default=20, help="rate of each direction in Mbit/s (20)")
    given = parser.parse_args()
    asyncio.run(serve(Link(given.to, given.rtt / 1000, given.mbit), given.port))
