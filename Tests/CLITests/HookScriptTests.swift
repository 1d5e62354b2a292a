import Foundation
import TestSupport
import Testing

@testable import CLI

/// The hook as a text.
struct HookScriptTests {
    @Test func `the hook to be copied is the one that is installed`() throws {
        let shipped = PackageRoot.url.appending(path: "hooks/post-receive")
        #expect(try String(contentsOf: shipped, encoding: .utf8) == HookScript().text)
        #expect(FileManager.default.isExecutableFile(atPath: shipped.path))
    }

    @Test(arguments: ["/usr/local/bin/spacesync", "/opt/it's here/spacesync", "/a\"b$c`d/spacesync"])
    func `a script is read back as it was written`(binary: String) {
        let script = HookScript(binary: binary, other: "post-receive.before-spacesync")
        #expect(HookScript(reading: script.text) == script)
    }

    @Test func `another's hook is none of ours`() {
        #expect(HookScript(reading: "#!/bin/sh\n# calls spacesync hook run\nspacesync hook run\n") == nil)
    }
}
