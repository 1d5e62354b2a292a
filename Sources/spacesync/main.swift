import Console
import Foundation

// A pipe that nobody reads any more must not end a deploy.
signal(SIGPIPE, SIG_IGN)
let code = await Console.run(Array(CommandLine.arguments.dropFirst()), in: .process())
exit(Int32(code))
