import TextTools

/// The JSON representations of a Space in the API.
extension Space {
    /// Returns the runtime (hub-api.md 4.1).
    func runtime(_ authority: String) -> JSON {
        let isUp = isServing || stage == "RUNNING"
        var json = JSON.members([
            "stage": .string(stage),
            "hardware": [
                "current": isUp && !isStatic ? .string(hardware) : .null,
                "requested": isStatic ? .null : .string(hardware),
            ],
            "storage": .null,
            "replicas": isUp ? ["requested": 1, "current": 1] : ["requested": 1],
            "errorMessage": errorMessage.map { .string($0) },
        ])
        if isStatic { return json }
        json["gcTimeout"] = sleepTime.map { .int($0) } ?? .null
        json["devMode"] = .bool(devMode)
        json["domains"] = [["domain": .string(domain(authority)), "stage": "READY"]]
        if let serving, isServing { json["sha"] = .string(serving) }
        if !volumes.isEmpty { json["volumes"] = .array(volumes) }
        return json
    }

    /// Returns the host and port of the app: `SUBDOMAIN.localhost:PORT`.
    func domain(_ authority: String) -> String {
        isStatic ? "\(subdomain).static.\(authority)" : "\(subdomain).\(authority)"
    }

    /// Returns the repository information (hub-api.md 3.4) without the list of files.
    func info(_ authority: String, sha: String? = nil) -> JSON {
        JSON.members([
            "_id": .string(key), "id": .string(id), "author": .string(owner),
            "sha": (sha ?? head).map { .string($0) },
            "lastModified": .string(modified.hubText), "createdAt": .string(created.hubText),
            "private": .bool(isPrivate), "visibility": .string(visibility), "gated": false, "disabled": false,
            "host": .string("http://" + domain(authority)), "subdomain": .string(subdomain),
            "likes": 0, "sdk": .string(sdk), "tags": .array([.string(sdk), "region:us"]), "models": [],
            "datasets": [], "cardData": card, "runtime": runtime(authority), "region": "us",
            "usedStorage": 0, "trendingScore": 0,
        ])
    }

    var variableMap: JSON {
        .object(
            Dictionary(
                uniqueKeysWithValues: variables.map { key, setting in (key, setting.json(key)) }))
    }

    var secretMap: JSON {
        .object(
            Dictionary(uniqueKeysWithValues: secrets.map { key, setting in (key, setting.json(key)) }))
    }
}

extension Space.Setting {
    fileprivate func json(_ key: String) -> JSON {
        JSON.members([
            "key": .string(key), "value": value.map { .string($0) },
            "description": description.map { .string($0) }, "updatedAt": .string(updated.hubText),
        ])
    }
}
