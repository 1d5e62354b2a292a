import DeploySettings
import Essentials
import HTTP
import SpacesModel
import TextTools

/// Finds the values of variables and secrets: in the environment, in files, on standard input.
struct ValueReader: Sendable {
    let environment: CommandEnvironment
    /// Warns about files of secrets that other users can read; `nil` warns about none.
    var files: TokenFiles?
    /// The Hub's own limit is not known; larger than this is no setting.
    private static let limit = 64 << 10

    init(_ environment: CommandEnvironment) { self.environment = environment }

    /// - Parameter base: what a relative path is relative to; nil: this directory.
    /// - Returns: nil where there is none.
    /// - Throws: kind `settings` for a file that cannot be read or holds no text.
    func value(of named: ValueReference, from base: String? = nil) async throws(DeployError) -> Secret? {
        switch named.location {
        case .literal(let text): return Secret(exactly: text)
        case .environment(let name): return environment[name].map { Secret(exactly: $0) }
        case .file(let path):
            let place = environment.absolute(path, from: base)
            guard FileManager.default.fileExists(atPath: place) else { return nil }
            files?.check(place, named: path)
            return try text(of: named, readFile(place, limit: Self.limit), path)
        case .standardInput: return try text(of: named, await standardInput(), "-")
        }
    }

    /// Off Swift's pool: whoever writes may take their time.
    private func standardInput() async -> [UInt8] {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: readToEnd(of: 0, limit: Self.limit + 1) ?? [])
            }
        }
    }

    /// A line end at the end is the file's, not the value's.
    private func text(of named: ValueReference, _ bytes: [UInt8]?, _ path: String) throws(DeployError)
        -> Secret?
    {
        guard let bytes, bytes.count <= Self.limit, let text = String(validating: bytes, as: UTF8.self) else {
            throw DeployError(
                .settings, "the value of \(named.name) cannot be read from \(path.withoutTokens)",
                hint: "it is text of at most \(Self.limit >> 10) KiB, in a file that you may read")
        }
        let trimmed = text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
        return trimmed.isEmpty ? nil : Secret(exactly: trimmed)
    }
}
