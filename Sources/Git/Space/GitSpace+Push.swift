import Essentials
import HTTP
import SpacesModel

extension GitSpace {
    package func push(
        _ commit: ObjectID, with objects: [PackObject], to branch: String, expecting expected: ObjectID?
    ) async throws(DeployError) -> PushReceipt {
        let push = Push(commit: commit, reference: "refs/heads/\(branch)", expected: expected)
        if offered == nil {
            // The head was taken from elsewhere: compare it with the branch's current head.
            let current = try await advertisement(of: .receivePack)[push.reference]
            guard current == expected else { return .stale(actual: current) }
        }
        let offered = try await receivePackCapabilities()
        let command = push.command(offered, agent: remote.agent)
        let pack = try await SentPack { [store] (pipe) async throws(DeployError) in
            try await store.pack(
                [PackObject(commit)] + objects.filter { $0.id != commit }, after: command, into: pipe,
                isThin: !offered.has("no-thin"))
        }
        let result: Result<HTTPClientResponse, HTTPError>
        do throws(HTTPError) {
            let request = remote.request(.receivePack, pack.body)
            result = .success(try await remote.client.send(request, meter: remote.meter))
        } catch { result = .failure(error) }
        let receipt: PushReceipt
        do throws(DeployError) {
            receipt = try await self.receipt(of: push, result, sideBand: offered.has("side-band-64k"))
        } catch { throw pack.failure ?? error }
        if case .accepted = receipt { await store.cachePushedCommit(commit, pack.trees) }
        return receipt
    }

    /// An update of one reference.
    struct Push: Hashable, Sendable {
        var commit: ObjectID
        var reference: String
        var expected: ObjectID?

        /// Returns `<old> <new> <reference>\0 <capabilities>`, flush. Uses only capabilities that
        /// the server offers.
        func command(_ offered: Capabilities, agent: String) -> Data {
            var capabilities = ["report-status", "side-band-64k", "quiet"].filter(offered.has)
            if !offered.values(of: "agent").isEmpty { capabilities.append("agent=\(agent)") }
            let line = "\(expected ?? .zero) \(commit) \(reference)\0 " + capabilities.joined(separator: " ")
            return Data(PktLine.line(line).bytes + PktLine.flush.bytes)
        }
    }

    /// Returns the capabilities of `git-receive-pack`. Requested only once.
    func receivePackCapabilities() async throws(DeployError) -> Capabilities {
        if let offered { return offered }
        return try await advertisement(of: .receivePack).capabilities
    }

    /// Returns the receipt of a push by the server's response to it, or by the branch's current head.
    private func receipt(
        of push: Push, _ result: Result<HTTPClientResponse, HTTPError>, sideBand: Bool
    ) async throws(DeployError) -> PushReceipt {
        let response: HTTPClientResponse
        do throws(HTTPError) { response = try result.get() } catch {
            let failure = remote.party.failure(error)
            guard error.mayHaveBeenReceived else { throw failure }
            return try await resolveOutcome(push, else: .failure(failure))
        }
        guard response.isSuccess else {
            let hasToken = remote.authorization != nil
            let failure = remote.party.failure(response, service: .receivePack, hasToken: hasToken)
            return try await resolveOutcome(push, else: .failure(failure))
        }
        return try await receipt(of: push, ReceivePackReport(response.body, sideBand: sideBand))
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
        let protocolErrors = report.protocolError.map { [$0.message] } ?? []
        let unknown = DeployError(
            .tryLater, "\(remote.party.host) did not report the result of the push to \(remote.party.name)",
            details: report.remoteLines + protocolErrors,
            hint: "push again; existing objects are not sent again")
        return try await resolveOutcome(push, else: .failure(unknown), saying: report.remoteLines)
    }

    /// Determines the outcome from the branch's current head, which is reliable, unlike the
    /// server's messages.
    private func resolveOutcome(
        _ push: Push, else outcome: Result<PushReceipt, DeployError>, saying lines: [String] = []
    ) async throws(DeployError) -> PushReceipt {
        let current: ObjectID?
        do throws(DeployError) { current = try await advertisement(of: .receivePack)[push.reference] } catch {
            // The first error is more informative than the second.
            if case .success(let receipt) = outcome { return receipt }
            _ = try outcome.get()
            throw error
        }
        if current == push.commit { return .accepted(push.commit, remoteLines: lines) }
        if current != push.expected { return .stale(actual: current) }
        return try outcome.get()
    }

    package func push(
        history objects: [PackObject], to commit: ObjectID, as branch: String, expecting expected: ObjectID?
    ) async throws(DeployError) -> PushReceipt {
        let push = Push(commit: commit, reference: "refs/heads/\(branch)", expected: expected)
        let offered = try await receivePackCapabilities()
        let command = push.command(offered, agent: remote.agent)
        let body = try await store.deltaPack(of: objects, after: command)
        let result: Result<HTTPClientResponse, HTTPError>
        do throws(HTTPError) {
            let request = remote.request(.receivePack, body)
            result = .success(try await remote.client.send(request, meter: remote.meter))
        } catch { result = .failure(error) }
        return try await receipt(of: push, result, sideBand: offered.has("side-band-64k"))
    }
}

extension ReceivePackReport {
    /// Returns the server's reason why the reference was not updated; `nil` if it gave none.
    func refusal(of reference: String) -> String? {
        if let status = references[reference], let reason = status { return reason }
        if let unpack, unpack != "ok" { return "the pack was rejected: \(unpack)" }
        if case .remote(let text)? = protocolError { return text }
        return nil
    }
}

extension HTTPError {
    /// Whether the request may have reached the server before it failed.
    var mayHaveBeenReceived: Bool {
        switch self {
        case .unreachable, .untrusted, .insecure, .timedOut(_, .connect), .forbiddenAddress, .invalidRequest,
            .cancelled:
            false
        default: true
        }
    }
}
