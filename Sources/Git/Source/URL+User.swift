import Foundation
import HTTP

extension URL {
    /// The same address without user and password.
    var withoutUser: URL {
        var parts = URLComponents(url: self, resolvingAgainstBaseURL: false)
        parts?.user = nil
        parts?.password = nil
        let text = (parts?.url ?? self).absoluteString
        return URL(string: text.hasSuffix("/") ? String(text.dropLast()) : text) ?? self
    }

    /// What was written into the address, as some services hand it out.
    var userAuthorization: Authorization? {
        guard let user, let secret = Secret(password?.removingPercentEncoding ?? user) else { return nil }
        return .basic(user: password == nil ? "x-access-token" : user, password: secret)
    }
}
