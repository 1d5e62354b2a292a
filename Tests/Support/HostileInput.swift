import Foundation

/// Generated input for parsers, the same in every run.
///
/// `SPACESYNC_INPUTS=N` sets how many inputs each parser gets, however long that takes; `SPACESYNC_FULL=1` means 10,000.
/// Without them a parser gets what it reads within a tenth of a second.
package enum HostileInput {
    /// How many inputs each parser gets; nil for a sample.
    package static let count: Int? = {
        let environment = ProcessInfo.processInfo.environment
        if let count = environment["SPACESYNC_INPUTS"].flatMap({ Int($0) }) { return count }
        return environment["SPACESYNC_FULL"] == nil ? nil : 10_000
    }()

    /// Seconds of processor time after which a sample ends.
    package static let sampleTime = 0.1

    /// Texts that are put together of a grammar's pieces, with bytes that belong nowhere now and then.
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

    /// How the processor time grows from an input to one of twice the length: 2 for linear, 4 for quadratic. The best
    /// of a few measurements, as other programs share the machine.
    package static func growth(_ make: (Int) -> [UInt8], of size: Int, _ parse: ([UInt8]) -> Void) -> Double {
        var size = size
        let whole = [make(size), make(size * 2)]
        // What is over at once says nothing: longer inputs then.
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

    /// Seconds of this thread.
    private static func time(_ parse: ([UInt8]) -> Void, _ input: [UInt8]) -> Double {
        let start = now
        parse(input)
        return now - start
    }

    /// Processor time of this thread, in seconds.
    package static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Numbers that are the same in every run (xorshift64*).
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

/// A parser as the property tests see it: what its inputs are made of, and a run of it.
package struct HostileParser: Sendable, CustomStringConvertible {
    package let name: String
    package let pieces: [String]
    package let parse: @Sendable ([UInt8]) -> Void

    package init(_ name: String, _ pieces: [String], _ parse: @escaping @Sendable ([UInt8]) -> Void) {
        (self.name, self.pieces, self.parse) = (name, pieces, parse)
    }

    package var description: String { name }

    /// No input ends the process; that it returns is all there is to see.
    package func run() { HostileInput.texts(of: pieces, parse) }

    /// The worst growth, over inputs that repeat one piece and inputs that repeat two of them.
    package func growth(of size: Int = 100) -> (ratio: Double, input: String) {
        var worst = (ratio: 0.0, input: "")
        let start = HostileInput.now
        // Another piece first for each parser; a sample does not reach all of them.
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
