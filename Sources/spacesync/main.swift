import CLI
internal import CSystem
import Essentials

// Writing to a closed pipe must not end a deploy.
signal(SIGPIPE, SIG_IGN)
// Without the signal, a write beyond the file size limit (ulimit -f) fails with EFBIG.
signal(SIGXFSZ, SIG_IGN)
// If the parent process ignores SIGCHLD, the exit status of child processes is lost (waitpid(2)).
signal(SIGCHLD, SIG_DFL)
// A heap for each thread used 50 MB more memory with trees of 100,000 files.
spacesync_keep_one_heap()
let environment = CommandEnvironment.process(build: String(cString: spacesync_build()))
let code = await CommandLineTool.run(Array(CommandLine.arguments.dropFirst()), in: environment)
exit(Int32(code))
