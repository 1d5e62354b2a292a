import Deploy

extension Command {
    static let verify = Command(
        name: "verify", synopsis: "SPACE",
        summary: "asks the running app what the target's probes say",
        details: """
            probe = METHOD PATH [STATUS] [body=FILE] [contains=TEXT] of the target, repeatable: any 2xx or 3xx without
            STATUS, FILE out of the source, TEXT in single quotes where it has blanks. A push that deploys asks the same once
            the Space runs; one that has nothing to push does not. The app may take until --timeout to answer other than
            502, 503 or 504, and half a minute to answer rightly. A private Space is asked with the Hub's token, unless
            probeHeader = Authorization: Bearer env:AUTH_TOKEN says otherwise; no other origin ever gets either.
            """,
        flags: [.timeout, .set, .config, .tokenFile]
    ) { (invocation) async throws(Failure) in
        guard invocation.arguments.words.count == 1 else {
            throw Failure(.usage, "verify takes one Space", hint: "spacesync verify owner/name")
        }
        let loaded = try await SettingsLoader(invocation.world, invocation.arguments).load(
            invocation.arguments.words)
        let workshop = try Workshop(invocation, loaded)
        let target = try loaded.onlyTarget()
        let report = await workshop.report(on: target) { (bench) async throws(Failure) in
            try await bench.verification()
        }
        return report.exitCode
    }
}
