import TestSupport
import Testing

@testable import DockerSyntax

/// Tests that Dockerfiles that BuildKit accepts have no problems.
@Suite struct DockerfileGoodTests {
    static let good = [
        "FROM alpine", "from alpine\nrun true", "FROM scratch", "FROM alpine AS build",
        "FROM alpine as Build-1.x_y",
        "FROM --platform=linux/amd64 alpine", "FROM --platform=$BUILDPLATFORM golang:1.22 AS b\nFROM b",
        "FROM ghcr.io/a/b:1@sha256:0000", "FROM localhost:5000/a/b", "\u{FEFF}FROM alpine",
        "FROM alpine\r\nRUN true\r\n",
        "\n\n  # comment\n\tFROM alpine\n", "# syntax=docker/dockerfile:1\nFROM alpine",
        "#syntax = docker/dockerfile:1.7-labs\n# escape=`\n\nFROM x\nRUN a `\n b\nWORKDIR C:\\a\\b",
        "# check=skip=all;error=true\nFROM alpine", "# escape=\\\nFROM alpine\nRUN a \\\n b",
        "# title\n# escape=x\nFROM alpine",
        "# Syntax=docker/dockerfile:1\nFROM alpine", "ARG V=3\nFROM alpine:$V", "ARG V\nFROM ${V:-alpine}",
        "ARG A=1 B=2\nFROM alpine:${A}", "ARG A=alpine\nARG B=$A\nFROM ${B}\nARG A\nRUN echo $A",
        "FROM alpine\nRUN a && \\\n    b", "FROM alpine\nRUN a \\\n# note\n  b",
        "FROM alpine\nRUN a \\\n\n  b \\\n\n\n  c",
        "FROM alpine\nRUN a \\\n   # indented note \\\n  b", "FROM alpine\nRUN a \\   \n  b",
        "FROM alpine\nRUN a \\\n",
        "FROM alpine\nRUN echo 'a\\\\'", "FROM alpine\nRUN echo \\\\\nRUN b",
        "FROM alpine\nCMD [\"a\", \"b\"]",
        "FROM alpine\nCMD [ \"a\" , \"\\u00e9\\n\" ]  ", "FROM alpine\nCMD []", "FROM alpine\nCMD",
        "FROM alpine\nENTRYPOINT",
        "FROM alpine\nCMD [ -f x ] && y", "FROM alpine\nCMD ['a', 'b']", "FROM alpine\nCMD [\"a\", \"b\",]",
        "FROM alpine\nCMD [\"a\"", "FROM alpine\nRUN [\"a\"] # no comment",
        "FROM alpine\nENTRYPOINT [\"sh\", \"-c\", \"x\"]",
        "FROM alpine\nRUN <<EOF\na\nb\nEOF\nRUN c", "FROM alpine\nRUN <<-EOF\n\ta\n\tEOF",
        "FROM alpine\nRUN <<'EOF' bash\n$a\nEOF",
        "FROM alpine\nRUN <<EOF\nFROM nothing\nBOGUS\n# EOF\n EOF\nEOF",
        "FROM alpine\nCOPY <<\"EOF\" /x\nhi\nEOF",
        "FROM alpine\nCOPY <<A <<B /x/\na\nA\nb\nB\nRUN c", "FROM alpine\nCOPY --chown=1000 <<EOF /x\n\nEOF",
        "FROM alpine\nRUN cat <<EOF > /x && cat /x\na\nEOF",
        "FROM alpine\nRUN python3 <<EOF\nprint('<<A')\nEOF",
        "FROM alpine\nRUN 3<<EOF cat\na\nEOF", "FROM alpine\nRUN cat <<<hello",
        "FROM alpine\nRUN echo \"<<EOF\"",
        "FROM alpine\nRUN echo it's <<EOF", "FROM alpine\nRUN [\"<<EOF\"]", "FROM alpine\nRUN cat << EOF",
        "FROM alpine\nRUN echo $((1<<2))",
        "FROM alpine\nRUN echo \"${X^^}\" <<EOF", "FROM alpine\nRUN <<EOF\r\na\r\nEOF\r\nRUN b",
        "FROM alpine\nONBUILD RUN <<EOF\na\nEOF",
        "FROM alpine\nRUN <<EOF\na \\\nEOF\nRUN b", "FROM alpine\nRUN bash -c \"\\\n a\" <<EOF\nx\nEOF",
        "FROM alpine\nENV A=1", "FROM alpine\nENV A 1", "FROM alpine\nENV A b=c d",
        "FROM alpine\nENV A=1 B=\"x y\" C='z' D=e\\ f",
        "FROM alpine\nENV A=1 \\\n    B=2 \\\n    # why\n    C=3", "FROM alpine\nENV A=",
        "FROM alpine\nENV PATH=/a:$PATH", "FROM alpine\nENV A\t1",
        "FROM alpine\nLABEL a=b c.d=\"e f\"", "FROM alpine\nLABEL \"a b\"=c", "FROM alpine\nLABEL a b",
        "FROM alpine\nLABEL a=\"1 \\\n 2\"",
        "FROM alpine\nCOPY a b", "FROM alpine\nCOPY a b c/", "FROM alpine\nCOPY [\"a b\", \"c\"]",
        "FROM alpine\nCOPY --chown=1:1 --chmod=755 --link a b",
        "FROM alpine\nCOPY --parents ./a/./b /c", "FROM alpine\nCOPY --exclude=*.md --exclude=x . .",
        "FROM a AS b\nFROM c\nCOPY --from=b /x /y",
        "FROM a\nFROM c\nCOPY --from=0 /x /y", "FROM a\nADD https://x/y.tar /",
        "FROM a\nADD --checksum=sha256:0 --unpack=true https://x/y /",
        "FROM a\nADD --keep-git-dir=true git@github.com:a/b.git#main /x",
        "FROM a\nRUN --mount=type=cache,target=/x --network=none --security=insecure a",
        "FROM a\nRUN --mount=type=secret,id=T,mode=0444,required=true cat /run/secrets/T",
        "FROM a\nRUN --mount=type=bind,target=. \\\n --mount=type=cache,target=/y a",
        "FROM a\nRUN --device=gpu a", "FROM a\nHEALTHCHECK NONE", "FROM a\nHEALTHCHECK CMD a || exit 1",
        "FROM a\nHEALTHCHECK --interval=5m --timeout=3s \\\n  CMD curl -f x",
        "FROM a\nHEALTHCHECK --start-interval=1s --retries=0 CMD [\"a\"]", "FROM a\nhealthcheck none",
        "FROM a\nEXPOSE 80", "FROM a\nEXPOSE 80/tcp 81/udp $PORT 90-95",
        "FROM a\nUSER 1000:1000", "FROM a\nUSER user", "FROM a\nWORKDIR /a b", "FROM a\nVOLUME /a /b",
        "FROM a\nVOLUME [\"/a\"]", "FROM a\nSTOPSIGNAL 9",
        "FROM a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]", "FROM a\nMAINTAINER me <a@b>",
        "FROM a\nONBUILD COPY . /x", "FROM a\nONBUILD ADD [\"a\",\"b\"]",
        "FROM a\nARG X", "FROM a\nARG X=\nARG Y=\"a b\" Z='c'", "FROM a\nRUN   --  echo",
        "FROM a\nRUN echo --x", "FROM a\nCMD a --port 1", "FROM a AS b\nFROM b AS c\nFROM c",
        "# syntax=other/frontend\nanything: goes", "FROM a\nCOPY --from=b/c:1 /x /y",
        "FROM a\nRUN set -e; \\\n  for f in *; do \\\n    echo $f; \\\n  done",
        "FROM a\nRUN echo 'export A=\"$(cat <<X)\"'", "FROM a\nRUN if [ \"$A\" = b ]; then c; fi",
        "FROM a\nENV A=b#c", "FROM a\nCOPY ./ ./", "FROM a\nRUN a;\\\n b;\\\n c",
    ]

