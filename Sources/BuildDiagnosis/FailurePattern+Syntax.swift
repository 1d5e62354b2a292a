extension FailurePattern {
    /// A file that Python cannot read.
    static let syntax: [FailurePattern] = [
        FailurePattern("syntaxerror: ", "indentationerror: ", "taberror: ") { at in
            guard at.isAtFailure, let fault = PythonSyntaxError(at) else { return nil }
            return fault.isInPackage ? fault.packageExplanation(at) : fault.appExplanation(at)
        }
    ]
}
