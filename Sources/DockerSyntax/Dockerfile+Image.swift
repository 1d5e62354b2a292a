extension Dockerfile {
    /// The stages that the last one is made of: the one it builds on first.
    package var finalStages: [DockerStage] {
        var chain: [DockerStage] = []
        var next = stages.indices.last
        while let index = next, chain.count <= stages.count {
            chain.append(stages[index])
            next = stages[index].parent
        }
        return chain.reversed()
    }

    /// The instructions that make the image that runs, in order.
    package var finalSteps: [DockerStep] { finalStages.flatMap(\.steps) }

    /// The TCP ports that the image exposes, as the ranges that were written, each with its line; nil when one of them
    /// cannot be read.
    package var exposedPorts: [(range: ClosedRange<Int>, line: Int)]? {
        var ports: [(range: ClosedRange<Int>, line: Int)] = []
        for step in finalSteps where step.instruction.keyword == "EXPOSE" {
            for word in step.instruction.arguments {
                guard let text = step.expanded(word), text.certainty > .unknown else { return nil }
                for part in text.text.split(separator: " ") {
                    guard let found = Self.ports(String(part)) else { return nil }
                    ports += found.map { (range: $0, line: step.instruction.line) }
                }
            }
        }
        return ports
    }

    /// The only port that the image exposes; nil when there is none, when there are several, or when it hangs on a
    /// variable that nobody gives a value.
    package var exposedPort: Int? {
        let ranges = Set((exposedPorts ?? []).map(\.range))
        guard let range = ranges.first, ranges.count == 1, range.count == 1 else { return nil }
        return range.lowerBound
    }

    /// `8000`, `8000/tcp`, `8000-8005`; none for other protocols.
    private static func ports(_ text: String) -> [ClosedRange<Int>]? {
        let halves = text.lowercased().split(separator: "/", maxSplits: 1)
        guard let first = halves.first else { return nil }
        if halves.count == 2, halves[1] != "tcp" { return [] }
        let ends = first.split(separator: "-").map { Int($0) }
        guard let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count < 3, low <= high,
            low > 0, high < 65_536
        else { return nil }
        return [low...high]
    }

    /// The images that the build fetches, in order, each once with its first line: neither stages nor `scratch`.
    package var baseImages: [DockerImage] {
        var seen: Set<String> = []
        return stages.filter { $0.parent == nil && $0.base.text != "scratch" && !$0.base.text.isEmpty }
            .filter { seen.insert($0.base.text).inserted }
            .map { DockerImage(line: $0.line, name: $0.base.text, isKnown: $0.base.certainty > .unknown) }
    }
}

/// The image behind a FROM.
package struct DockerImage: Hashable, Sendable {
    package var line: Int
    /// As BuildKit sees it; with variables as written when one has no value.
    package var name: String
    package var isKnown: Bool

    /// Behind the last colon of the last part; nil without one.
    package var tag: String? {
        guard !name.contains("@"), let last = name.split(separator: "/").last,
            let colon = last.lastIndex(of: ":")
        else { return nil }
        return String(last[last.index(after: colon)...])
    }

    /// By its digest, it is always the same.
    package var isPinned: Bool { name.contains("@") }
}
