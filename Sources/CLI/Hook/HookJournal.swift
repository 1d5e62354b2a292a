import Essentials

/// The journal of one hook run in JSON Lines format: each change appends a record, so the cost of a
/// change does not grow with the number of Spaces. The last record of a deploy counts; a partial
/// last line (a killed process) is ignored.
struct HookJournal {
    /// The maximum number of recorded deploys of a push; more are only counted.
    static let deployLimit = 200
    /// The maximum size of a journal in bytes; beyond it only results are recorded, no stages.
    static let sizeLimit = 1 << 20

    private struct Record: Codable {
        var version: String?
        var process: Int32?
        var began: Double?
        var ended: Double?
        /// The position of `deploy` in the list.
        var index: Int?
        var deploy: HookOutcome.Entry?
        var omitted: Int?
    }

    private let descriptor: Int32
    private var size = 0

    /// Creates the journal; `nil` if the file can't be created.
    init?(creating path: String, _ outcome: HookOutcome) {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        append(Record(version: outcome.version, process: outcome.process, began: outcome.began))
    }

    /// Records the current state of a deploy.
    mutating func record(_ deploy: HookOutcome.Entry, at index: Int) {
        guard index < Self.deployLimit, size < Self.sizeLimit || deploy.outcome != nil else { return }
        append(Record(index: index, deploy: deploy))
    }

    /// Records the end of the run.
    mutating func end(_ outcome: HookOutcome) {
        let omitted = outcome.deploys.count - Self.deployLimit
        append(Record(ended: outcome.ended, omitted: omitted > 0 ? omitted : nil))
    }

    private mutating func append(_ record: Record) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var line = try? encoder.encode(record) else { return }
        line.append(UInt8(ascii: "\n"))
        // One write, so that a killed process leaves at most one partial line. A full disk leaves none.
        if appendToFile(line, descriptor) { size += line.count }
    }

    /// Reads a journal; `nil` if there is none or its first line is not one.
    static func read(_ path: String) -> HookOutcome? {
        guard let bytes = readFile(path, limit: 2 * sizeLimit) else { return nil }
        let records = bytes.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONDecoder().decode(Record.self, from: Data($0))
        }
        guard let first = records.first, let version = first.version, let process = first.process,
            let began = first.began
        else { return nil }
        var outcome = HookOutcome(version: version, process: process, began: began)
        for record in records.dropFirst() {
            if let deploy = record.deploy, let index = record.index { outcome.set(deploy, at: index) }
            if let ended = record.ended { (outcome.ended, outcome.omitted) = (ended, record.omitted) }
        }
        return outcome
    }
}

extension HookOutcome {
    fileprivate mutating func set(_ deploy: Entry, at index: Int) {
        if deploys.indices.contains(index) {
            deploys[index] = deploy
        } else if index == deploys.count {
            deploys.append(deploy)
        }
    }
}
