import TextTools

/// The JSON form of an instruction. BuildKit reads text that is not JSON as a shell command; JSON
/// other than an array of strings is an error.
enum DockerJSON: Hashable, Sendable {
    case strings([String])
    case otherValues
    case none

    init(_ text: ArraySlice<UInt8>) {
        guard text.first == UInt8(ascii: "[") else {
            self = .none
            return
        }
        guard case .array(let items) = JSON(Array(text)) else {
            self = .none
            return
        }
        let strings = items.compactMap(\.string)
        self = strings.count == items.count ? .strings(strings) : .otherValues
    }
}
