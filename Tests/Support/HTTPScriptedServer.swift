import Foundation
import Synchronization

/// A TCP server on a loopback port, without HTTP logic: it runs a script on each connection and
/// records the received bytes.
package final class ScriptedServer: Sendable {
    package enum Step: Sendable {
        /// Reads one complete request: head and body, by `Content-Length` or `Transfer-Encoding`.
        case request
        /// Reads up to the end of the head.
        case head
        /// Reads this many bytes.
        case bytes(Int)
        case send(String)
        case data(Data)
        /// Sends the text repeatedly until the client closes the connection.
        case flood(String)
        /// Waits without reading.
        case deaf(Duration)
        /// Reads this many bytes, `each` at a time, with a pause after each read.
        case sip(Int, each: Int, pause: Duration)
        case pause(Duration)
        /// Sends nothing until the client closes the connection.
        case hang
        case close
        /// Closes the connection with a TCP reset.
        case reset
    }

    package let port: UInt16
    private let listener: Int32
    private let scripts: Mutex<[[Step]]>
    private let received = Mutex<[String]>([])
    private let closedCount = Mutex(0)
    private let floodedCount = Mutex(0)

    /// Creates a server whose connections run one script each, in order; the last script is for all
    /// further connections. A connection is closed at the end of its script.
    package convenience init(_ scripts: [Step]...) throws { try self.init(scripts: scripts) }

    /// - Parameter receiveBuffer: the size of the socket's receive buffer in bytes (`SO_RCVBUF`); the
    ///   system's default if `nil`.
    package init(scripts: [[Step]], receiveBuffer: Int32? = nil) throws {
        self.scripts = Mutex(scripts)
        (listener, port) = try Self.listen()
        if var size = receiveBuffer {
            setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let listener = listener
        // Only this thread closes the listener: a closed descriptor number can be reused by another
        // server at once.
        Thread.detachNewThread { [weak self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                if let self { self.serve(connection) } else { close(connection) }
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    package func url(_ path: String = "/") -> URL {
        URL(string: "http://127.0.0.1:\(port)\(path)") ?? URL(fileURLWithPath: "/")
    }

    /// The received bytes so far, as one text for each connection; of long bodies, the start only.
    package var connections: [String] { received.withLock { $0 } }
    /// The number of bytes that `flood` steps have sent so far.
    package var bytesFlooded: Int { floodedCount.withLock { $0 } }
    /// The number of closed connections.
    package var ended: Int { closedCount.withLock { $0 } }

    private func serve(_ connection: Int32) {
        let index = received.withLock { received in
            received.append("")
            return received.count - 1
        }
        let script = scripts.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? [] }
        Thread.detachNewThread { [weak self] in
            for step in script where !(self?.play(step, on: connection, index) ?? false) { break }
            close(connection)
            self?.closedCount.withLock { $0 += 1 }
        }
    }

    /// Runs one step. Returns whether to continue with the next step.
    private func play(_ step: Step, on connection: Int32, _ index: Int) -> Bool {
        switch step {
        case .request: return readRequest(connection, index)
        case .head: return readHead(connection, index) != nil
        case .bytes(let count): return read(count, connection, index)
        case .send(let text): return Self.write(Array(text.utf8), connection)
        case .data(let data): return Self.write(Array(data), connection)
        case .flood(let text): return flood(Array(text.utf8), connection)
        case .deaf(let time):
            usleep(UInt32(time / .microseconds(1)))
            return true
        case .sip(let count, let each, let pause):
            for _ in 0..<(count / each) {
                guard read(each, connection, index) else { return false }
                usleep(UInt32(pause / .microseconds(1)))
            }
            return read(count % each, connection, index)
        case .pause(let time):
            usleep(UInt32(time / .microseconds(1)))
            return true
        case .hang:
            while readOne(connection, index) != nil {}
            return false
        case .close: return false
        case .reset:
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            return false
        }
    }

    private func flood(_ bytes: [UInt8], _ connection: Int32) -> Bool {
        while Self.write(bytes, connection) { floodedCount.withLock { $0 += bytes.count } }
        return false
    }

    private func readRequest(_ connection: Int32, _ index: Int) -> Bool {
        guard let head = readHead(connection, index)?.lowercased() else { return false }
        if let range = head.range(of: "content-length: ") {
            return read(Int(head[range.upperBound...].prefix { $0.isNumber }) ?? 0, connection, index)
        }
        guard head.contains("transfer-encoding: chunked") else { return true }
        var tail: [UInt8] = []
        while !tail.ends(with: "0\r\n\r\n") {
            guard let byte = readOne(connection, index) else { return false }
            tail.append(byte)
        }
        return true
    }

    private func readHead(_ connection: Int32, _ index: Int) -> String? {
        var head: [UInt8] = []
        while !head.ends(with: "\r\n\r\n") {
            guard let byte = readOne(connection, index) else { return nil }
            head.append(byte)
        }
        return String(decoding: head, as: UTF8.self)
    }

    private func readOne(_ connection: Int32, _ index: Int) -> UInt8? {
        var byte: UInt8 = 0
        guard recv(connection, &byte, 1, 0) == 1 else { return nil }
        received.withLock { $0[index].unicodeScalars.append(Unicode.Scalar(byte)) }
        return byte
    }

    private func read(_ count: Int, _ connection: Int32, _ index: Int) -> Bool {
        var (left, buffer) = (count, [UInt8](repeating: 0, count: 1 << 16))
        while left > 0 {
            let got = recv(connection, &buffer, min(left, buffer.count), 0)
            guard got > 0 else { return false }
            left -= got
            // Long bodies are not recorded completely: their first bytes suffice for the tests.
            let known = buffer.prefix(got)
            received.withLock { received in
                guard received[index].utf8.count < 1 << 16 else { return }
                received[index].unicodeScalars.append(contentsOf: known.map { Unicode.Scalar($0) })
            }
        }
        return true
    }

    private static func write(_ bytes: [UInt8], _ connection: Int32) -> Bool {
        var remaining = bytes[...]
        while !remaining.isEmpty {
            let count = remaining.withUnsafeBytes { unsafeSend(connection, $0) }
            guard count > 0 else { return false }
            remaining = remaining.dropFirst(count)
        }
        return true
    }

    private static func unsafeSend(_ connection: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.send(connection, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        #else
            Foundation.send(connection, bytes.baseAddress, bytes.count, 0)
        #endif
    }

    /// Opens a listening socket on a free loopback port, and returns its descriptor and port.
    static func listen() throws -> (Int32, UInt16) {
        #if canImport(Glibc)
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && getsockname(listener, address, &size) == 0
            }
        }
        guard isBound, Foundation.listen(listener, 64) == 0 else { throw POSIXError(.EADDRINUSE) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}

extension [UInt8] {
    fileprivate func ends(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount
            && suffix(text.utf8CodeUnitCount).elementsEqual(
                UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

/// Returns a step that sends a response with a `Content-Length` field.
package func answer(_ status: String, _ headers: [String] = [], _ body: String = "") -> ScriptedServer.Step {
    let lines = ["HTTP/1.1 " + status] + headers + ["Content-Length: \(body.utf8.count)", "", body]
    return .send(lines.joined(separator: "\r\n"))
}
