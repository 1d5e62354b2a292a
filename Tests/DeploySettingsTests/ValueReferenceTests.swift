import Testing

@testable import DeploySettings
@testable import SpacesModel

struct ValueReferenceTests {
    @Test(arguments: [
        ("MODE=fast", ValueReference("MODE", at: .literal("fast"))),
        ("MODE=", ValueReference("MODE", at: .literal(""))),
        ("MODE=a=b", ValueReference("MODE", at: .literal("a=b"))),
        ("MODE=env:X_1", ValueReference("MODE", at: .environment("X_1"))),
        ("MODE=env:not a name", ValueReference("MODE", at: .literal("env:not a name"))),
        ("MODE=file:~/mode", ValueReference("MODE", at: .file("~/mode"))),
        ("MODE=-", ValueReference("MODE", at: .standardInput)),
        ("MODE", ValueReference("MODE", at: .environment("MODE"))),
        ("MODE?", ValueReference("MODE", at: .environment("MODE"), isOptional: true)),
        ("MODE?=file:m", ValueReference("MODE", at: .file("m"), isOptional: true)),
    ])
    func `the location of a variable is parsed`(text: String, expected: ValueReference) throws {
        #expect(try ValueReference(text, isSecret: false) == expected)
    }

    @Test func `a secret with a literal value is rejected and not shown`() {
        let error = #expect(throws: DeployError.self) { try ValueReference("KEY=sesame", isSecret: true) }
        #expect(error?.kind == .settings)
        #expect(error.map { "\($0)".contains("sesame") } == false)
        #expect(throws: DeployError.self) { try ValueReference("KEY=env:a b", isSecret: true) }
    }

    @Test(arguments: ["", "=x", "1A=x", "A-B=x", "_A=x", "ä=x", "?", "A??"])
    func `names that the Hub does not accept are rejected`(text: String) {
        #expect(throws: DeployError.self) { try ValueReference(text, isSecret: false) }
    }
}
