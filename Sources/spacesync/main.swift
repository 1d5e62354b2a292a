internal import CSystem
import Console
import Foundation

// A pipe that nobody reads any more must not end a deploy.
signal(SIGPIPE, SIG_IGN)
// One for each thread held 50 MB more, of trees of 100,000 files.
spacesync_keep_one_heap()
let code = await Console.run(Array(CommandLine.arguments.dropFirst()), in: .process())
exit(Int32(code))
