import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension URLRequest {
    init(_ request: Request, host: String) throws(HTTPFailure) {
        self.init(url: request.url)
        httpMethod = request.method
        httpShouldHandleCookies = false
        for field in request.headers.fields { addValue(field.value, forHTTPHeaderField: field.name) }
        if let authorization = request.authorization {
            setValue(authorization.header, forHTTPHeaderField: "Authorization")
        }
        switch request.body {
        case .none: break
        case .bytes(let data): httpBody = data
        case .stream(let length, let open): try stream(length, open, host: host)
        }
        if httpBody != nil || httpBodyStream != nil, value(forHTTPHeaderField: "Content-Type") == nil {
            setValue("application/octet-stream", forHTTPHeaderField: "Content-Type")
        }
    }

    /// A stream goes out chunked, and with both length headers if `Content-Length` is set alone (storage behind
    /// presigned URLs answers 501). One blank as `Transfer-Encoding` makes curl leave that header out.
    private mutating func stream(
        _ length: Int64, _ open: @Sendable () throws -> InputStream, host: String
    ) throws(HTTPFailure) {
        do {
            httpBodyStream = try open()
        } catch {
            throw .broken(host: host, "the body cannot be read: \(error.localizedDescription)")
        }
        setValue(String(length), forHTTPHeaderField: "Content-Length")
        #if canImport(FoundationNetworking)
            setValue(" ", forHTTPHeaderField: "Transfer-Encoding")
        #endif
    }
}
