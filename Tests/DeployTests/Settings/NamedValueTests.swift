import Testing

@testable import DeploySettings
@testable import SpacesModel

struct NamedValueTests {
    @Test(arguments: [
        ("MODE=fast", NamedValue("MODE", at: .literal("fast"))),
        ("MODE=", NamedValue("MODE", at: .literal(""))),
        ("MODE=a=b", NamedValue("MODE", at: .literal("a=b"))),
        ("MODE=env:X_1", NamedValue("MODE", at: .environment("X_1"))),
        ("MODE=env:not a name", NamedValue("MODE", at: .literal("env:not a name"))),
        ("MODE=file:~/mode", NamedValue("MODE", at: .file("~/mode"))),
        ("MODE=-", NamedValue("MODE", at: .input)),
        ("MODE", NamedValue("MODE", at: .environment("MODE"))),
        ("MODE?", NamedValue("MODE", at: .environment("MODE"), isOptional: true)),
        ("MODE?=file:m", NamedValue("MODE", at: .file("m"), isOptional: true)),
    ])
    func `a variable says where its value is`(text: String, expected: NamedValue) throws {
        #expect(try NamedValue(text, isSecret: false) == expected)
    }

    @Test func `a secret with its value written out is refused, and not shown`() {
        let error = #expect(throws: Failure.self) { try NamedValue("KEY=sesame", isSecret: true) }
        #expect(error?.kind == .settings)
        #expect(error.map { "\($0)".contains("sesame") } == false)
        #expect(throws: Failure.self) { try NamedValue("KEY=env:a b", isSecret: true) }
    }

    @Test(arguments: ["", "=x", "1A=x", "A-B=x", "_A=x", "ä=x", "?", "A??"])
    func `what the Hub takes for no name is none`(text: String) {
        #expect(throws: Failure.self) { try NamedValue(text, isSecret: false) }
    }
}
