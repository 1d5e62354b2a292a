import Documentation
import SpacesModel

extension Command {
    static let mirror = Command(
        .mirror,
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

    /// The flags of `push` that apply to several targets.
    static let mirrored = [
        Flag.config, .tokenFile, .set, .noWait, .timeout, .force, .yes, .prune,
    ]
}
