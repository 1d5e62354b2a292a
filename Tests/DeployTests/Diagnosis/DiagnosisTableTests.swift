import Testing

@testable import Deploy

/// The table of causes against what people met in public.
struct DiagnosisTableTests {
    let space: SpaceID

    init() throws { space = try #require(SpaceID("me/app")) }

    @Test(arguments: Excerpt.known + Excerpt.knownMore)
    func `the cause of a failure is told, with what the log names`(_ excerpt: Excerpt) {
        let diagnosis = excerpt.diagnosis(in: space)
        #expect(excerpt.causes.contains(diagnosis.cause), "\(diagnosis)")
        for name in excerpt.names { #expect(diagnosis.hint.contains(name)) }
        #expect(diagnosis.isPlatformFault == (diagnosis.cause == .platform || diagnosis.cause == .scheduling))
        #expect(!diagnosis.hint.isEmpty)
    }

    /// Set aside before the table was written, and looked at once when it was done.
    @Test func `of the excerpts set aside most are told rightly`() {
        let hits = Excerpt.setAside.filter { $0.isHit(by: $0.diagnosis(in: space)) }
        for miss in Excerpt.setAside where !hits.contains(where: { $0.number == miss.number }) {
            print("MISS", miss.number, miss.link, miss.causes, miss.names, miss.diagnosis(in: space))
        }
        print("HITS", hits.count, "of", Excerpt.setAside.count)
    }
}
