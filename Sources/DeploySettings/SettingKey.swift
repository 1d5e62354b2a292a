/// A key of a `[space]` section: a row of the table `SettingKey.all`. A test compares the table in the
/// README with that one.
package struct SettingKey: Sendable {
    /// The key as documented: `sleepTime`. Git compares keys without case.
    package let name: String
    let field: SettingField<Target>
    package let privilege: Privilege
    package let effect: Effect
    package let summary: String
    package let defaultValue: String
    package let confidentiality: Confidentiality
    /// Whether the value is a URL and nothing else.
    package let isURL: Bool
    /// Whether the command line has a flag of the same name.
    package let hasFlag: Bool
    /// Whether the value binds a branch of the source to the Space. The operator's binding cannot be
    /// changed by a source's settings file.
    let bindsBranch: Bool
    /// Whether the value on a command line may look like a token.
    package let mayBeToken: Bool
    /// What stands for the value in a hint: `VALUE`.
    package let placeholder: String
    /// The text before a path in a value that is read from a file of this machine.
    let fileMarker: String
    /// Returns the value of an untrusted settings file, limited by the operator's own value.
    let limit: Limit?

    typealias Limit = @Sendable (_ value: String, _ operatorValue: String?) -> String

    /// The privilege required to set a key.
    package enum Privilege: Hashable, Sendable {
        /// Determines the content that is deployed; a settings file of a source may set it.
        case content
        /// Acts on the Space or reads from elsewhere: only for the operator, or for users in their
        /// own working tree.
        case operational
        /// Only for the operator, also in the user's own working tree.
        case operatorOnly
    }

    /// The part of a deploy that a setting changes.
    package enum Effect: Hashable, Sendable {
        /// Which files are deployed, and from where.
        case files(FileSelection)
        /// The content of a generated Dockerfile.
        case generatedDockerfile
        /// The content of the tree in another way.
        case content
        /// The source, the Space or the guards, but not the tree.
        case deploy
        /// Only the run: a saved plan is the same for every value.
        case run

        package var selectsFiles: Bool { if case .files = self { true } else { false } }

        /// Whether the setting composes the tree, so that it cannot apply to commits that are pushed
        /// unchanged.
        var composesTree: Bool {
            switch self {
            case .files, .generatedDockerfile, .content: true
            case .deploy, .run: false
            }
        }
    }

    /// The way in which a setting selects files.
    package enum FileSelection: Hashable, Sendable {
        case patterns
        /// A path of the source becomes another one.
        case locations
        case dockerfile
        /// Files of the user's own working tree.
        case workTree
        /// Files that belong to the Space.
        case spaceFiles
    }

    /// The extent to which a value may be shown.
    package enum Confidentiality: Hashable, Sendable {
        case open
        /// Meant for the app: not repeated in commands.
        case confidential
        /// An invalid value may be a secret: not shown in errors either.
        case secret
    }

    init(
        _ name: String, _ field: SettingField<Target>, _ privilege: Privilege, _ effect: Effect,
        _ summary: String, defaultValue: String = "", confidentiality: Confidentiality = .open,
        isURL: Bool = false, hasFlag: Bool = false, bindsBranch: Bool = false, mayBeToken: Bool = false,
        placeholder: String = "VALUE", fileMarker: String = SettingKey.fileMarker, limit: Limit? = nil
    ) {
        (self.name, self.field, self.privilege, self.effect) = (name, field, privilege, effect)
        (self.summary, self.defaultValue, self.confidentiality) = (summary, defaultValue, confidentiality)
        (self.isURL, self.hasFlag, self.bindsBranch) = (isURL, hasFlag, bindsBranch)
        (self.mayBeToken, self.placeholder) = (mayBeToken, placeholder)
        (self.fileMarker, self.limit) = (fileMarker, limit)
    }

    /// The marker of most keys: `NAME=file:PATH`.
    static let fileMarker = "=file:"

    /// Returns the row of a key, in any case; `nil` if there is no such key.
    package static func named(_ name: some StringProtocol) -> SettingKey? { byName[name.lowercased()] }

    private static let byName = Dictionary(
        all.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
}

/// A value of a settings key, as it is passed to the key's parser.
package struct SettingInput: Hashable, Sendable {
    /// The name of the key, as documented.
    package let key: String
    /// The value as written; `nil` if the key has no `=`.
    package let written: String?
    package let origin: SettingOrigin

    package var text: String { written ?? "" }
}

/// The reason why a value is invalid, without the key and value, which a `SettingError` names itself.
struct InvalidValue: Error {
    let message: String
    let hint: String?

    init(_ message: String, hint: String? = nil) { (self.message, self.hint) = (message, hint) }
}

/// A function that parses a value of a settings key.
typealias ValueParser<Value> = @Sendable (SettingInput) throws(InvalidValue) -> Value

/// The field of a `Root` that a settings key writes to, with the parser of its values.
struct SettingField<Root>: Sendable {
    enum Kind: Hashable, Sendable {
        /// The last value applies.
        case single
        /// Like `single`; a key without a value is true.
        case flag
        /// Values of all layers accumulate.
        case list
    }

    let kind: Kind
    /// Parses a value and writes it into the `Root`.
    let write: @Sendable (SettingInput, inout Root) throws(InvalidValue) -> Void

    static func single<Value>(
        _ path: WritableKeyPath<Root, Value> & Sendable, _ parse: @escaping ValueParser<Value>
    ) -> Self {
        Self(kind: .single) { (value, root) throws(InvalidValue) in root[keyPath: path] = try parse(value) }
    }

    static func flag<Value>(
        _ path: WritableKeyPath<Root, Value> & Sendable, _ parse: @escaping ValueParser<Value>
    ) -> Self {
        Self(kind: .flag) { (value, root) throws(InvalidValue) in root[keyPath: path] = try parse(value) }
    }

    static func list<Element>(
        _ path: WritableKeyPath<Root, [Element]> & Sendable, _ parse: @escaping ValueParser<Element>
    ) -> Self {
        Self(kind: .list) { (value, root) throws(InvalidValue) in
            root[keyPath: path].append(try parse(value))
        }
    }

    /// A list whose elements replace earlier ones with the same name.
    static func list<Element>(
        _ path: WritableKeyPath<Root, [Element]> & Sendable,
        uniqueBy name: @escaping @Sendable (Element) -> String,
        _ parse: @escaping ValueParser<Element>
    ) -> Self {
        Self(kind: .list) { (value, root) throws(InvalidValue) in
            let element = try parse(value)
            root[keyPath: path].removeAll { name($0) == name(element) }
            root[keyPath: path].append(element)
        }
    }

    static func set<Element: Sendable>(
        _ path: WritableKeyPath<Root, Set<Element>> & Sendable, _ parse: @escaping ValueParser<Element>
    ) -> Self {
        Self(kind: .list) { (value, root) throws(InvalidValue) in
            root[keyPath: path].insert(try parse(value))
        }
    }
}
