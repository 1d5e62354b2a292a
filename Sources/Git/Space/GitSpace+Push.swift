import Essentials
import HTTP
import SpacesModel

extension GitSpace {
    package func push(
        _ commit: ObjectID, with objects: [PackObject], to branch: String, expecting expected: ObjectID?
    ) async throws(DeployError) -> PushReceipt {
        let push = Push(commit: commit, reference: "refs/heads/\(branch)", expected: expected)
        if offered == nil {
            // The head was told: the branch is looked at now.
            let now = try await advertisement(of: .receivePack)[push.reference]
            guard now == expected else { return .stale(actual: now) }
        }
        let offered = try await receivePackCapabilities()
        let pack = try await store.pack(
            of: [PackObject(commit)] + objects.filter { $0.id != commit },
            after: push.command(offered, agent: remote.agent), isThin: !offered.has("no-thin"))
        let receipt: PushReceipt
        do throws(DeployError) {
            receipt = try await send(push, pack.body, sideBand: offered.has("side-band-64k"))
        } catch { throw pack.failure ?? error }
        if case .accepted = receipt { await store.cachePushedCommit(commit, pack.trees) }
        return receipt
    }

    /// One change of one reference.
    struct Push: Hashable, Sendable {
        var commit: ObjectID
        var reference: String
        var expected: ObjectID?

        /// `<old> <new> <reference>\0 <capabilities>`, flush. Only what the server offers is asked for.
        func command(_ offered: Capabilities, agent: String) -> Data {
            var capabilities = ["report-status", "side-band-64k", "quiet"].filter(offered.has)
            if !offered.values(of: "agent").isEmpty { capabilities.append("agent=\(agent)") }
            let line = "\(expected ?? .zero) \(commit) \(reference)\0 " + capabilities.joined(separator: " ")
            return Data(PktLine.line(line).bytes + PktLine.flush.bytes)
        }
    }

    /// What the server can do when it is written to; asked once.
    func receivePackCapabilities() async throws(DeployError) -> Capabilities {
        if let offered { return offered }
        return try await advertisement(of: .receivePack).capabilities
    }

    func send(_ push: Push, _ body: HTTPClientRequest.Body, sideBand: Bool) async throws(DeployError)
        -> PushReceipt
    {
        let answer: HTTPClientResponse
        do throws(HTTPError) {
            answer = try await remote.client.send(remote.request(.receivePack, body), meter: remote.meter)
        } catch {
            let failure = remote.party.failure(error)
            guard error.mayHaveBeenReceived else { throw failure }
            return try await resolveOutcome(push, else: .failure(failure))
        }
        guard answer.isSuccess else {
            let hasToken = remote.authorization != nil
            let failure = remote.party.failure(answer, service: .receivePack, hasToken: hasToken)
            return try await resolveOutcome(push, else: .failure(failure))
        }
        return try await receipt(of: push, ReceivePackReport(answer.body, sideBand: sideBand))
    }

    private func receipt(of push: Push, _ report: ReceivePackReport) async throws(DeployError) -> PushReceipt
    {
        if report.unpack == "ok", let status = report.references[push.reference], status == nil {
            return .accepted(push.commit, remoteLines: report.remoteLines)
        }
        if let reason = report.refusal(of: push.reference) {
            let refused = PushReceipt.refused(status: reason, remoteLines: report.remoteLines)
            return try await resolveOutcome(push, else: .success(refused), saying: report.remoteLines)
        }
        let words = report.protocolError.map { [$0.message] } ?? []
        let unknown = DeployError(
            .tryLater, "\(remote.party.host) did not say what became of the push to \(remote.party.name)",
            details: report.remoteLines + words, hint: "push again: what is there already is not sent twice")
        return try await resolveOutcome(push, else: .failure(unknown), saying: report.remoteLines)
    }

    /// Looks at the branch once more: the server's words vary, the branch does not lie.
    private func resolveOutcome(
        _ push: Push, else outcome: Result<PushReceipt, DeployError>, saying lines: [String] = []
    ) async throws(DeployError) -> PushReceipt {
        let now: ObjectID?
        do throws(DeployError) { now = try await advertisement(of: .receivePack)[push.reference] } catch {
            // The first trouble tells more than the second.
            if case .success(let receipt) = outcome { return receipt }
            _ = try outcome.get()
            throw error
        }
        if now == push.commit { return .accepted(push.commit, remoteLines: lines) }
        if now != push.expected { return .stale(actual: now) }
        return try outcome.get()
    }
}

extension ReceivePackReport {
    /// Why the reference was not changed, in the server's words; nil when it did not say.
    func refusal(of reference: String) -> String? {
        if let status = references[reference], let reason = status { return reason }
        if let unpack, unpack != "ok" { return "the pack was not taken: \(unpack)" }
        if case .remote(let words)? = protocolError { return words }
        return nil
    }
}

extension HTTPError {
    /// Whether the request may have reached the server before it failed.
    var mayHaveBeenReceived: Bool {
        switch self {
        case .unreachable, .untrusted, .timedOut(_, .connect), .forbiddenAddress, .invalidRequest, .cancelled:
            false
        default: true
        }
    }
}
