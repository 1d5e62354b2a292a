import TextTools

/// Handler that runs a CGI/1.1 program (RFC 3875). The bodies of request and response are streamed.
package struct CGI: Sendable {
    package var program: SubprocessConfiguration
    /// Called with the exit code and standard error after the program has ended, before the response ends.
    package var onExit: @Sendable (Int32, String) async -> Void

    package init(
        _ program: SubprocessConfiguration,
        onExit: @escaping @Sendable (Int32, String) async -> Void = { _, _ in }
    ) {
        (self.program, self.onExit) = (program, onExit)
    }

    package func handle(_ request: Request) async throws -> Response {
        var program = program
        program.environment.merge(Self.variables(of: request)) { current, _ in current }
        let child = try Subprocess(program), onExit = onExit
        let inputTask = Task {
            // Also if the body is cut off: the program would wait for its input forever otherwise.
            defer { child.finishInput() }
            while let piece = try await request.body.next() { try await child.write(piece) }
        }
        let errorTask = Task { await child.readStandardError() }
        // In an unstructured task, so that `onExit` completes even if the client disconnects.
        let finish: @Sendable () async -> Void = {
            await Task {
                inputTask.cancel()
                await onExit(await child.waitForExit(), await errorTask.value)
            }.value
        }
        do {
            let (fields, bodyStart) = try await child.whileRunning { try await Self.readHead(from: child) }
            return Self.makeResponse(fields) { writer in
                do {
                    if !bodyStart.isEmpty { try await writer.write(bodyStart) }
                    while let piece = try await child.read() { try await writer.write(piece) }
                } catch {
                    // The client disconnected: as with other servers, the program may complete its work.
                    await Task {
                        inputTask.cancel()
                        await child.drain(within: .seconds(10))
                        await finish()
                    }.value
                    throw error
                }
                await finish()
            }
        } catch {
            await finish()
            throw error
        }
    }

    private static func makeResponse(
        _ cgiFields: HTTPFields, _ produce: @escaping @Sendable (ResponseBodyWriter) async throws -> Void
    ) -> Response {
        var fields = cgiFields
        let status = fields["Status"].flatMap { Int($0.prefix(3)) } ?? 200
        fields["Status"] = nil
        return Response(status, fields: fields, body: .stream(produce: produce))
    }

    /// Returns the CGI variables, without `CONTENT_LENGTH`: the program reads to the end of its input,
    /// as it must for chunked bodies. `git http-backend` 2.39 loops forever if a client that announced
    /// a length disconnects early.
    private static func variables(of request: Request) -> [String: String] {
        [
            "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1",
            "REQUEST_METHOD": request.method, "QUERY_STRING": request.target.rawQuery,
            "CONTENT_TYPE": request.fields["Content-Type"] ?? "", "REMOTE_ADDR": "127.0.0.1",
        ]
    }

    /// Reads the program's header up to the empty line. Returns its fields, and the bytes of the body
    /// read so far.
    private static func readHead(from child: Subprocess) async throws -> (HTTPFields, [UInt8]) {
        var buffer: [UInt8] = []
        while let piece = try await child.read() {
            buffer += piece
            guard let end = endOfHead(buffer) else {
                guard buffer.count < RequestHead.limit else { break }
                continue
            }
            return (fields(buffer[..<end]), Array(buffer[end...]))
        }
        throw BadRequest(502, "The program for this URL returned no response.")
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        for (index, byte) in bytes.enumerated() where byte == 10 {
            if bytes[(index + 1)...].first == 10 { return index + 2 }
            if bytes[(index + 1)...].starts(with: [13, 10]) { return index + 3 }
        }
        return nil
    }

    private static func fields(_ bytes: ArraySlice<UInt8>) -> HTTPFields {
        var fields = HTTPFields()
        for line in bytes.split(separator: 10) {
            let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
            guard let colon = text.firstIndex(of: ":") else { continue }
            fields.append(String(text[..<colon]), String(text[colon...].dropFirst().drop { $0 == " " }))
        }
        return fields
    }
}
