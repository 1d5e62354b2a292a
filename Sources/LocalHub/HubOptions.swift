import Essentials

/// How a local Hub is set up.
package struct HubOptions: Sendable {
    /// Repositories, LFS objects and the state of the Spaces live here, and outlive the process.
    package var root: URL
    /// 0 asks the system for a free one.
    package var port: UInt16 = 0
    /// Accounts beside the rule for unknown tokens (see `TokenStore`).
    package var tokens: [TokenEntry] = []
    /// Organisations, and who may write in them.
    package var organizations: [String: Set<String>] = [:]
    package var buildTiming = BuildTiming()
    /// As the real Hub: the body of a `git-upload-pack` request is never unpacked, so that Git's own requests above
    /// 1024 bytes fail (`expected 'packfile'`).
    package var ignoresGzip = true
    /// False: a Git server without `filter`, `shallow` and wants of any id. A client has to fall back.
    package var offersPartialFetches = true
    /// False: creating a Docker or Gradio Space needs a plan that user `me` does not have (402).
    package var isPro = true
    /// Requests in a window of time for each account, of each bucket.
    package var rateLimit = 100_000
    /// In whole seconds.
    package var rateWindow: Duration = .seconds(300)
    /// False: log streams stay open behind the end of a build.
    package var closesBuildLogs = true
    /// Seconds between two keep-alive comments in an event stream.
    package var keepAliveInterval: Duration = .seconds(10)

    /// LFS objects of more bytes go by parts of so many, when the client knows how.
    package var partSize = 64 << 20
    /// For so long a link to storage is good. git-lfs takes none that ends within five seconds.
    package var linkLifetime: Duration = .seconds(900)

    package init(root: URL) { self.root = root }
}

/// How fast builds are played. `.hub.json` in the pushed tree overrules it.
package struct BuildTiming: Sendable {
    /// For so long after a push the old stage is still told.
    package var lag: Duration = .milliseconds(30)
    /// One whole build, however many steps it has.
    package var build: Duration = .milliseconds(120)
    /// From the end of the build until the app is healthy.
    package var start: Duration = .milliseconds(50)

    package init() {}
    package init(lag: Duration, build: Duration, start: Duration) {
        (self.lag, self.build, self.start) = (lag, build, start)
    }
}
