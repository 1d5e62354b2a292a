import TestSupport
import Testing

/// What holds of every parser, whatever it reads (`HostileInput`: counts by `SPACESYNC_INPUTS`).
struct ParserPropertyTests {
    @Test(arguments: DeployParsers.all) func `no input ends the process`(_ parser: HostileParser) {
        parser.run()
    }

    @Test(arguments: DeployParsers.all)
    func `twice the input takes no more than about twice the time`(_ parser: HostileParser) {
        let worst = parser.growth()
        #expect(worst.ratio < 3.4, "\(parser): \(worst.ratio) for \(worst.input.debugDescription) repeated")
    }
}
