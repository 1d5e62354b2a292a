import Essentials
import HTTP
import Reporting
import SpacesModel

/// The program: takes a command line apart, runs the command, and says how it ended.
package enum Console {
    package static let version = "0.1.0"

    /// Runs one command line (without the program's name) and returns its exit code.
    package static func run(_ line: [String], in world: World) async -> Int {
        let actions = Actions(line, world)
        let world = actions?.world ?? world
        let voice = Self.voice(for: line, world, actions)
        do {
            let code = try await start(line, world, voice)
            voice.finish()
            if code == 0, let trouble = world.out.unwritten, line.first != Command.hook.name {
                // Not through the voice: with --json it writes to the same full disk.
                let failure = Self.cutOff(trouble)
                world.err.write("error: \(failure.message)\nhint: \(failure.hint ?? "")\n")
                return Failure.Kind.tryLater.exitCode
            }
            return code
        } catch {
            voice.fail(error)
            voice.finish()
            return error.kind.exitCode
        }
    }

    private static func start(_ line: [String], _ world: World, _ voice: any Voice) async throws(Failure)
        -> Int
    {
        if line.first == "--version" || line.first == "version" {
            world.out.write("spacesync \(version)\n")
            return 0
        }
        guard let first = line.first(where: { !$0.hasPrefix("-") }) ?? line.first(where: isHelp) else {
            return try await withoutCommand(line, world, voice)
        }
        let command = isHelp(first) ? Command.help : try Command.find(first)
        var rest = line
        if let index = line.firstIndex(of: first) { rest.remove(at: index) }
        if rest.contains(where: isHelp), command.name != "help" {
            world.out.write(HelpText.of(command))
            return 0
        }
        let arguments = try Arguments(rest.filter { !isHelp($0) }, flags: command.allFlags)
        try arguments.refuseTokens(of: command.name)
        let invocation = Invocation(command: command, arguments: arguments, world: world, voice: voice)
        return try await Interruption.guarding(hangsUp: !arguments.has(.every) && PassLink(world).role == nil)
        { () async throws(Failure) in
            try await command.run(invocation)
        }
    }

    private static func cutOff(_ trouble: FileTrouble) -> Failure {
        Failure(
            .tryLater, "standard output cannot be written: \(trouble.words)",
            hint: "the command itself succeeded; free space there, and run it again for its result")
    }

    private static func isHelp(_ word: String) -> Bool { word == "--help" || word == "-h" }

    private static func withoutCommand(
        _ line: [String], _ world: World, _ voice: any Voice
    ) async throws(Failure) -> Int {
        if let flag = line.first {
            throw Failure(.usage, "no command before \(flag)", hint: "see spacesync help")
        }
        world.err.write(HelpText.overview)
        return Failure.Kind.usage.exitCode
    }

    /// JSON or text, decided before the command line is taken apart, so that even a wrong one is answered in kind.
    static func voice(for line: [String], _ world: World, _ actions: Actions? = nil) -> any Voice {
        let isQuiet = line.contains("--quiet") || line.contains("-q")
        if line.contains("--json") {
            let voice = JSONVoice(out: world.out, err: world.err)
            return Chorus(actions?.voice(voice, isQuiet: isQuiet) ?? voice, keepsEvents: false)
        }
        let isVerbose = line.contains("--verbose") || line.contains("-v")
        let wantsColor = world["NO_COLOR"] == nil && !line.contains("--no-color") && world["TERM"] != "dumb"
        let voice = TextVoice(
            out: world.out, err: world.err, color: wantsColor,
            verbosity: isQuiet ? .quiet : isVerbose ? .verbose : .normal)
        return Chorus(actions?.voice(voice, isQuiet: isQuiet) ?? voice)
    }
}
