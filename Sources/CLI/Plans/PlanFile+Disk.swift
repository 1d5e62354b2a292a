import Essentials
import SpacesModel

extension PlanFile {
    /// Reads a file that `plan --out` wrote.
    /// - Throws: kind `settings`, in words, for anything else.
    static func read(_ path: String, named name: String) throws(Failure) -> PlanFile {
        guard let bytes = readFile(path, limit: limit) else {
            throw Failure(
                .settings, "there is no plan at \(name)", hint: "make one: spacesync plan --out \(name)")
        }
        guard bytes.count <= limit else { throw foreign(name, "it is longer than \(limit >> 20) MiB") }
        let file: PlanFile
        do {
            let version = try JSONDecoder().decode(Version.self, from: Data(bytes)).spacesync_plan
            guard version == Self.version else {
                throw Failure(
                    .settings, "\(name) is a plan of another version (\(version), not \(Self.version))",
                    hint: "plan again with this spacesync, and push with the same")
            }
            file = try JSONDecoder().decode(PlanFile.self, from: Data(bytes))
        } catch let failure as Failure { throw failure } catch { throw foreign(name, words(error)) }
        try file.examine(name)
        return file
    }

    private struct Version: Decodable { var spacesync_plan: Int }

    private func examine(_ name: String) throws(Failure) {
        guard !spaces.isEmpty else { throw Self.foreign(name, "it names no Space") }
        for (index, entry) in spaces.enumerated() where entry.record == nil {
            throw Self.foreign(name, "spaces[\(index)] holds a name or an id that is none")
        }
        let names = Set(spaces.map { $0.space.lowercased() })
        guard names.count == spaces.count else { throw Self.foreign(name, "it names a Space twice") }
    }

    private static func foreign(_ name: String, _ why: String) -> Failure {
        Failure(
            .settings, "\(name) is no plan of spacesync: \(why)",
            hint: "make one: spacesync plan --out FILE")
    }

    private static func words(_ error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return "it lacks \(place(context.codingPath + [key]))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            return "\(place(context.codingPath)) is of another kind"
        default: return "it is no JSON"
        }
    }

    /// Whole or not at all, readable by its owner alone: it names what a private Space holds.
    /// - Throws: kind `usage` for a place that cannot be written.
    func write(to path: String, named name: String) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(self) + Data("\n".utf8) else {
            throw Failure(.internalFault, "the plan cannot be written as JSON")
        }
        do throws(FileTrouble) { try writeAtomically(text, to: path, mode: 0o600) } catch {
            let failure = Failure(
                .usage, "the plan cannot be written to \(name)", details: [error.words],
                hint: "name a file in a directory that you may write to")
            throw error.failure(writing: path, else: failure)
        }
    }
}
