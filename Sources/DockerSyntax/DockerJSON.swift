import TextTools

/// The JSON form of an instruction. What is no JSON is a shell command to BuildKit; what is JSON but no array of strings
/// is an error.
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
