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
                        "has no value: \(reference.locationDescription) is not there",
                        hint: "set it, or write variable = \(reference.name)? if the app runs without it"))
            }
        }
        guard missing.isEmpty else { throw .settings(missing) }
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
        case .environment(let name): "\(name) of the environment"
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
                hint: "it is text of at most \(Self.limit >> 10) KiB, in a file that you may read")
        }
        let trimmed = text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
        return trimmed.isEmpty ? nil : Secret(exactly: trimmed)
    }
}
