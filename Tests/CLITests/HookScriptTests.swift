import Foundation
import TestSupport
import Testing

@testable import CLI

/// Tests for the script of the `post-receive` hook.
struct HookScriptTests {
    @Test func `the hook script in the package is the installed one`() throws {
        let shipped = PackageRoot.url.appending(path: "hooks/post-receive")
        #expect(try String(contentsOf: shipped, encoding: .utf8) == HookScript().text)
        #expect(FileManager.default.isExecutableFile(atPath: shipped.path))
    }

    @Test(arguments: ["/usr/local/bin/spacesync", "/opt/it's here/spacesync", "/a\"b$c`d/spacesync"])
    func `a script is parsed back unchanged`(binary: String) {
        let script = HookScript(binary: binary, other: "post-receive.before-spacesync")
        #expect(HookScript(reading: script.text) == script)
    }

    @Test func `a hook of another tool is not recognised as a spacesync hook`() {
        #expect(HookScript(reading: "#!/bin/sh\n# calls spacesync hook run\nspacesync hook run\n") == nil)
    }
}
