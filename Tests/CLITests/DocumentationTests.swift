import Deploy
import Documentation
import Foundation
import TestSupport
import Testing

@testable import CLI
@testable import DeploySettings
@testable import SpacesModel

/// Tests that the topics of the reference match the code.
struct DocumentationTests {
    private func text(of name: String) throws -> String { try #require(HelpTopic.named(name)).markdown }

    @Test func `the topics are the files in Topics, and their text is embedded`() throws {
        let folder = PackageRoot.url.appending(path: "Sources/Documentation/Topics")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.sorted() == HelpTopic.all.map { "\($0.name).md" }.sorted())
        for topic in HelpTopic.all {
            let file = folder.appending(path: "\(topic.name).md")
            #expect(try topic.markdown == String(contentsOf: file, encoding: .utf8), "\(topic.name)")
            #expect(topic.summary.count <= 50)
            #expect(Command.named(topic.name) == nil, "help \(topic.name) is the help of a command")
        }
        #expect(HelpTopic.all.map(\.markdown.utf8.count).reduce(0, +) <= 60 << 10)
    }

    @Test func `the links of the topics lead to files and headings`() throws {
        for topic in HelpTopic.all {
            let path = "Sources/Documentation/Topics/\(topic.name).md"
            #expect(try MarkdownLinks.broken(in: topic.markdown, at: path) == [], "\(topic.name)")
        }
    }

    @Test func `the topics do not use words of the list`() {
        for topic in HelpTopic.all { #expect(AvoidedWords.found(in: topic.markdown) == [], "\(topic.name)") }
    }

    @Test func `no line of a topic is over 80 columns in help`() throws {
        let texts = try
            (HelpTopic.all.map(\.name) + SettingKey.all.map { "settings.\($0.name)" } + ["topics"]).map {
                try HelpSubject([$0]).text
            }
        for text in texts {
            for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        }
    }

    @Test func `the table of settings matches the code`() throws {
        let rows = SettingKey.all.map { "| `\($0.name)` | \($0.summary) | \($0.defaultValue) |" }
        let table = (["| key | means | default |", "|---|---|---|"] + rows).joined(separator: "\n")
        #expect(try text(of: "settings").contains(table + "\n\n"), "expected:\n\(table)")
    }

    @Test func `the topic of settings has every key of the other sections`() throws {
        let rows = try text(of: "settings").split(separator: "\n").filter { $0.hasPrefix("| `[spacesync] ") }
        let keys = rows.compactMap { $0.split(separator: "`").dropFirst().first }
        #expect(
            keys.sorted() == OperatorSettings.keys.map { "[spacesync] \($0.name)" }.map { $0[...] }.sorted())
        #expect(try text(of: "settings").contains("`[account \"owner\"] token`"))
        #expect(try text(of: "settings").contains("`[source \"https://host\"] token`, `username`"))
    }

    @Test func `the topic of settings names the keys that a source's file may set`() throws {
        let keys = SettingKey.all.filter { $0.privilege == .content }.map { "`\($0.name)`" }
        #expect(try text(of: "settings").contains("only these keys: \(keys.joined(separator: ", "))."))
    }

    @Test func `examples of settings have no comment after a value, which Git would warn about`() {
        for topic in HelpTopic.all {
            for block in topic.markdown.split(separator: "```\n") where block.hasPrefix("[") {
                #expect(!block.contains(" #"), "\(topic.name): \(block)")
            }
        }
    }

    @Test func `the table of commands matches the code`() throws {
        let rows = HelpText.groups.flatMap(\.commands).map(\.help).map { help in
            let usage = [help.name, help.synopsis].filter { !$0.isEmpty }.joined(separator: " ")
            return "| `\(usage.replacing("|", with: "\\|"))` | \(help.summary) |"
        }
        let table = (["| command | description |", "|---|---|"] + rows).joined(separator: "\n")
        #expect(try text(of: "commands").contains(table + "\n\n"), "expected:\n\(table)")
    }

    @Test func `the table of exit codes matches the code`() throws {
        let rows = ExitCodes.all.map { "| \($0.code) | \($0.meaning) |" }
        let table = (["| code | meaning |", "|---|---|"] + rows).joined(separator: "\n")
        #expect(try text(of: "exit-codes").contains(table + "\n\n"), "expected:\n\(table)")
        #expect(Set(ExitCodes.all.map(\.code)) == Set(DeployError.Kind.allCases.map(\.exitCode) + [0, 10]))
        let order = DeployError.Kind.bySeverity.map { "\($0.exitCode)" }.joined(separator: ", ")
        #expect(try text(of: "exit-codes").contains("in this order: \(order)."))
    }

    @Test func `the topic of guards has every guard, and those that --force alone skips`() throws {
        let rows = try text(of: "guards").split(separator: "\n").filter { $0.hasPrefix("| `") }
        let names = rows.compactMap { $0.split(separator: "`").dropFirst().first }
        #expect(Set(names) == Set(Guard.allCases.map { $0.rawValue[...] }))
        #expect(try text(of: "guards").contains("`--force` alone skips `drift`, `deletes` and `adopt`."))
        #expect(Guard.overriddenByPlainForce == [.drift, .deletes, .adopt])
    }

