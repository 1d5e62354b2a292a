/// A client that sends probe requests to the running app.
package protocol HTTPProber: Sendable {
    /// Sends one request. Credentials are sent only to the app's own origin. A redirect to another
    /// origin is not followed but returned as the response.
    /// - Throws: `DeployError` of kind `tryLater` if there is no response.
    func send(_ request: ProbeRequest) async throws(DeployError) -> ProbeResponse
    /// Whether the settings name a credential that is sent to the app.
    var hasCredential: Bool { get }
}

/// The HTTP request of a probe.
package struct ProbeRequest: Hashable, Sendable {
    package var method: String
    /// The app's base URL, as reported by the Hub, to which `path` is appended.
    package var app: String
    package var path: String
    package var body: [UInt8]?
    /// Whether the expected response is a redirect, so that redirects are not followed.
    package var wantsRedirect: Bool

    package init(method: String, app: String, path: String, body: [UInt8]? = nil, wantsRedirect: Bool) {
        (self.method, self.app, self.path, self.body, self.wantsRedirect) = (
            method, app, path, body, wantsRedirect
        )
    }

    package var url: String { app + path }
}

/// The HTTP response to a probe.
package struct ProbeResponse: Hashable, Sendable {
    package var status: Int
    /// The first MiB of the body, unmodified.
    package var body: [UInt8]
    /// The first line of the body for display, without the credentials that were sent.
    package var firstLine: String
    /// The value of the `Location` header; `nil` if there is none.
    package var location: String?

    package init(status: Int, body: [UInt8], firstLine: String = "", location: String? = nil) {
        (self.status, self.body, self.firstLine, self.location) = (status, body, firstLine, location)
    }

    package func contains(_ text: String) -> Bool {
        let needle = Array(text.utf8)
        guard let first = needle.first, needle.count <= body.count else { return false }
        for start in 0...(body.count - needle.count) where body[start] == first {
            if body[start..<start + needle.count].elementsEqual(needle) { return true }
        }
        return false
    }
}
