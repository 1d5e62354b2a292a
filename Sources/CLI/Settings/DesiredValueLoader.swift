import DeploySettings
import Essentials
import HTTP
import SecretScanner
import SpacesModel
import TextTools

/// Loads the desired configuration of a target's Space: variables and secrets with their values,
/// hardware and visibility.
struct DesiredValueLoader: Sendable {
    private(set) var desired = DesiredConfiguration()
    /// The secret values, by name.
    private(set) var secrets: [String: Secret] = [:]

    /// - Parameter base: the directory to which relative paths of a setting are resolved.
    /// - Throws: kind `settings`, with all missing values at once.
    init(
        of target: Target, _ reader: ValueReader, base: (SettingOrigin) -> String?
    ) async throws(DeployError) {
        (desired.hardware, desired.sleepTime) = (target.hardware, target.sleepTime)
        desired.visibility = target.visibility
        var missing: [SettingError] = []
        // Variables are public, so their values are not read from private files: this reader does
        // not warn about file permissions.
        let variableReader = ValueReader(reader.environment)
        for variable in target.variables {
            let reference = variable.reference
            if let value = try await variableReader.value(of: reference, from: base(variable.origin)) {
                let text = value.reveal()
                let credential = CredentialScan.kind(
                    of: text, named: reference.location.names(of: reference.name))
                desired.variables.append(
                    DesiredConfiguration.Variable(reference.name, text, credential: credential))
            } else if !reference.isOptional {
                missing.append(
                    SettingError(
                        variable.origin, key: "variable", value: reference.name,
                        "no value: \(reference.locationDescription) is missing or empty",
                        hint: "set it, or use variable = \(reference.name)? if the app does not need it"))
            }
        }
        guard missing.isEmpty else { throw SettingError.failure(missing) }
        for secret in target.secrets {
            let reference = secret.reference,
                value = try await reader.value(of: reference, from: base(secret.origin))
            secrets[reference.name] = value
            desired.secrets.append(
                DesiredSecret(
                    reference.name, location: reference.locationDescription, isOptional: reference.isOptional,
                    hasValue: value != nil)
            )
        }
    }
}

extension ValueReference {
    /// The location of the value, for messages.
    var locationDescription: String {
        switch location {
        case .literal: "the settings"
        case .environment(let name): "the environment variable \(name)"
        case .file(let path): "the file \(path.withoutTokens)"
        case .standardInput: "standard input"
        }
    }
}

/// Reads the values of variables and secrets: from the environment, from files, from standard
/// input.
struct ValueReader: Sendable {
    let environment: CommandEnvironment
    /// Warns about files of secrets that other users can read; if `nil`, there are no warnings.
    var files: TokenFiles?
    /// The maximum size in bytes. The Hub's own limit is not known; no reasonable value is larger.
    private static let limit = 64 << 10

    init(_ environment: CommandEnvironment) { self.environment = environment }

    /// - Parameter base: the directory to which a relative path is resolved; `nil` for the working
    /// directory.
    /// - Returns: `nil` if there is no value.
    /// - Throws: kind `settings` if the file cannot be read or is not text.
    func value(of reference: ValueReference, from base: String? = nil) async throws(DeployError) -> Secret? {
        switch reference.location {
        case .literal(let text): return Secret(exactly: text)
        case .environment(let name): return environment[name].map { Secret(exactly: $0) }
        case .file(let path):
            let location = environment.absolute(path, from: base)
            guard FileManager.default.fileExists(atPath: location) else { return nil }
            files?.check(location, named: path)
            return try text(of: reference, readFile(location, limit: Self.limit), path)
        case .standardInput: return try text(of: reference, await standardInput(), "-")
        }
    }

    /// Reads outside Swift's thread pool, because the read blocks until the writer is done.
    private func standardInput() async -> [UInt8] {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: readToEnd(of: 0, limit: Self.limit + 1) ?? [])
            }
        }
    }

    /// Returns the text without a final line break, which belongs to the file and not to the value.
    private func text(of reference: ValueReference, _ bytes: [UInt8]?, _ path: String) throws(DeployError)
        -> Secret?
    {
        guard let bytes, bytes.count <= Self.limit, let text = String(validating: bytes, as: UTF8.self) else {
            throw DeployError(
                .settings, "the value of \(reference.name) cannot be read from \(path.withoutTokens)",
                hint:
                    "use UTF-8 text of at most \(Self.limit >> 10) KiB; if it is in a file, check that you can read it"
            )
        }
        let trimmed = text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
        return trimmed.isEmpty ? nil : Secret(exactly: trimmed)
    }
}

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
                                "no single-line value: \(reference.locationDescription) is missing, empty or has several lines",
                                hint: "set it to one line, or remove this setting"))
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
        guard missing.isEmpty else { throw SettingError.failure(missing) }
    }

    private static func credentialError(_ header: ProbeHeader, of space: SpaceID) -> SettingError {
        SettingError(
            header.origin, key: "probeHeader", value: header.name,
            "a file of the source cannot send a credential of this machine to the app",
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
