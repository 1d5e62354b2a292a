import HTTPServer

/// Looks through all objects that a push has brought, as they lie in Git's quarantine.
struct QuarantinedObjects: Sendable {
    let repository: HubRepository
    let quarantine: Quarantine?

    /// Fills in blobs and folders that are reachable from `tip` and from no ref.
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
            async let feeding: Void = child.feed(names)
            var reader = BatchReader(), filled = rules
            while let piece = try await child.read() {
                for object in reader.consume(piece) { object.record(in: &filled) }
            }
            await feeding
            return filled
        }
    }
}

/// Takes the output of `git cat-file --batch` apart, keeping no more of an object than the rules look at.
struct BatchReader {
    private var header: [UInt8] = []
    private var current: Object?
    /// Bytes of the current object still to come, and the line feed behind it.
    private var remaining = 0

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

    mutating func consume(_ piece: [UInt8]) -> [Object] {
        var done: [Object] = [], rest = piece[...]
        while !rest.isEmpty {
            if current != nil {
                let part = rest.prefix(remaining)
                rest = rest.dropFirst(part.count)
                remaining -= part.count
                current?.add(remaining == 0 ? part.dropLast() : part)
                if remaining == 0, let object = current {
                    done.append(object)
                    current = nil
                }
            } else if let newline = rest.firstIndex(of: 10) {
                header += rest[..<newline]
                rest = rest[(newline + 1)...]
                parseHeader()
            } else {
                header += rest
                rest = []
            }
        }
        return done
    }

    private mutating func parseHeader() {
        let words = String(decoding: header, as: UTF8.self)
            .split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        header = []
        guard words.count == 3, let size = Int(words[1]) else { return }
        current = Object(type: words[0], size: size, path: String(words[2]))
        remaining = size + 1
    }
}

/// Counts the entries of a raw tree: `mode name NUL`, then 20 bytes.
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
