import HubAPI
import Reporting
import SpacesModel
import TextTools

extension Command {
    static let visibility = Command(
        name: "visibility", synopsis: "SPACE [V]",
        summary: "who sees a Space, or who shall: public, private, protected",
        details: """
            protected: everybody sees the app, its owner alone the files. To show more than before needs a yes,
            and every file is searched for credentials first: the history becomes readable too.
            """,
        flags: [.yes] + Flag.verb
    ) { (invocation) async throws(Failure) in
        let words = try invocation.words(1...2, like: "visibility owner/name private")
        let wanted = words.count > 1 ? try Visibility.read(words[1], of: words[0]) : nil
        let office = try await Office(invocation, [words[0]])
        return try await Exposure(office: office, space: office.space(), wanted: wanted).run()
    }
}

/// Who sees a Space, from the fewest.
enum Visibility: String, CaseIterable, Sendable {
    case `private`, protected, `public`

    /// - Throws: kind `usage`.
    static func read(_ word: String, of space: String) throws(Failure) -> Visibility {
        if let known = Visibility(rawValue: word.lowercased()) { return known }
        let near = nearest(word, among: allCases.map(\.rawValue)) ?? "private"
        throw Failure(
            .usage, "\(word) is no visibility: write public, private or protected",
            hint: "spacesync visibility \(space) \(near)")
    }

    /// Whether somebody sees more than under `other`; nil: nobody knows what that is.
    func showsMore(than other: Visibility?) -> Bool {
        guard let other, let mine = Self.allCases.firstIndex(of: self),
            let before = Self.allCases.firstIndex(of: other)
        else { return self != .private }
        return mine > before
    }

    var meaning: String {
        switch self {
        case .private: "its owner alone sees it"
        case .protected: "everybody sees the app, its owner alone the files"
        case .public: "everybody sees its app, files, variables and history"
        }
    }
}

private struct Exposure: Sendable {
    let office: Office
    let space: SpaceID
    let wanted: Visibility?

    func run() async -> Int {
        await office.serve(space) { (hub, _) async throws(Failure) in
            let present = try await hub.visibility()
            guard let wanted, wanted.rawValue != present else { return give(present) }
            if wanted.showsMore(than: Visibility(rawValue: present)) {
                try await office.checkExposure(of: space, to: wanted)
                try await Consent(office, space).need(
                    "Make \(space) \(wanted.rawValue)", ["\(wanted.rawValue): \(wanted.meaning)"],
                    line: "visibility \(space) \(wanted.rawValue)")
            }
            try await hub.setVisibility(wanted.rawValue)
            give(wanted.rawValue)
        }
    }

    private func give(_ visibility: String) {
        office.results.give(
            space, text: ["\(space) \(visibility.visible)"], quiet: visibility,
            json: [("visibility", .string(visibility))])
    }
}
