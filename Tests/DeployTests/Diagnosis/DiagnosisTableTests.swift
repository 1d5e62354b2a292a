import Testing

@testable import BuildDiagnosis
@testable import SpacesModel

/// The table of causes against what people met in public.
struct DiagnosisTableTests {
    let space: SpaceID

    init() throws { space = try #require(SpaceID("me/app")) }

    @Test(
        arguments: Excerpt.known + Excerpt.knownMore + Excerpt.knownLast + Excerpt.services + Excerpt.starts)
    func `the cause of a failure is told, with what the log names`(_ excerpt: Excerpt) {
        let diagnosis = excerpt.diagnosis(in: space)
        #expect(excerpt.causes.contains(diagnosis.cause), "\(diagnosis)")
        for name in excerpt.names { #expect(diagnosis.hint.contains(name)) }
        #expect(diagnosis.isPlatformError == (diagnosis.cause == .platform || diagnosis.cause == .scheduling))
        #expect(!diagnosis.hint.isEmpty)
    }

    /// Set aside before the table was written, and run when it was done: 32 of 33. The table was not bent to the miss
    /// (number 87: the log tells of a wrong port and of a wrong address, and the port is told first).
    @Test func `of the excerpts set aside all but one are told rightly`() {
        #expect(hits(in: Excerpt.setAside).count >= 32)
    }

    /// Looked for after the table was done: 18 of 19 when it was first run (the miss, number 105, has a clue now).
    @Test func `of the excerpts found later nearly all are told rightly`() {
        #expect(hits(in: Excerpt.fresh).count >= 18)
    }

    /// Looked for after the clues of services, hashes, syntax, modules and nginx: 49 of 55 when it was first run, one of
    /// the six misses with a wrong cause (320). The misses have clues now, and three hints that hit were bettered.
    @Test func `of the excerpts looked for later all are told rightly by now`() {
        let later = Excerpt.later + Excerpt.laterNext + Excerpt.laterMore
        for miss in later where !miss.isHit(by: miss.diagnosis(in: space)) {
            Issue.record("\(miss.testDescription)")
        }
    }

    /// A wrong cause costs more than none.
    @Test func `where the cause is not known none is told`() {
        for excerpt in Excerpt.setAside + Excerpt.fresh + Excerpt.later + Excerpt.laterNext
            + Excerpt.laterMore
        where excerpt.causes == [nil] {
            #expect(excerpt.diagnosis(in: space).cause == nil, "\(excerpt.testDescription)")
        }
    }

    private func hits(in excerpts: [Excerpt]) -> [Excerpt] {
        excerpts.filter { $0.isHit(by: $0.diagnosis(in: space)) }
    }
}
