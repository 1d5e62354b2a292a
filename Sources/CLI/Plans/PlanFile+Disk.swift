import Essentials
import SpacesModel

extension PlanFile {
    /// Reads a file written by `plan --out`.
    /// - Throws: kind `settings`, with the reason, if the file is missing or not a valid plan.
    static func read(_ path: String, named name: String) throws(DeployError) -> PlanFile {
        guard let bytes = readFile(path, limit: limit) else {
            throw DeployError(
                .settings, "there is no plan at \(name)", hint: "make one: spacesync plan --out \(name)")
        }
        guard bytes.count <= limit else { throw invalidPlan(name, "it is longer than \(limit >> 20) MiB") }
        let file: PlanFile
        do {
            let version = try JSONDecoder().decode(Version.self, from: Data(bytes)).spacesync_plan
            guard version == Self.version else {
                throw DeployError(
                    .settings, "\(name) is a plan of another version (\(version), not \(Self.version))",
                    hint: "plan again with this spacesync, and push with the same")
            }
            file = try JSONDecoder().decode(PlanFile.self, from: Data(bytes))
        } catch let failure as DeployError { throw failure } catch { throw invalidPlan(name, message(error)) }
        try file.validate(name)
        return file
    }

    private struct Version: Decodable { var spacesync_plan: Int }

    private func validate(_ name: String) throws(DeployError) {
        guard !spaces.isEmpty else { throw Self.invalidPlan(name, "it names no Space") }
        for (index, entry) in spaces.enumerated() where entry.record == nil {
            throw Self.invalidPlan(name, "spaces[\(index)] holds a name or an id that is none")
        }
        let names = Set(spaces.map { $0.space.lowercased() })
        guard names.count == spaces.count else { throw Self.invalidPlan(name, "it names a Space twice") }
    }

    private static func invalidPlan(_ name: String, _ reason: String) -> DeployError {
        DeployError(
            .settings, "\(name) is no plan of spacesync: \(reason)",
            hint: "make one: spacesync plan --out FILE")
    }

    private static func message(_ error: any Error) -> String {
        func description(_ path: [any CodingKey]) -> String {
            path.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return "it lacks \(description(context.codingPath + [key]))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            return "\(description(context.codingPath)) is of another kind"
        default: return "it is no JSON"
        }
    }

    /// Writes the file atomically, readable only by its owner, because it lists the files of a
    /// private Space.
    /// - Throws: kind `usage` if the path cannot be written.
    func write(to path: String, named name: String) throws(DeployError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(self) + Data("\n".utf8) else {
            throw DeployError(.internalError, "the plan cannot be written as JSON")
        }
        do throws(FileError) { try writeAtomically(text, to: path, mode: 0o600) } catch {
            let failure = DeployError(
                .usage, "the plan cannot be written to \(name)", details: [error.message],
                hint: "name a file in a directory that you may write to")
            throw error.failure(writing: path, else: failure)
        }
    }
}