    @Test(arguments: good) func `a Dockerfile that BuildKit accepts has no problems`(text: String) {
        #expect(Dockerfile.read(Array(text.utf8)).problems == [])
        let windows = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        if !text.contains("\r") { #expect(Dockerfile.read(Array(windows.utf8)).problems == []) }
    }

    @Test func `random combinations of valid instructions have no problems`() {
        var random = SeededRandom(state: 20_251_004)
        let bodies = Self.good.compactMap { text -> String? in
            guard !text.hasPrefix("#"), !text.contains("\r"), let end = text.firstIndex(of: "\n") else {
                return nil
            }
            let body = text[text.index(after: end)...]
            let isComplete = !body.hasSuffix("\\\n") && !body.contains("FROM") && !body.contains("--from=")
            return text.hasPrefix("FROM a") && isComplete ? String(body) : nil
        }
        #expect(bodies.count > 80)
        for _ in 0..<400 {
            let stages = (0...Int(random.next() % 3)).map { stage in
                let count = 1 + Int(random.next() % 8)
                let lines = (0..<count).map { _ in bodies[Int(random.next() % UInt64(bodies.count))] }
                return (["FROM alpine:3 AS s\(stage)"] + lines).joined(separator: "\n")
            }
            let text = stages.joined(separator: "\n\n# next\n")
            let dockerfile = Dockerfile.read(Array(text.utf8))
            #expect(dockerfile.problems == [], "\(text)")
            #expect(dockerfile.stages.map(\.name) == stages.indices.map { "s\($0)" })
        }
    }

    @Test func `arbitrary bytes do not crash the parser`() {
        var random = SeededRandom(state: 7)
        let pieces = [
            "FROM ", "a", "\n", "\\\n", "<<E", "\"", "'", "${", "}", "[\"", "]", "COPY ", "#", "\r", "`", "$",
            "ENV ", "=", " ", "--", "\u{FEFF}",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int(random.next() % 24)).map { _ in
                pieces[Int(random.next() % UInt64(pieces.count))]
            }
            let dockerfile = Dockerfile.read(Array(text.joined().utf8))
            _ = (dockerfile.exposedPort, dockerfile.baseImages)
        }
    }
}
