import Essentials
import TextTools

extension JSON {
    /// Parses JSON; `nil` if the bytes are not JSON or exceed `JSONLimit`.
    package init?(_ data: Data) { self.init(Array(data)) }

    package static func read(_ data: Data) throws(JSON.ParseError) -> JSON { try parse(Array(data)) }

    /// Returns a line that describes the limit that the JSON exceeds; empty if it is within the limits,
    /// or not JSON.
    package static func exceededLimits(of data: Data) -> [String] {
        do throws(JSON.ParseError) { _ = try read(data) } catch {
            return error.exceededLimit.map { ["the JSON is over a limit: \($0)"] } ?? []
        }
        return []
    }

    package var data: Data { Data(text.utf8) }
}
