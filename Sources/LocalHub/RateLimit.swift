import Essentials
import HTTPServer
import TextTools

/// A rate limit per account with a fixed window, which is 300 seconds on the real Hub (hub-api.md
/// 8.3).
actor RateLimit {
    private let quota: Int
    /// The length of the window in seconds.
    private let length: Int
    private var window = 0
    private var used: [String: Int] = [:]

    init(quota: Int, window: Duration = .seconds(300)) {
        (self.quota, length) = (quota, Int(max(1, window.components.seconds)))
    }

    /// Counts a request and returns the `RateLimit` headers of its response.
    func count(_ account: String, bucket: String) -> (fields: HTTPFields, isOver: Bool) {
        let now = Int(Date().timeIntervalSince1970)
        if now / length != window { (window, used) = (now / length, [:]) }
        used["\(bucket) \(account)", default: 0] += 1
        let remaining = quota - used["\(bucket) \(account)", default: 0]
        let fields: HTTPFields = [
            "RateLimit": "\"\(bucket)\";r=\(max(remaining, 0));t=\(length - now % length)",
            "RateLimit-Policy": "\"fixed window\";\"\(bucket)\";q=\(quota);w=\(length)",
        ]
        return (fields, remaining < 0)
    }
}
