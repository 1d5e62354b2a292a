import Essentials

/// A call of the system that failed, with the system's words.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package var call: String
    package var code: Int32

    /// Reads `errno` in the frame of the call.
    init(_ call: String, code: Int32 = errno) { (self.call, self.code) = (call, code) }

    package var description: String { "\(call): \(String(cString: strerror(code)))" }
}
