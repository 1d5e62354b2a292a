import HTTPServer

/// An error response of the object storage, in S3's format and wording
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
struct S3Error: Error, Hashable, Sendable {
    var status: Int
    var code: String
    var message: String

    init(_ status: Int, _ code: String, _ message: String) {
        (self.status, self.code, self.message) = (status, code, message)
    }

    static let twoMechanisms = S3Error(
        400, "InvalidArgument",
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter "
            + "or the Authorization header should be specified")
    static let otherSignature = S3Error(
        403, "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing "
            + "method.")
    static let expired = S3Error(403, "AccessDenied", "Request has expired")
    static let chunked = S3Error(
        501, "NotImplemented",
        "A header you provided implies functionality that is not implemented: Transfer-Encoding")
    static let noBucket = S3Error(404, "NoSuchBucket", "The specified bucket does not exist")
    static let noKey = S3Error(404, "NoSuchKey", "The specified key does not exist.")
    static let otherDigest = S3Error(
        400, "BadDigest", "The SHA-256 of what was sent is not the one that was announced.")
    static func otherLength(_ length: Int, _ expected: Int) -> S3Error {
        S3Error(400, "IncompleteBody", "\(length) bytes were sent, \(expected) were announced.")
    }

    /// The XML response. It never repeats data from the request.
    var response: Response {
        let text = "<Error><Code>\(code)</Code><Message>\(message)</Message></Error>\n"
        return .text(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text, status: status, type: "application/xml")
    }
}
