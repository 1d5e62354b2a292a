import SpacesModel

extension Command {
    static let verify = Command(
        name: "verify", synopsis: "SPACE",
        summary: "asks the running app what the target's probes say",
        details: """
            probe = METHOD PATH [STATUS] [body=FILE] [contains=TEXT] of the target, repeatable: any 2xx or 3xx without
            STATUS, FILE out of the source, TEXT in single quotes where it has blanks. A push asks the same once the Space
            runs, whether it had anything to push or not; mirror only where the pass before was not well. The app may take until --timeout to answer other than
            502, 503 or 504, and half a minute to answer rightly. The Hub token is never sent to an app. The Hub shows the
            app of a private Space only with a token: set one in your own settings (git config), as
            probeHeader = Authorization: Bearer env:NAME. It is sent to no other origin.
            """,
        flags: [.timeout, .set, .config, .tokenFile]
    ) { (invocation) async throws(DeployError) in
        try await invocation.runOnOneSpace { (bench, _) async throws(DeployError) in
            try await bench.verify()
        }
    }
}
