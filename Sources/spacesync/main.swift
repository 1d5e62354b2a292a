import CLI
internal import CSystem
import Essentials

// A pipe that nobody reads any more must not end a deploy.
signal(SIGPIPE, SIG_IGN)
// A file that reaches the size limit of this process (ulimit -f) is an error of its write (EFBIG).
signal(SIGXFSZ, SIG_IGN)
// Where whoever started this process ignores it, a child's exit status would be lost (waitpid(2)).
signal(SIGCHLD, SIG_DFL)
// One for each thread held 50 MB more, of trees of 100,000 files.
spacesync_keep_one_heap()
let code = await CommandLineTool.run(Array(CommandLine.arguments.dropFirst()), in: .process())
exit(Int32(code))
