/// The hook itself: what Git calls, and what finds the binary where no PATH is set.
struct HookScript: Hashable, Sendable {
    /// Where the binary was when the hook was written.
    var binary = ""
    /// The hook that was there before, beside this one: it is called first.
    var other = ""
    /// Of the spacesync that wrote it.
    var version = CommandLineTool.version

    init(binary: String = "", other: String = "") { (self.binary, self.other) = (binary, other) }

    private static let mark = "# spacesync hook, written by spacesync "
    /// Of the file that was copied by hand before there was `hook install`.
    private static let earlierMark = "# Deploys the pushed branches that a Space is bound to."

    /// nil for a hook that is somebody else's.
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

    /// For any POSIX shell.
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
