import Deploy
import SpacesModel
import TextTools

/// The first line of a target: `me/app  main @ f9d62c0 "Fix typo"  →  private docker Space   (HF_TOKEN)`.
/// Its parts arrive as events; it is printed before the first other line.
struct TargetHeading: Sendable {
    let space: SpaceID
    var source: SourceSummary?
    var token: String?
    var info: SpaceInfo?
    private(set) var isPrinted = false

    init(_ space: SpaceID) { self.space = space }

    /// Returns the line, the first time.
    mutating func take() -> ScreenLine? {
        guard !isPrinted else { return nil }
        isPrinted = true
        let branch = source?.branch.map { "\($0) @ " } ?? ""
        return .heading(
            ScreenLine.Heading(
                space: space.description, source: source.map { "\(branch)\($0.commit.short)".visible } ?? "",
                subject: source?.subject.visible ?? "",
                kind: info.map { "→  \(kind(of: $0)) Space".visible } ?? "",
                remark: token.map { "(\($0.visible))" }))
    }

    private func kind(of info: SpaceInfo) -> String {
        let visibility = info.visibility ?? (info.isPrivate ? "private" : "public")
        return [visibility, info.sdk].compactMap { $0 }.joined(separator: " ")
    }
}
