import HTTPServer

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
