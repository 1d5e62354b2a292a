/// Asks the app itself, at its own address.
package protocol HTTPProber: Sendable {
    /// One exchange. Whatever proves who asks goes to the app's own origin alone; a redirect elsewhere is the answer.
    /// - Throws: kind `tryLater` where no answer came.
    func send(_ request: ProbeRequest) async throws(DeployError) -> ProbeResponse
    /// Whether the app is given a credential that the settings name.
    var hasCredential: Bool { get }
}

package struct ProbeRequest: Hashable, Sendable {
    package var method: String
    /// The app's own address, as the Hub says it, and a path below it.
    package var app: String
    package var path: String
    package var body: [UInt8]?
    /// A redirect is what is asked for: it is not followed.
    package var wantsRedirect: Bool

    package init(method: String, app: String, path: String, body: [UInt8]? = nil, wantsRedirect: Bool) {
        (self.method, self.app, self.path, self.body, self.wantsRedirect) = (
            method, app, path, body, wantsRedirect
        )
    }

    package var url: String { app + path }
}

package struct ProbeResponse: Hashable, Sendable {
    package var status: Int
    /// Its first MiB, as it came.
    package var body: [UInt8]
    /// The first line of the body without what was sent as a credential, for people.
    package var firstLine: String
    /// Where it points.
    package var location: String?

    package init(status: Int, body: [UInt8], firstLine: String = "", location: String? = nil) {
        (self.status, self.body, self.firstLine, self.location) = (status, body, firstLine, location)
    }

    package func contains(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first, wanted.count <= body.count else { return false }
        for start in 0...(body.count - wanted.count) where body[start] == first {
            if body[start..<start + wanted.count].elementsEqual(wanted) { return true }
        }
        return false
    }
}
