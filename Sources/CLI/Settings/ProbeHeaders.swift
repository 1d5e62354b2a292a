import DeploySettings
import HTTP
import SpacesModel

/// What goes with the probes of a target, with the values that its settings only name.
struct ProbeHeaders: Sendable {
    private(set) var lines: [(name: String, value: Secret)] = []
    private(set) var secrets: [Secret] = []

    /// Credentials that only the operator's own settings may send to an app.
    struct Credentials: Sendable {
        var values: Set<Secret> = []
        var isCredential: @Sendable (_ variable: String) -> Bool
    }

    /// - Parameters:
    ///   - credentials: what a header from a file of the source must not contain.
    ///   - base: what a relative path of a setting is relative to.
    /// - Throws: kind `settings`, with all that is missing at once.
    init(
        of target: Target, _ reader: ValueReader, withholding credentials: Credentials,
        base: (SettingOrigin) -> String?
    ) async throws(DeployError) {
        guard !target.probes.isEmpty else { return }
        var missing: [SettingError] = []
        for header in target.probeHeaders {
            var words: [String] = []
            for piece in header.pieces {
                switch piece {
                case .text(let text): words.append(text)
                case .value(let named):
                    guard let value = try await reader.value(of: named, from: base(header.origin)),
                        Self.isSingleLine(value)
                    else {
                        missing.append(
                            SettingError(
                                header.origin, key: "probeHeader", value: header.name,
                                "has no value of one line: \(named.locationDescription)",
                                hint: "set it, or take the line away"))
                        continue
                    }
                    if header.origin.isFromSource, credentials.contain(value, of: named) {
                        missing.append(Self.credentialError(header, of: target.space))
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

    private static func credentialError(_ header: ProbeHeader, of space: SpaceID) -> SettingError {
        SettingError(
            header.origin, key: "probeHeader", value: header.name,
            "a file that came with the source may not send a credential of this machine to the app",
            hint: "set it in your own settings: "
                + "git config --add 'space.\(space).probeHeader' '\(header.name): Bearer env:HF_TOKEN'")
    }

    /// A header is one line.
    private static func isSingleLine(_ value: Secret) -> Bool {
        !value.reveal().unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }
}

extension ProbeHeaders.Credentials {
    /// True if the variable is one of the credentials, or if the value contains one.
    fileprivate func contain(_ value: Secret, of named: ValueReference) -> Bool {
        if case .environment(let name) = named.location, isCredential(name) { return true }
        return values.contains { value.reveal().contains($0.reveal()) }
    }
}
