import Deploy
import Testing

@testable import FrontMatter
@testable import LocalHub
@testable import SpacesModel

/// Tests that the local Hub's rules agree with the deployer's. The local Hub has its own
/// implementation, because the deployer is tested against it.
struct IndependenceTests {
    @Test func `the local Hub and the deployer know the same licences`() {
        #expect(CardRules.licenses == Card.licenses)
        #expect(Set(CardRules.licenses).count == CardRules.licenses.count)
    }

    @Test func `the local Hub and the deployer accept the same names of Spaces`() {
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
