import Testing

@testable import DockerSyntax
@testable import DockerfileTemplates
@testable import SpacesModel
@testable import TextTools

struct ImageBaseArgumentTests {
    private func setDefault(_ dockerfile: String, _ image: String = "ghcr.io/o/app:1") throws -> String {
        try BaseImageArgument.setDefault(try ImageReference(image), into: Array(dockerfile.utf8)).text
    }

    @Test(arguments: [
        ("ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n", "ARG BASE_IMAGE=ghcr.io/o/app:1\nFROM ${BASE_IMAGE}\n"),
        ("ARG BASE_IMAGE=old:1\nFROM $BASE_IMAGE\n", "ARG BASE_IMAGE=ghcr.io/o/app:1\nFROM $BASE_IMAGE\n"),
        (
            "arg BASE_IMAGE=\"old one\"\r\nfrom $BASE_IMAGE\r\n",
            "arg BASE_IMAGE=ghcr.io/o/app:1\r\nfrom $BASE_IMAGE\r\n"
        ),
        (
            "# ARG BASE_IMAGE=no\n\n  ARG\tBASE_IMAGE=x  \nFROM ${BASE_IMAGE:-y} AS z",
            "# ARG BASE_IMAGE=no\n\n  ARG\tBASE_IMAGE=ghcr.io/o/app:1  \nFROM ${BASE_IMAGE:-y} AS z"
        ),
        (
            "ARG A=1 BASE_IMAGE=x B='BASE_IMAGE=y'\nFROM $BASE_IMAGE",
            "ARG A=1 BASE_IMAGE=ghcr.io/o/app:1 B='BASE_IMAGE=y'\nFROM $BASE_IMAGE"
        ),
        (
            "ARG A=1 \\\n# BASE_IMAGE=no\n  BASE_IMAGE=x \\\n  B=2\nFROM $BASE_IMAGE\nARG BASE_IMAGE\n",
            "ARG A=1 \\\n# BASE_IMAGE=no\n  BASE_IMAGE=ghcr.io/o/app:1 \\\n  B=2\nFROM $BASE_IMAGE\nARG BASE_IMAGE\n"
        ),
        (
            "# escape=`\nARG `\n\nBASE_IMAGE=x\nFROM $BASE_IMAGE",
            "# escape=`\nARG `\n\nBASE_IMAGE=ghcr.io/o/app:1\nFROM $BASE_IMAGE"
        ),
        (
            "ARG BASE_IMAGE=a\nARG BASE_IMAGE=b\nFROM $BASE_IMAGE",
            "ARG BASE_IMAGE=ghcr.io/o/app:1\nARG BASE_IMAGE=ghcr.io/o/app:1\nFROM $BASE_IMAGE"
        ),
        (
            "ARG BASE_IMAGE_TAG=3\nARG BASE_IMAGE\nFROM node AS a\nFROM $BASE_IMAGE",
            "ARG BASE_IMAGE_TAG=3\nARG BASE_IMAGE=ghcr.io/o/app:1\nFROM node AS a\nFROM $BASE_IMAGE"
        ),
        (
            "\u{feff}ARG BASE_IMAGE\nFROM $BASE_IMAGE",
            "\u{feff}ARG BASE_IMAGE=ghcr.io/o/app:1\nFROM $BASE_IMAGE"
        ),
    ])
    func `only the default of the ARG is changed`(_ before: String, _ after: String) throws {
        #expect(Array(try setDefault(before).utf8) == Array(after.utf8))
    }

    @Test(arguments: [
        "FROM python:3\nARG BASE_IMAGE\nRUN echo $BASE_IMAGE\n", "FROM python:3\n", "ARG OTHER\nFROM x\n", "",
    ])
    func `a Dockerfile without the ARG is rejected with the lines to add`(_ dockerfile: String) {
        let failure = #expect(throws: DeployError.self) { try setDefault(dockerfile) }
        #expect(failure?.kind == .settings)
        #expect(failure?.details == ["ARG BASE_IMAGE=ghcr.io/o/app:1", "FROM ${BASE_IMAGE}"])
    }

    @Test func `an ARG that no FROM uses is rejected`() {
        let failure = #expect(throws: DeployError.self) {
            try setDefault("ARG BASE_IMAGE=x\nFROM python:3\n")
        }
        #expect(failure?.message.contains("no FROM uses the ARG BASE_IMAGE") == true)
    }

    @Test func `any Dockerfile either uses the image or is rejected`() throws {
        let pieces = [
            "ARG ", "BASE_IMAGE", "=", "x", "\"", "'", "\\", "\n", "\r\n", " ", "\t", "#", "FROM ",
            "$BASE_IMAGE", "`", "# escape=`\n",
            "A=1", "<<E", "ARG BASE_IMAGE\n", "FROM ${BASE_IMAGE}\n", "\u{feff}",
        ]
        var (seed, accepted): (UInt64, Int) = (7, 0)
        func next(_ limit: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % limit
        }
        let image = try ImageReference("ghcr.io/o/app:1")
        for _ in 0..<4_000 {
            let text = (0...next(14)).map { _ in pieces[next(pieces.count)] }.joined()
            guard let result = try? BaseImageArgument.setDefault(image, into: Array(text.utf8)) else {
                continue
            }
            accepted += 1
            #expect(Dockerfile.read(result).stages.contains { $0.base.text == image.familiar }, "\(text)")
        }
        #expect(accepted > 20)
    }
}
