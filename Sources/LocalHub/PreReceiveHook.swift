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
        channel = try NamedPipeChannel(in: registry.root.appendingPathComponent("pushes"))
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
        guard lines.count >= 2 else { return ["The local Hub received an invalid request from its hook."] }
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
            return ["The local Hub could not check the push: \(error)"]
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
        # Asks the local Hub whether it accepts this push. See PreReceiveHook in the sources of spacesync.
        [ -n "$LOCALHUB_HOOK" ] || exit 0
        {
            printf '%s\\n' "$GIT_OBJECT_DIRECTORY" "$GIT_ALTERNATE_OBJECT_DIRECTORIES"
            cat
            echo .
        } > "$LOCALHUB_HOOK/request"
        while IFS= read -r line; do
            case $line in
            "end 0") exit 0 ;;
            "end 1") exit 1 ;;
            *) printf '%s\\n' "${line#> }" >&2 ;;
            esac
        done < "$LOCALHUB_HOOK/response"
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

/// The new objects of a push, read from Git's quarantine directory.
struct QuarantinedObjects: Sendable {
    let repository: HubRepository
    let quarantine: Quarantine?

    /// Adds the blobs and folders that are reachable from `tip` but not from any ref.
    func collect(from tip: String, into rules: inout PushRules) async throws {
        let names = try await repository.git(
            ["rev-list", "--objects", tip, "--not", "--all"], objects: quarantine)
        guard !names.isEmpty else { return }
        let format = "--batch=%(objecttype) %(objectsize) %(rest)"
        let child = try Subprocess(
            SubprocessConfiguration(
                repository.git.path, ["--git-dir", repository.path, "cat-file", format],
                environment: repository.git.environment.merging(quarantine?.environment ?? [:]) { $1 }))
        rules = try await child.whileRunning { [rules] in
            async let input: Void = child.feed(names)
            var reader = BatchReader(), updatedRules = rules
            while let piece = try await child.read() {
                for object in reader.consume(piece) { object.record(in: &updatedRules) }
            }
            await input
            return updatedRules
        }
    }
}

/// An incremental parser for the output of `git cat-file --batch`. Keeps only the part of an object
/// that the rules use.
struct BatchReader {
    private var header: [UInt8] = []
    private var current: Object?
    /// Remaining bytes of the current object, including the line feed after it.
    private var remaining = 0

    /// An object in the output.
    struct Object {
        var type: Substring
        var size: Int
        var path: String
        var start: [UInt8] = []
        var entries = TreeEntryCounter()

        mutating func add(_ bytes: ArraySlice<UInt8>) {
            if type == "tree" { entries.count(bytes) }
            if start.count < 8000 { start += bytes.prefix(8000 - start.count) }
        }

        func record(in rules: inout PushRules) {
            if type == "blob" { rules.blobs.append(.init(path: path, size: size, start: start)) }
            if type == "tree" { rules.folders.append(.init(path: path, count: entries.total)) }
        }
    }

    /// Parses more output and returns the objects completed by it.
    mutating func consume(_ piece: [UInt8]) -> [Object] {
        var done: [Object] = [], unread = piece[...]
        while !unread.isEmpty {
            if current != nil {
                let part = unread.prefix(remaining)
                unread = unread.dropFirst(part.count)
                remaining -= part.count
                current?.add(remaining == 0 ? part.dropLast() : part)
                if remaining == 0, let object = current {
                    done.append(object)
                    current = nil
                }
            } else if let newline = unread.firstIndex(of: 10) {
                header += unread[..<newline]
                unread = unread[(newline + 1)...]
                parseHeader()
            } else {
                header += unread
                unread = []
            }
        }
        return done
    }

    private mutating func parseHeader() {
        let fields = String(decoding: header, as: UTF8.self)
            .split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        header = []
        guard fields.count == 3, let size = Int(fields[1]) else { return }
        current = Object(type: fields[0], size: size, path: String(fields[2]))
        remaining = size + 1
    }
}

/// A counter for the entries of a raw tree object: `mode name NUL`, then 20 bytes of object id.
struct TreeEntryCounter {
    private(set) var total = 0
    private var skip = 0

    mutating func count(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            if skip > 0 {
                skip -= 1
            } else if byte == 0 {
                total += 1
                skip = 20
            }
        }
    }
}
