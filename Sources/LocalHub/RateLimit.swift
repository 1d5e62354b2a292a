import Essentials
import HTTPServer
import TextTools

/// Fixed windows, of 300 seconds at the real Hub, for each account (section 8.3 of the facts).
actor RateLimit {
    private let quota: Int
    private let length: Int
    private var window = 0
    private var used: [String: Int] = [:]

    init(quota: Int, window: Duration = .seconds(300)) {
        (self.quota, length) = (quota, Int(max(1, window.components.seconds)))
    }

    /// Counts a request, and gives the headers that every answer carries.
    func count(_ account: String, bucket: String) -> (fields: HTTPFields, isOver: Bool) {
        let now = Int(Date().timeIntervalSince1970)
        if now / length != window { (window, used) = (now / length, [:]) }
        used["\(bucket) \(account)", default: 0] += 1
        let left = quota - used["\(bucket) \(account)", default: 0]
        let fields: HTTPFields = [
            "RateLimit": "\"\(bucket)\";r=\(max(left, 0));t=\(length - now % length)",
            "RateLimit-Policy": "\"fixed window\";\"\(bucket)\";q=\(quota);w=\(length)",
        ]
        return (fields, left < 0)
    }
}
