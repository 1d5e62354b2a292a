import HTTP
import HubAPI
import Reporting
import SpacesModel

extension Command {
    static let variables = Command(
        name: "variables", synopsis: "set|list|unset SPACE [NAME=VALUE…]",
        summary: "what everybody may read, and the app has in its environment",
        details: """
            set takes NAME=value, NAME (the environment's), NAME=env:X, NAME=file:P or NAME=- (standard input). What
            is there already is not set again: each change restarts the Space.
            """,
        flags: [.variable, .envFile, .yes] + Flag.verb
    ) { (invocation) async throws(Failure) in
        try await ListVerb.run(VariablesWork.self, invocation, like: "set owner/name NAME=value")
    }
}

private struct VariablesWork: ListWork {
    let office: Office
    let space: SpaceID
    let words: [String]

    func set() async throws(Failure) -> Int {
        let arguments = office.arguments
        let values = try await GivenValues.read(
            .variable, words: words + arguments.values(.variable), files: arguments.values(.envFile),
            in: office.invocation.world)
        guard !values.isEmpty else {
            throw Failure(.usage, "no variable is named", hint: "spacesync variables set \(space) NAME=value")
        }
        values.forEach { office.warnOfSecret($0.name, of: space) }
        return await office.serve(space) { (hub, _) async throws(Failure) in
            let present = try await hub.variables()
            let changed = values.filter { present[$0.name] != $0.value.reveal() }
            try office.checkFree(
                changed.map(\.name), of: space, amid: try await hub.secrets().map(\.name), "secret")
            try await office.agree(toShow: changed, of: space)
            for given in changed {
                try await hub.setVariable(given.name, given.value.reveal())
                office.give(given.name, "set", of: space)
            }
            guard !changed.isEmpty else { return office.tell("all of it was there already", about: space) }
            await office.tellRestart(of: hub, with: changed.count)
        }
    }

    func list() async -> Int {
        await office.serve(space) { (hub, _) async throws(Failure) in
            let variables = try await hub.variables().sorted { $0.key < $1.key }
            for (name, value) in variables {
                let shown = value.replacing("\n", with: "\\n").visible
                office.results.give(
                    space, text: ["\(name.visible)=\(shown)"], quiet: name,
                    json: [("name", .string(name)), ("value", .string(value))])
            }
            if variables.isEmpty { office.tell("\(space) has no variables", about: space) }
        }
    }

    func unset() async throws(Failure) -> Int {
        let names = words + office.arguments.values(.variable)
        try office.check(names, "variable", "variables unset \(space) NAME")
        return await office.serve(space) { (hub, _) async throws(Failure) in
            let known = Set(try await hub.variables().keys)
            for name in office.present(names, among: known, "variable", of: space) {
                try await hub.unsetVariable(name)
                office.give(name, "unset", of: space)
            }
        }
    }
}

extension Office {
    /// Whoever sees a Space reads its variables: what looks like a credential needs a yes.
    func agree(toShow variables: [GivenValue], of space: SpaceID) async throws(Failure) {
        let told = variables.compactMap { given in
            given.credential.map { (name: given.name, line: "variable \(given.name) looks like \($0)") }
        }
        guard let first = told.first else { return }
        try await Consent(self, space).need(
            "Let whoever sees \(space) read \(told.map(\.name).joined(separator: ", "))", told.map(\.line),
            line: "secrets set \(space) \(first.name) keeps it to the app; else the same line with")
    }

    /// One name is a variable or a secret: the Hub runs no Space that has both.
    /// - Parameter mend: what to do about a name; nil: unset the other.
    func checkFree(
        _ names: [String], of space: SpaceID, amid taken: [String], _ kind: String,
        mend: ((String) -> String)? = nil
    ) throws(Failure) {
        guard let name = names.first(where: { taken.contains($0) }) else { return }
        throw Failure(
            .refused,
            "\(space) has a \(kind) \(name): with a variable and a secret of one name the Hub does not run it",
            details: ["nothing was changed"],
            hint: mend?(name) ?? "spacesync \(kind)s unset \(space) \(name)")
    }

    /// Variables are public, whatever they are called.
    func warnOfSecret(_ name: String, of space: SpaceID) {
        guard SecretName.matches(Array(name.utf8)) else { return }
        let line = workshop.lines.complete("spacesync secrets set \(space) \(name)", of: space)
        warn("variable \(name) is named like a secret, and everybody reads a variable: \(line)")
    }
}
