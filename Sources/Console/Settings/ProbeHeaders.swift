import Deploy
import HTTP

/// What goes with the probes of a target, with the values that its settings only name.
struct ProbeHeaders: Sendable {
    private(set) var lines: [(name: String, value: Secret)] = []
    private(set) var secrets: [Secret] = []

    /// - Parameter base: what a relative path of a setting is relative to.
    /// - Throws: kind `settings`, with all that is missing at once.
    init(of target: Target, _ reader: ValueReader, base: (SettingOrigin) -> String?) async throws(Failure) {
        guard !target.probes.isEmpty else { return }
        var missing: [Problem] = []
        for header in target.probeHeaders {
            var words: [String] = []
            for piece in header.pieces {
                switch piece {
                case .text(let text): words.append(text)
                case .value(let named):
                    guard let value = try await reader.value(of: named, from: base(header.origin)),
                        Self.fits(value)
                    else {
                        missing.append(
                            Problem(
                                header.origin, key: "probeHeader", value: header.name,
                                "has no value of one line: \(named.placeText)",
                                hint: "set it, or take the line away"))
                        continue
                    }
                    secrets.append(value)
                    words.append(value.reveal())
                }
            }
            lines.append((header.name, Secret(exactly: words.joined(separator: " "))))
        }
        guard missing.isEmpty else { throw .settings(missing) }
    }

    /// A header is one line.
    private static func fits(_ value: Secret) -> Bool {
        !value.reveal().unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }
}
