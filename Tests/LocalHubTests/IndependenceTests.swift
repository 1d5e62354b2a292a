import Deploy
import Testing

@testable import FrontMatter
@testable import LocalHub
@testable import SpacesModel

/// The local Hub checks the deployer, so it has rules of its own: they must agree.
struct IndependenceTests {
    @Test func `both know the same licences`() {
        #expect(CardRules.licenses == Card.licenses)
        #expect(Set(CardRules.licenses).count == CardRules.licenses.count)
    }

    @Test func `both accept the same names of Spaces`() {
        let parts = [
            "a", "me", "a-b", "a.b", "a_b", "_a", "a_", "-a", "a-", ".a", "a.", "a--b", "a..b", "a-.b",
            "a.-b", "a.git",
            "a.GIT", "", "a b", "é", "a/b", "A9", String(repeating: "a", count: 96),
            String(repeating: "a", count: 97),
        ]
        for part in parts {
            #expect(
                (HubSpaceName(owner: part, name: "x") == nil) == (SpaceID(owner: part, name: "x") == nil),
                "\(part)")
            #expect(
                (HubSpaceName(owner: "x", name: part) == nil) == (SpaceID(owner: "x", name: part) == nil),
                "\(part)")
        }
        for text in ["me/web", "spaces/me/web", "me", "me/web/x", "spaces/me", "", "/", "//me//web"] {
            #expect(HubSpaceName(text)?.description == SpaceID(text)?.description, "\(text)")
        }
    }
}
