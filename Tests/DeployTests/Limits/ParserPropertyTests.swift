import TestSupport
import Testing

/// Properties of every parser for arbitrary input (see `HostileInput`; `SPACESYNC_INPUTS` sets the
/// counts).
struct ParserPropertyTests {
    @Test(arguments: DeployParsers.all) func `no input crashes the process`(_ parser: HostileParser) {
        parser.run()
    }

    @Test(arguments: DeployParsers.all)
    func `twice the input takes at most about twice the time`(_ parser: HostileParser) {
        let worst = parser.growth()
        #expect(worst.ratio < 3.4, "\(parser): \(worst.ratio) for \(worst.input.debugDescription) repeated")
    }
}
