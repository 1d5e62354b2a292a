import Foundation

/// A generator of malformed parser input, the same in every run.
///
/// `SPACESYNC_INPUTS=N` sets the number of inputs for each parser, without a time limit;
/// `SPACESYNC_FULL=1` means 10,000. Without these variables a parser gets as many inputs as it reads
/// in 0.1 s.
package enum HostileInput {
    /// The number of inputs for each parser; `nil` if a sample limited by time is enough.
    package static let count: Int? = {
        let environment = ProcessInfo.processInfo.environment
        if let count = environment["SPACESYNC_INPUTS"].flatMap({ Int($0) }) { return count }
        return environment["SPACESYNC_FULL"] == nil ? nil : 10_000
    }()

    /// The time limit of a sample, in seconds of processor time.
    package static let sampleTime = 0.1

    /// Generates texts of random tokens of a grammar, with random bytes in between, and passes them
    /// to `body`.
    package static func texts(
        of pieces: [String], seed: UInt64 = 17, _ body: ([UInt8]) -> Void
    ) {
        var random = SeededRandom(state: seed)
        let start = now
        let bytes = pieces.map { Array($0.utf8) }
        for _ in 0..<(count ?? 1_000) {
            if count == nil, now - start > sampleTime { return }
            var text: [UInt8] = []
            for _ in 0..<Int(random.next() % 40) {
                switch random.next() % 12 {
                case 0: text.append(UInt8(truncatingIfNeeded: random.next() >> 8))
                case 1:
                    let piece = bytes[Int(random.next() % UInt64(bytes.count))]
                    for _ in 0..<Int(random.next() % 200) { text += piece }
                default: text += bytes[Int(random.next() % UInt64(bytes.count))]
                }
            }
            body(text)
        }
    }

    /// Returns the ratio of the processor times for an input of twice the length and for the input: 2
    /// for linear, 4 for quadratic growth. It is the best of a few measurements, because other
    /// programs share the machine.
    package static func growth(_ make: (Int) -> [UInt8], of size: Int, _ parse: ([UInt8]) -> Void) -> Double {
        var size = size
        let whole = [make(size), make(size * 2)]
        // Times under 2 ms are too short to compare: the inputs are made longer.
        var (single, double) = (time(parse, whole[0]), time(parse, whole[1]))
        while double < 0.002, size < 1 << 14 {
            size *= 4
            (single, double) = (time(parse, make(size)), time(parse, make(size * 2)))
        }
        guard double >= 0.002 else { return 1 }
        var best = double / max(single, 1e-9)
        for _ in 0..<4 where best > 3 {
            (single, double) = (time(parse, make(size)), time(parse, make(size * 2)))
            best = min(best, double / max(single, 1e-9))
        }
        return best
    }

    /// Returns the processor time that parsing takes on this thread, in seconds.
    private static func time(_ parse: ([UInt8]) -> Void, _ input: [UInt8]) -> Double {
        let start = now
        parse(input)
        return now - start
    }

    /// The processor time of this thread so far, in seconds.
    package static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// A random number generator with a given seed: the same numbers in every run (xorshift64*).
package struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 2_685_821_657_736_338_717
    }
}

/// A parser under test: the tokens that its inputs consist of, and a function that parses one input.
package struct HostileParser: Sendable, CustomStringConvertible {
    package let name: String
    package let pieces: [String]
    package let parse: @Sendable ([UInt8]) -> Void

    package init(_ name: String, _ pieces: [String], _ parse: @escaping @Sendable ([UInt8]) -> Void) {
        (self.name, self.pieces, self.parse) = (name, pieces, parse)
    }

    package var description: String { name }

    /// Parses generated inputs. The test passes if no input crashes the process.
    package func run() { HostileInput.texts(of: pieces, parse) }

    /// Returns the worst growth ratio of inputs that repeat one token or two tokens, and the repeated
    /// text.
    package func growth(of size: Int = 100) -> (ratio: Double, input: String) {
        var worst = (ratio: 0.0, input: "")
        let start = HostileInput.now
        // Each parser starts with a different token, because a sample does not reach all tokens.
        let first = name.utf8.count % pieces.count
        for offset in pieces.indices {
            let index = (first + offset) % pieces.count
            let piece = pieces[index]
            for other in ["", pieces[(index * 7 + 3) % pieces.count]] {
                if HostileInput.count == nil, HostileInput.now - start > 2 * HostileInput.sampleTime {
                    return worst
                }
                let unit = Array((piece + other).utf8)
                let ratio = HostileInput.growth(
                    { Array(repeatElement(unit, count: $0).joined()) }, of: size, parse)
                if ratio > worst.ratio { worst = (ratio, piece + other) }
            }
        }
        return worst
    }
}
