import Foundation
import TestSupport
import Testing

/// Errors in a settings file are reported with their line, and missing settings are not guessed.
struct SettingsFileTests {
    private func scene(_ settings: String) async throws -> (Scene, Repository) {
        let scene = try await Scene()
        let source = try await scene.source()
        try source.write([".spacesync": settings])
        return (scene, source)
    }

    @Test func `an error has its line, and an uncommitted settings file is reported once`() async throws {
        let (scene, source) = try await scene(
            "[space \"me/demo\"]\n\tsdk = docker\n\tbrnch = main\n[spaces \"me/z\"]\n\tsdk = x\n")
        let pushed = try await scene.spacesync("push", in: source.url)
        #expect(pushed.status == 3, "\(pushed)")
        #expect(pushed.err.contains("       .spacesync:3: brnch = main: unknown key"), "\(pushed)")
        #expect(pushed.err.contains(".spacesync:5: [spaces \"me/z\"]: unknown section"), "\(pushed)")
        #expect(pushed.err.contains("did you mean [space]?"), "\(pushed)")
        try source.write([".spacesync": "[space \"me/demo\"]\n\tsdk = docker\n\tmanual\n"])
        let plan = try await scene.spacesync("plan", "me/demo", "-v", in: source.url)
        #expect(plan.err.components(separatedBy: "using your uncommitted .spacesync").count == 2, "\(plan)")
        #expect(plan.err.contains("sdk = docker  (.spacesync:2)"), "\(plan)")
        let unnamed = try await scene.spacesync("push", in: source.url)
        #expect(unnamed.status == 2 && unnamed.err.contains("me/demo is manual"), "\(unnamed)")
        #expect(unnamed.err.contains("spacesync push me/demo\n"), "\(unnamed)")
    }

    @Test func `an unclosed quote is an error`() async throws {
        let (scene, source) = try await scene("[space \"me/demo\"]\n\texclude = \"docs\n")
        let pushed = try await scene.spacesync("push", in: source.url)
        #expect(pushed.status == 3 && pushed.err.contains(".spacesync:2: "), "\(pushed)")
    }

    @Test func `a missing Space gets the suggestion of a similar one in the settings`() async throws {
        let (scene, source) = try await scene("[space \"me/web\"]\n\tsdk = docker\n")
        let pushed = try await scene.spacesync("push", "me/wbe", in: source.url)
        #expect(pushed.status == 6, "\(pushed)")
        #expect(pushed.err.contains("hint: did you mean me/web (from .spacesync)?\n"), "\(pushed)")
        #expect(pushed.err.contains("spacesync push me/wbe --create\n"), "\(pushed)")
        let checked = try await scene.spacesync("check", "me/wbe", in: source.url)
        #expect(checked.status == 0 && checked.err.contains("me/wbe is not in the settings"), "\(checked)")
        let short = try await scene.spacesync("push", "web", "--create", "--no-wait", in: source.url)
        #expect(short.status == 0 && short.out.contains("me-web."), "\(short)")
    }
}
