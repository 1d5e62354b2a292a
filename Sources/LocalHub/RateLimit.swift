import Foundation
import Wire

/// Fixed windows of 300 seconds for each account (section 8.3 of the facts).
actor RateLimit {
    private let quota: Int
    private var window = 0
    private var used: [String: Int] = [:]

    init(quota: Int) { self.quota = quota }

    /// Counts a request, and gives the headers that every answer carries.
    func count(_ account: String, bucket: String) -> (fields: Fields, isOver: Bool) {
        let now = Int(Date().timeIntervalSince1970)
        if now / 300 != window { (window, used) = (now / 300, [:]) }
        used["\(bucket) \(account)", default: 0] += 1
        let left = quota - used["\(bucket) \(account)", default: 0]
        let fields: Fields = [
            "RateLimit": "\"\(bucket)\";r=\(max(left, 0));t=\(300 - now % 300)",
            "RateLimit-Policy": "\"fixed window\";\"\(bucket)\";q=\(quota);w=300",
        ]
        return (fields, left < 0)
    }
}
