import Essentials
import HTTPServer

/// Validates one push: the pre-receive hook connects through named pipes, and the Hub checks the
/// quarantined objects before they are accepted.
struct PreReceiveHook: Sendable {
    private let registry: SpaceStore
    private let space: Space
    private let channel: NamedPipeChannel

    init(registry: SpaceStore, space: Space) throws {
        (self.registry, self.space) = (registry, space)
        channel = try NamedPipeChannel(in: registry.root.appendingPathComponent("gates"))
    }

    var folder: String { channel.folder.path }

    /// Validates each request of the hook until the task is cancelled.
    func validatePushes() async {
        while let lines = try? await channel.readRequest() {
            let rejectionLines = await rejection(of: lines)
            channel.reply(
                (rejectionLines ?? []).map { "> " + $0 }, last: rejectionLines == nil ? "end 0" : "end 1")
        }
    }

    /// Returns the lines of the rejection; `nil` if the push is accepted.
    /// - Parameter lines: the two object directories (empty if the push has no pack), then `old new
    ///   ref` for each command (githooks(5)).
    private func rejection(of lines: [String]) async -> [String]? {
        guard lines.count >= 2 else { return ["The local Hub did not understand its hook."] }
        let quarantine = lines[0].isEmpty ? nil : Quarantine(objects: lines[0], alternates: lines[1])
        do {
            for line in lines.dropFirst(2) {
                let fields = line.split(separator: " ", maxSplits: 2).map(String.init)
                guard fields.count == 3 else { continue }
                if let rejectionLines = try await rejection(of: fields[1], to: fields[2], quarantine) {
                    return rejectionLines
                }
            }
            return nil
        } catch {
            return ["The local Hub could not look through the push: \(error)"]
        }
    }

    private func rejection(of tip: String, to ref: String, _ quarantine: Quarantine?) async throws
        -> [String]?
    {
        if tip.allSatisfy({ $0 == "0" }) {
            return ref == "refs/heads/main" ? ["Cannot delete refs/heads/main"] : nil
        }
        return try await registry.rejection(of: tip, to: ref, in: space.id, quarantine)
    }

    /// The hook script. It needs only `sh` and `cat`.
    static let hook = """
        #!/bin/sh
        # Asks the local Hub whether it takes this push. See PushGate.
        [ -n "$LOCALHUB_GATE" ] || exit 0
        {
            printf '%s\\n' "$GIT_OBJECT_DIRECTORY" "$GIT_ALTERNATE_OBJECT_DIRECTORIES"
            cat
            echo .
        } > "$LOCALHUB_GATE/ask"
        while IFS= read -r line; do
            case $line in
            "end 0") exit 0 ;;
            "end 1") exit 1 ;;
            *) printf '%s\\n' "${line#> }" >&2 ;;
            esac
        done < "$LOCALHUB_GATE/answer"
        exit 1

        """

    /// Writes the hook script to the `hooks` directory, to which `core.hooksPath` points.
    static func install(in root: URL) throws {
        let folder = root.appendingPathComponent("hooks")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("pre-receive")
        try Data(hook.utf8).write(to: file, options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
}

extension SpaceStore {
    /// Returns the lines of the first rule that the new commits up to `tip` break; `nil` if they
    /// are accepted.
    nonisolated func rejection(
        of tip: String, to ref: String, in id: String, _ quarantine: Quarantine?
    ) async throws -> [String]? {
        let repository = repository(id)
        var rules = PushRules(ref: ref) { [store = store(id)] in store.contains($0) }
        try await QuarantinedObjects(repository: repository, quarantine: quarantine).collect(
            from: tip, into: &rules)
        if ref == "refs/heads/main" {
            let readme = try? await repository.git(
                ["cat-file", "blob", "\(tip):README.md"], objects: quarantine)
            rules.readme = readme.map { String(decoding: $0, as: UTF8.self) }
        }
        return rules.rejection()
    }
}
