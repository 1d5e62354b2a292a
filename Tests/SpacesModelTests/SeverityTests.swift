import SpacesModel
import Testing

/// The order in which one exit code stands for several targets (design 6).
struct SeverityTests {
    private typealias Kind = DeployError.Kind

    @Test func `every kind has one place in the order of severity`() {
        #expect(Kind.bySeverity.count == Kind.allCases.count)
        #expect(Set(Kind.bySeverity) == Set(Kind.allCases))
        #expect(Kind.bySeverity.map(\.exitCode) == [130, 1, 2, 3, 5, 4, 6, 7, 9, 8, 75])
    }

    @Test func `the most severe kind decides`() {
        #expect(Kind.mostSevere(of: [.tryLater, .blocked, .refused, .timedOut]) == .refused)
        #expect(Kind.mostSevere(of: [Kind]()) == nil)
        #expect(Kind.mostSevere(of: [0, 75, 8, 0]) == 8)
        #expect(Kind.mostSevere(of: [0, 0]) == 0)
    }
}
