import Testing

@testable import Git
@testable import SpacesModel

@Suite struct `Packets of the wire` {
    private func read(_ text: String, pieces: Int = 1) throws(ProtocolError) -> [PktLine] {
        var (reader, packets): (PktLineReader, [PktLine]) = (PktLineReader(), [])
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            reader.append(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
            while let packet = try reader.next() { packets.append(packet) }
        }
        guard reader.isAtBoundary else { throw .truncated }
        return packets
    }

    @Test(arguments: [1, 3, 100])
    func `pkt-lines are parsed, whatever the size of the chunks`(_ pieces: Int) throws {
        let packets = try read("0000000100020006a\n0004000Ahello\n", pieces: pieces)
        #expect(packets == [.flush, .delimiter, .responseEnd, .line("a\n"), .line(""), .line("hello\n")])
    }

    @Test func `written pkt-lines are parsed back unchanged`() throws {
        let all: [PktLine] = [.line(String(repeating: "x", count: 65516)), .flush, .line(""), .delimiter]
        let text = String(decoding: all.flatMap(\.bytes), as: UTF8.self)
        #expect(try read(text, pieces: 1000) == all)
    }

    @Test(arguments: ["0003", "xyz1abc", "fff5", "ffff", "-001", "+005a", "PACK", "<!doctype html>", "00 5a"])
    func `an invalid length prefix is an error`(_ text: String) {
        #expect(throws: ProtocolError.self) { try read(text) }
    }

    @Test(arguments: ["0", "000", "0005", "0009abc", "0000000"]) func `a truncated pkt-line is an error`(
        _ text: String
    ) {
        #expect(throws: ProtocolError.truncated) { try read(text) }
    }

    @Test func `random bytes do not crash the parsers`() {
        var generator = SeededGenerator(state: 7)
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? UInt8.random(in: 0...255, using: &generator) : UInt8(ascii: "0")
            }
            var response = UploadPackResponse()
            _ = try? response.consume(bytes)
            _ = try? response.finish()
            _ = try? RefAdvertisement(bytes)
            _ = try? RefAdvertisement(listing: bytes)
            _ = ReceivePackReport(bytes, sideBand: true)
            _ = ReceivePackReport(bytes, sideBand: false)
            _ = TreeCodec.entries(in: bytes)
            _ = CommitCodec.commit(.zero, in: bytes)
        }
    }
}

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 31
    }
}

private let id = String(repeating: "1a", count: 20)

private func lines(_ packets: [PktLine]) -> [UInt8] { packets.flatMap(\.bytes) }
private func band(_ number: UInt8, _ text: String) -> PktLine { .line([number] + Array(text.utf8)) }

@Suite struct `An advertisement` {
    @Test func `an advertisement lists references and capabilities`() throws {
        let offer = try RefAdvertisement(
            lines([
                .line("# service=git-upload-pack\n"), .flush,
                .line("\(id) HEAD\0 shallow filter symref=HEAD:refs/heads/main agent=git/2\n"),
                .line("\(id) refs/heads/main\n"), .flush,
            ]))
        #expect(offer["refs/heads/main"] == ObjectID(id))
        #expect(offer.headName == "refs/heads/main")
        #expect(offer.capabilities.has("filter"))
        #expect(!offer.capabilities.has("filt"))
    }

    @Test func `the advertisement of an empty repository has only capabilities`() throws {
        let zero = String(repeating: "0", count: 40)
        let offer = try RefAdvertisement(
            lines([.line("\(zero) capabilities^{}\0report-status ofs-delta\n"), .flush]))
        #expect(offer.references.isEmpty)
        #expect(offer.capabilities.has("report-status"))
    }

