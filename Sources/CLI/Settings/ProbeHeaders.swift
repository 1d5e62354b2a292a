import DeploySettings
import HTTP
import SpacesModel

/// The headers of a target's probes, with the values that the settings refer to.
struct ProbeHeaders: Sendable {
    private(set) var lines: [(name: String, value: Secret)] = []
    private(set) var secrets: [Secret] = []

    /// Credentials that only the operator's own settings may send to an app.
    struct Credentials: Sendable {
        var values: Set<Secret> = []
        var isCredential: @Sendable (_ variable: String) -> Bool
    }

    /// - Parameters:
    ///   - credentials: values that a header from a file of the source must not contain.
    ///   - base: the directory to which relative paths of a setting are resolved.
    /// - Throws: kind `settings`, with all missing values at once.
    init(
        of target: Target, _ reader: ValueReader, withholding credentials: Credentials,
        base: (SettingOrigin) -> String?
    ) async throws(DeployError) {
        guard !target.probes.isEmpty else { return }
        var missing: [SettingError] = []
        for header in target.probeHeaders {
            var parts: [String] = []
            for piece in header.pieces {
                switch piece {
                case .text(let text): parts.append(text)
                case .value(let reference):
                    guard let value = try await reader.value(of: reference, from: base(header.origin)),
                        Self.isSingleLine(value)
                    else {
                        missing.append(
                            SettingError(
                                header.origin, key: "probeHeader", value: header.name,
                                "has no value of one line: \(reference.locationDescription)",
                                hint: "set it, or take the line away"))
                        continue
                    }
                    if header.origin.isFromSource, credentials.contain(value, of: reference) {
                        missing.append(Self.credentialError(header, of: target.space))
                        continue
                    }
                    secrets.append(value)
                    parts.append(value.reveal())
                }
            }
            lines.append((header.name, Secret(exactly: parts.joined(separator: " "))))
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

    /// Whether the value can be part of a header, which is one line.
    private static func isSingleLine(_ value: Secret) -> Bool {
        !value.reveal().unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }
}

extension ProbeHeaders.Credentials {
    /// Whether the variable is one of the credentials, or the value contains one.
    fileprivate func contain(_ value: Secret, of named: ValueReference) -> Bool {
        if case .environment(let name) = named.location, isCredential(name) { return true }
        return values.contains { value.reveal().contains($0.reveal()) }
    }
}
