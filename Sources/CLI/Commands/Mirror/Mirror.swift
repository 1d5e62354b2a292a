import SpacesModel

extension Command {
    static let mirror = Command(
        name: "mirror", synopsis: "[SPACE…]",
        summary: "one pass over all Spaces of the settings, for cron",
        details: """
            Pushes everything first, jobs at a time, then watches all together under one deadline. A pass over
            what has not changed makes no commit, and says nothing where nobody reads along. Passes never
            overlap: a second one ends with 75 and says who is at it (--wait waits).
            A .spacesync of a source counts as in a hook: for Spaces that your own side names.
            Variables, secrets and hardware are compared when the settings changed, with each push, and every
            reconcile (6h).
            Where the Hub takes few more requests or commits of an account, the rest waits for its next window, or
            for the next pass (75), which begins with it.
            --every stays: SIGHUP begins a pass at once; SIGTERM ends it when the pushes under way have their answer
            (0 between two passes, 130 within one). With --health, GET /healthz answers 200 while passes come and
            find settings that can be read, else 503 with why, and GET /metrics the numbers. systemd hears of it with
            Type=notify and WatchdogSec.
            """,
        flags: [.only, .since, .passWait, .every, .health, .jitter, .metricsFile, .passLog] + Flag.mirrored
    ) { (invocation) async throws(DeployError) in
        try await MirrorCommand(invocation).run()
    }
}

extension Flag {
    static let only = Flag(
        "--only", value: "SPACE", "this Space and no other (repeatable; words do the same)")
    static let since = Flag(
        "--since", value: "TIME", "leaves out what its source has not changed for so long")
    static let passWait = Flag("--wait", value: "TIME", "how long to wait for another pass (0s)")
    static let every = Flag("--every", value: "TIME", "stays, and begins a pass every so often; SIGHUP: now")
    static let health = Flag(
        "--health", value: "[HOST:]PORT",
        "answers /healthz and /metrics here, on loopback without a host (with --every; 0: a free port)")
    static let jitter = Flag("--jitter", value: "TIME", "waits up to so long before a pass, at random")
    static let metricsFile = Flag(
        "--metrics-file", value: "FILE",
        "writes numbers for Prometheus (the node exporter's textfile collector)")
    static let passLog = Flag("--log", value: "FILE", "adds a line for each target of each pass")

    /// Of a push, what makes sense for all targets.
    static let mirrored = [
        Flag.config, .tokenFile, .set, .noWait, .timeout, .force, .yes, .prune,
    ]
}