    @Test func `an ERR line or an invalid advertisement is an error`() {
        #expect(throws: ProtocolError.remote("access denied")) {
            try RefAdvertisement(lines([.line("ERR access denied\n"), .flush]))
        }
        #expect(throws: ProtocolError.self) { try RefAdvertisement(lines([.line("hello\n"), .flush])) }
        #expect(throws: ProtocolError.self) { try RefAdvertisement(Array("<html>".utf8)) }
    }

    @Test func `a response to ls-refs is parsed as an advertisement`() throws {
        let offer = try RefAdvertisement(
            listing: lines([
                .line("\(id) HEAD symref-target:refs/heads/web\n"), .line("\(id) refs/heads/web\n"),
                .line("\(id) refs/tags/v1 peeled:\(id)\n"), .flush,
            ]))
        #expect(offer.headName == "refs/heads/web")
        #expect(offer.names == ["web", "v1"])
        #expect(offer["refs/tags/v1^{}"] == ObjectID(id))
        #expect(throws: ProtocolError.self) { try RefAdvertisement(listing: []) }
        #expect(throws: ProtocolError.self) {
            try RefAdvertisement(listing: lines([.line("hello"), .flush]))
        }
    }

    @Test func `SHA-256 object ids are an error that names SHA-256`() {
        let long = String(repeating: "1a", count: 32)
        let error = #expect(throws: ProtocolError.self) {
            try RefAdvertisement(lines([.line("\(long) HEAD\0x\n")]))
        }
        #expect(error?.message.contains("SHA-256") == true)
    }
}

@Suite struct `An answer` {
    private func fetch(_ packets: [PktLine]) throws(ProtocolError) -> String {
        var response = UploadPackResponse()
        let pack = try response.consume(lines(packets))
        try response.finish()
        return String(decoding: pack, as: UTF8.self)
    }

    @Test func `a fetch response yields the pack without progress messages`() throws {
        let packets: [PktLine] = [
            .line("shallow \(id)\n"), .flush, .line("NAK\n"), band(1, "PA"), band(2, "counting\r"),
            band(1, "CK"), .flush,
        ]
        #expect(try fetch(packets) == "PACK")
    }

    @Test func `an empty, refused or truncated fetch response is an error`() {
        #expect(throws: ProtocolError.noPack) { try fetch([]) }
        #expect(throws: ProtocolError.noPack) { try fetch([.flush]) }
        #expect(throws: ProtocolError.remote("upload-pack: not our ref")) {
            try fetch([.line("ERR upload-pack: not our ref\n")])
        }
        #expect(throws: ProtocolError.remote("out of memory")) {
            try fetch([.line("NAK\n"), band(3, "out of memory\n")])
        }
        #expect(throws: ProtocolError.truncated) { try fetch([.line("NAK\n"), band(1, "PA")]) }
        #expect(throws: ProtocolError.self) { try fetch([.line("NAK\n"), band(9, "PA"), .flush]) }
    }

    @Test func `a push response separates the server's messages from the status report`() {
        let report = [
            PktLine.line("unpack ok\n"), .line("ng refs/heads/main pre-receive hook declined\n"), .flush,
        ]
        let text = String(decoding: lines(report), as: UTF8.self)
        let half = text.index(text.startIndex, offsetBy: 20)
        let response = ReceivePackReport(
            lines([
                band(2, "too la"), band(1, String(text[..<half])),
                band(2, "rge\r\n50%\rsee\r\nhelp\n\nend\n"),
                band(1, String(text[half...])), .flush,
            ]), sideBand: true)
        #expect(response.unpack == "ok")
        #expect(response.references["refs/heads/main"] == "pre-receive hook declined")
        #expect(response.remoteLines == ["too large", "see", "help", "", "end"])
    }

    @Test func `a push response without side-band is parsed`() {
        let response = ReceivePackReport(
            lines([.line("unpack ok\n"), .line("ok refs/heads/main\n"), .flush]), sideBand: false)
        #expect(response.references["refs/heads/main"] == .some(nil))
        #expect(response.refusal(of: "refs/heads/main") == nil)
    }

    @Test func `an interrupted push response keeps the messages received before`() {
        let response = ReceivePackReport(
            lines([band(2, "checking\n"), band(3, "disk full\n")]), sideBand: true)
        #expect(response.protocolError == .remote("disk full"))
        #expect(response.remoteLines == ["checking"])
        #expect(response.refusal(of: "refs/heads/main") == "disk full")
    }
}