    @Test func `the topic of output has every outcome and every event`() throws {
        let outcomes = DeployResult.Outcome.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        #expect(try text(of: "output").contains("| `outcome` | \(outcomes) |"))
        let parts = try text(of: "output").split(separator: "| event | fields |")
        let table = try #require(parts.last).prefix { $0 != "#" }
        let events = table.split(separator: "\n").compactMap { $0.split(separator: "`").dropFirst().first }
        let file = PackageRoot.url.appending(path: "Sources/Reporting/JSONReporter.swift")
        let code = try String(contentsOf: file, encoding: .utf8)
        let sent = code.matches(of: /\(\s*"([a-z]+)",\s*(?:\[|[a-z]+\()/).map(\.1)
        #expect(Set(events.prefix(sent.count)) == Set(sent))
    }

    @Test func `the topic of tokens names the places in the order of the resolver`() throws {
        let lines = try text(of: "tokens").split(separator: "\n").filter { $0.first?.isNumber == true }
        let variables = TokenResolver.variables.map { "`\($0)`" }.joined(separator: ", ")
        let places = [
            "`--token-file FILE`", "`[account \"owner/name\"]`, then `[account \"owner\"]`", "`HF_USER`",
            "OpenID Connect, if `HF_OIDC_RESOURCE`", variables, "the file that `hf auth login` writes",
        ]
        #expect(lines.count == 9)
        for (line, place) in zip(lines, places) { #expect(line.dropFirst(3).hasPrefix(place), "\(line)") }

        // All places that need no request, then without the one that was found, until none is left.
        let folder = try TestDirectory()
        defer { withExtendedLifetime(folder) {} }
        let file = folder.url.appending(path: "token")
        try Data("hf_file".utf8).write(to: file)
        let names = ["--token-file", "SPACE_TOKEN", "OWNER_TOKEN", "HF_USER"] + TokenResolver.variables
        var left = names + ["HF_TOKEN_PATH"]
        for name in left {
            #expect(
                try token(from: left, file: file.path)?.hasPrefix(name == "HF_TOKEN_PATH" ? file.path : name)
                    == true)
            left.removeFirst()
        }
        #expect(try token(from: [], file: file.path) == nil)
    }

    /// Returns where the token of `ada/web` is found if these places have one.
    private func token(from places: [String], file: String) throws -> String? {
        let values = ["HF_USER": "ada:token", "HF_TOKEN_PATH": file]
        var environment = CommandEnvironment.process(build: "")
        environment.variables = ["HOME": "/nonexistent"]
        for place in places { environment.variables[place] = values[place] ?? "token" }
        var operators = OperatorSettings()
        let accounts = ["ada/web": "SPACE_TOKEN", "ada": "OWNER_TOKEN"]
        operators.accounts = accounts.filter { places.contains($0.value) }.mapValues { .environment($0) }
        let resolver = TokenResolver(
            environment, operators, tokenFile: places.contains("--token-file") ? file : nil)
        let space = try #require(SpaceID("ada/web"))
        return try (resolver.specificToken(space) ?? resolver.defaultToken())?.origin
    }

    @Test func `the topic of the environment has the variables that the code reads`() throws {
        let rows = try text(of: "environment").split(separator: "\n").filter { $0.hasPrefix("| `") }
        let documented = rows.flatMap { row in
            (row.split(separator: "|").first ?? "").matches(of: /`(\w+)`/).map { String($0.1) }
        }
        #expect(Set(documented).count == documented.count)
        let read = try EnvironmentNames.inSources()
        #expect(Set(documented).subtracting(read) == [], "documented, but not read")
        #expect(read.subtracting(documented) == [], "read, but not documented")
    }
}

/// The names of environment variables in the code.
private enum EnvironmentNames {
    /// The targets that read the environment of the process.
    private static let targets = [
        "CLI", "Essentials", "Git", "GitLFS", "HTTP", "HubAPI", "Reporting", "spacesync",
    ]
    /// Literals that look like variables. They are set for child processes, internal, or examples.
    private static let others: Set<String> = [
        "API_KEY", "GCM_INTERACTIVE", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_NAME", "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_NAME", "GIT_TERMINAL_PROMPT", "SPACESYNC_MIRROR_LINK", "SPACESYNC_MIRROR_ROLE",
        "SPACESYNC_MIRROR_SUSPECTS", "SSH_ASKPASS",
    ]

    static func inSources() throws -> Set<String> {
        var names: Set<String> = []
        for target in targets {
            for file in try PackageRoot.swiftFiles(in: "Sources/\(target)") {
                let literals =
                    file.text.matches(of: /"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"/).map { String($0.1) }
                    + file.text.matches(of: /"(HOME|PATH|TERM|USER|LOGNAME|CI)"/).map { String($0.1) }
                    + file.text.matches(of: /"((?:http|https|all|no)_proxy)"/).map { String($0.1) }
                names.formUnion(literals)
            }
        }
        // `SPACESYNC_` is put before these names.
        for name in ["CONNECT_TIMEOUT", "IDLE_TIMEOUT"] where names.remove(name) != nil {
            names.insert("SPACESYNC_\(name)")
        }
        return names.subtracting(others)
    }
}
