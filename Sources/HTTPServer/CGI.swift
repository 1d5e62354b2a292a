import TextTools

/// Answers by a program that speaks CGI/1.1 (RFC 3875): bodies stream both ways.
package struct CGI: Sendable {
    package var program: SubprocessConfiguration
    /// Runs after the program ended, before the answer does; gets its exit code and its standard error.
    package var onExit: @Sendable (Int32, String) async -> Void

    package init(
        _ program: SubprocessConfiguration,
        onExit: @escaping @Sendable (Int32, String) async -> Void = { _, _ in }
    ) {
        (self.program, self.onExit) = (program, onExit)
    }

    package func handle(_ request: Request) async throws -> Response {
        var program = program
        program.environment.merge(Self.variables(of: request)) { given, _ in given }
        let child = try Subprocess(program), afterwards = onExit
        let feeding = Task {
            // However the body ends: a program that waits for input that never comes would wait for ever.
            defer { child.finishInput() }
            while let piece = try await request.body.next() { try await child.write(piece) }
        }
        let errors = Task { await child.readStandardError() }
        // In a task of its own: what is to be done afterwards is done whole, whether or not the client stayed for it.
        let finish: @Sendable () async -> Void = {
            await Task {
                feeding.cancel()
                await afterwards(await child.waitForExit(), await errors.value)
            }.value
        }
        do {
            let (said, rest) = try await child.whileRunning { try await Self.readHead(from: child) }
            return Self.makeResponse(said) { outlet in
                do {
                    if !rest.isEmpty { try await outlet.write(rest) }
                    while let piece = try await child.read() { try await outlet.write(piece) }
                } catch {
                    // The client left: what the program began it may end, as behind any other server.
                    await Task {
                        feeding.cancel()
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

    /// Without `CONTENT_LENGTH`: the program reads to the end of its input, as it must for chunks. `git http-backend`
    /// 2.39 spins for ever when a client that announced a length leaves before it.
    private static func variables(of request: Request) -> [String: String] {
        [
            "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1",
            "REQUEST_METHOD": request.method, "QUERY_STRING": request.target.rawQuery,
            "CONTENT_TYPE": request.fields["Content-Type"] ?? "", "REMOTE_ADDR": "127.0.0.1",
        ]
    }

    /// Reads up to the empty line; what is behind it belongs to the body.
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
        throw BadRequest(502, "The program behind this address gave no answer.")
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
