extension FailurePattern {
    /// Files that Python cannot parse.
    static let syntax: [FailurePattern] = [
        FailurePattern("syntaxerror: ", "indentationerror: ", "taberror: ") { at in
            guard at.isAtFailure, let error = PythonSyntaxError(at) else { return nil }
            return error.isInPackage ? error.packageExplanation(at) : error.appExplanation(at)
        }
    ]
}
