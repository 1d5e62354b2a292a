import Essentials
import TextTools

/// An HTTP response with its whole body.
package struct HTTPClientResponse: Sendable {
    package var status: Int
    package var headers: HTTPFields
    /// The URL of the response, after redirects.
    package var url: URL
    package var body: Data

    package init(status: Int, headers: HTTPFields, url: URL, body: Data) {
        (self.status, self.headers, self.url, self.body) = (status, headers, url, body)
    }

    package var isSuccess: Bool { (200..<300).contains(status) }
    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    package var text: String { String(decoding: body, as: UTF8.self) }
}
