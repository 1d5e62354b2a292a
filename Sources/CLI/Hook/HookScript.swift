/// The hook script: Git runs it, and it finds the binary even if PATH is not set.
struct HookScript: Hashable, Sendable {
    /// The path of the binary when the hook was written.
    var binary = ""
    /// The name of the saved hook next to this one, which is called first; empty if there is none.
    var other = ""
    /// The version of spacesync that wrote the hook.
    var version = CommandLineTool.version

    init(binary: String = "", other: String = "") { (self.binary, self.other) = (binary, other) }

    private static let mark = "# spacesync hook, written by spacesync "
    /// A line of the hook that was installed by hand before `hook install` existed.
    private static let earlierMark = "# Deploys the pushed branches that a Space is bound to."

    /// Returns `nil` for a hook not written by spacesync.
    init?(reading text: String) {
        let lines = text.split(separator: "\n")
        guard let head = lines.first(where: { $0.hasPrefix(Self.mark) }) else {
            guard lines.contains(where: { $0.hasPrefix(Self.earlierMark) }) else { return nil }
            version = "an earlier one"
            return
        }
        version = String(head.dropFirst(Self.mark.count).prefix { $0 != ":" })
        binary = Self.value(of: "binary", in: lines)
        other = Self.value(of: "other", in: lines)
    }

    private static func value(of name: String, in lines: [Substring]) -> String {
        guard let line = lines.first(where: { $0.hasPrefix(name + "='") && $0.hasSuffix("'") }) else {
            return ""
        }
        return String(line.dropFirst(name.count + 2).dropLast()).replacing(#"'\''"#, with: "'")
    }

    private static func assigned(_ value: String) -> String {
        "'" + value.replacing("'", with: #"'\''"#) + "'"
    }

    /// The script, for any POSIX shell.
    var text: String {
        #"""
        #!/bin/sh
        \#(Self.mark)\#(version): deploys the pushed branches that a Space is bound to.
        # `spacesync hook install` puts it into a repository, `hook status` tells what it does there, and `hook uninstall`
        # takes it out. By hand: copy it into a bare repository's hooks/ and bind a branch in the repository's configuration:
        #
        #   git config space.owner/name.branch webai2hf:main
        #
        # A deploy that fails never makes the push fail: it has been received by the time this runs.
        binary=\#(Self.assigned(binary))
        other=\#(Self.assigned(other))
        refs=$(cat)
        status=0
        if [ -n "$other" ] && [ -x "$(dirname "$0")/$other" ]; then
          printf '%s\n' "$refs" | "$(dirname "$0")/$other" "$@"
          status=$?
        fi
        if [ ! -x "$binary" ]; then
          recorded=$binary
          home=${HOME:-$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6)}
          PATH="${PATH:-/usr/bin:/bin}:$home/.local/bin:/usr/local/bin"
          binary=$(command -v spacesync)
        fi
        if [ -n "$binary" ]; then
          printf '%s\n' "$refs" | "$binary" hook run
        else
          echo "-----> spacesync is not on the PATH of this server ($PATH)${recorded:+, nor at $recorded}: nothing was deployed" >&2
        fi
        exit $status

        """#
    }
}
