extension Dockerfile {
    /// The stages that the final image is based on, the first base first and the last stage last.
    package var finalStages: [DockerStage] {
        var chain: [DockerStage] = []
        var next = stages.indices.last
        while let index = next, chain.count <= stages.count {
            chain.append(stages[index])
            next = stages[index].parent
        }
        return chain.reversed()
    }

    /// The instructions of the final image, in order.
    package var finalSteps: [DockerStep] { finalStages.flatMap(\.steps) }

    /// The TCP port ranges that the image exposes, as written, each with its line; `nil` if one of
    /// them cannot be resolved.
    package var exposedPorts: [(range: ClosedRange<Int>, line: Int)]? {
        var ports: [(range: ClosedRange<Int>, line: Int)] = []
        for step in finalSteps where step.instruction.keyword == "EXPOSE" {
            for word in step.instruction.arguments {
                guard let text = step.expanded(word), text.certainty > .unknown else { return nil }
                for part in text.text.split(separator: " ") {
                    guard let portRanges = Self.ports(String(part)) else { return nil }
                    ports += portRanges.map { (range: $0, line: step.instruction.line) }
                }
            }
        }
        return ports
    }

    /// The only port that the image exposes; `nil` if there is none, if there are several, or if it
    /// depends on a variable without a value.
    package var exposedPort: Int? {
        let ranges = Set((exposedPorts ?? []).map(\.range))
        guard let range = ranges.first, ranges.count == 1, range.count == 1 else { return nil }
        return range.lowerBound
    }

    /// Parses `8000`, `8000/tcp` or `8000-8005`; returns no range for other protocols, and `nil` if
    /// the text is invalid.
    private static func ports(_ text: String) -> [ClosedRange<Int>]? {
        let parts = text.lowercased().split(separator: "/", maxSplits: 1)
        guard let first = parts.first else { return nil }
        if parts.count == 2, parts[1] != "tcp" { return [] }
        let bounds = first.split(separator: "-").map { Int($0) }
        guard let low = bounds.first ?? nil, let high = bounds.last ?? nil, bounds.count < 3, low <= high,
            low > 0, high < 65_536
        else { return nil }
        return [low...high]
    }

    /// The images that the build pulls, in order, each once with its first line; without stages and
    /// `scratch`.
    package var baseImages: [DockerImage] {
        var seenNames: Set<String> = []
        return stages.filter { $0.parent == nil && $0.base.text != "scratch" && !$0.base.text.isEmpty }
            .filter { seenNames.insert($0.base.text).inserted }
            .map { DockerImage(line: $0.line, name: $0.base.text, isKnown: $0.base.certainty > .unknown) }
    }
}

/// The image of a FROM.
package struct DockerImage: Hashable, Sendable {
    package var line: Int
    /// With variables expanded; as written if one of them has no value.
    package var name: String
    package var isKnown: Bool

    /// The text after the last colon of the last path component; `nil` if there is no tag.
    package var tag: String? {
        guard !name.contains("@"), let last = name.split(separator: "/").last,
            let colon = last.lastIndex(of: ":")
        else { return nil }
        return String(last[last.index(after: colon)...])
    }

    /// Whether the image has a digest, so that it never changes.
    package var isPinned: Bool { name.contains("@") }
}
