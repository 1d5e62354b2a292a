import TestSupport
import Testing

@testable import SecretScanner
@testable import SpacesModel

/// Tests for the credential scan. Tokens are assembled from parts and random characters with fixed
/// seeds, so that no literal here looks like a token.
@Suite struct CheckCredentialTests {
    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    private static let digits = "0123456789"

    private static func random(_ count: Int, _ alphabet: String = letters + digits, seed: UInt64) -> String {
        var generator = SeededRandom(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
        let characters = Array(alphabet)
        for _ in 0..<8 { _ = generator.next() }
        return String(
            (0..<count).map { _ in characters[Int((generator.next() >> 11) % UInt64(characters.count))] })
    }

    private static func scan(_ path: Path, _ text: String) -> [Finding] {
        CredentialScan.findings(path: path, content: Array(text.utf8))
    }

    private static let tokens: [(parts: [String], length: Int, alphabet: String, kind: String)] = [
        (["hf", "_"], 34, letters, "Hugging Face"), (["hf", "_"], 37, letters + digits, "Hugging Face"),
        (["hf", "_oauth_"], 80, letters + digits + "_-.", "OAuth"),
        (["api", "_org_"], 34, letters, "organization"), (["gh", "p_"], 36, letters + digits, "GitHub"),
        (["gh", "o_"], 36, letters + digits, "GitHub"),
        (["gh", "s_"], 36, letters + digits, "GitHub"), (["gh", "u_"], 36, letters + digits, "GitHub"),
        (["gh", "r_"], 36, letters + digits, "GitHub"),
        (["github", "_pat_"], 82, letters + digits + "_", "GitHub"),
        (["glpat", "-"], 20, letters + digits, "GitLab"), (["npm", "_"], 36, letters + digits, "npm"),
        (["sk", "-"], 48, letters + digits, "OpenAI"),
        (["sk", "-proj-"], 120, letters + digits + "_-", "OpenAI"),
        (["sk", "-svcacct-"], 120, letters + digits, "OpenAI"),
        (["sk", "-ant-api03-"], 95, letters + digits + "_-", "Anthropic"),
        (["sk", "-or-v1-"], 64, digits + "abcdef", "OpenRouter"),
        (["AI", "za"], 35, letters + digits + "_-", "Google"),
        (["xox", "b-"], 50, letters + digits, "Slack"), (["xox", "p-"], 60, letters + digits, "Slack"),
        (["sk", "_live_"], 24, letters + digits, "Stripe"),
        (["rk", "_live_"], 40, letters + digits, "Stripe"),
        (["gh", "p_"], 36, "abcdefghijklmnopqrstuvwxyz" + digits, "GitHub"),
    ]

    @Test(arguments: tokens.indices) func `a real token is found in any context`(index: Int) {
        let shape = Self.tokens[index]
        for seed in UInt64(1)...40 {
            let token =
                shape.parts.joined() + Self.random(shape.length - 1, shape.alphabet, seed: seed)
                + "9".filter { _ in shape.alphabet != Self.letters }
                + (shape.alphabet == Self.letters ? "q" : "")
            for context in [
                "%", "a\nb = '%'\n", "{\"k\":\"x\\n%\"}", "curl -H 'Authorization: Bearer %' x", "X=%;",
                "https://u:%@h.co/x", "`%`", "(%)", "k: %\r\n",
            ] {
                let text = context.split(separator: "%", omittingEmptySubsequences: false).joined(
                    separator: token)
                let found = Self.scan("docs/a.txt", text)
                #expect(found.count == 1, "\(shape.kind) \(seed)")
                #expect(found.first?.severity == .error)
                #expect(found.first?.reason.contains(shape.kind) == true)
                #expect(found.first?.line == (context.hasPrefix("a\n") ? 2 : 1))
                #expect(!found.description.contains(token.suffix(12)))
            }
        }
    }

    @Test(arguments: [
        "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "hf_token_for_user1,user2:", "hf_fallback_token",
        "HF_USER=user1:hf_token_for_user1,user2:hf_token_for_user2",
        "your-secure-password", "hf_xxxxxxxxxxxxxxxxxxxx", "sk-...",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "your-token-here",
        "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH", "ghp_123456789012345678901234567890123456",
        "ghp_" + "abc123abc123abc123abc123abc123abc123", "AKIAIOSFODNN7EXAMPLE",
        "AKIA1234567890ABCDEF", "sk-ant-api03-your-key-here",
        "sk-1234567890abcdef1234567890abcdef1234567890abcdef", "AIzaSyXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
        "hf_ThisIsNotARealTokenJustPlaceholder", "hf_YourHuggingFaceTokenGoesRightHerePls",
        "task-management-system-and-more-words-for-you-to-see-today",
        "xoxb-your-bot-token-goes-in-this-place",
        "https://user:pass@host/x", "https://USER:TOKEN@github.com",
        "https://HF_USERNAME:$HF_TOKEN@huggingface.co/spaces/U/S",
        "postgres://user:password@localhost:5432/db",
        "redis://default:password@host:6379", "https://${USER}:${TOKEN}@h.co", "https://{user}:{token}@h.co",
        "postgres://app:abc12345xyz9@localhost/db", "git@github.com:a/b.git",
        "mailto:a@b.co", "-----BEGIN PRIVATE KEY-----\nYOUR KEY HERE\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA...\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----",
        "if \"-----BEGIN PRIVATE KEY-----\" in text: fail()", "-------------------------------------",
        "snake_case_names_of_every_length_and_kind_here_0123",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "<div class=\"sk-folding-cube sk-circle1 sk-circle-fade-dot\">",
        "id: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "npm_config_registry", "glpat-xxxxxxxxxxxxxxxxxxxx",
        "headers: { 'Authorization': `Bearer ${this.token}` }",
        "| `HF_PASSWORD` | password | yes | `your-secure-password` |",
        "{ binding = \"SESSIONS\", id = \"\u{4F60}\u{7684}ID\" }",
    ])
    func `a placeholder does not block a deploy`(text: String) {
        for path in ["README.md", "a/b.py", "config.yml", "x.json", ".env.example"] as [Path] {
            #expect(Self.scan(path, text).filter { $0.severity == .error } == [], "\(path)")
        }
        #expect(Self.scan("README.md", text) == [])
    }

    @Test func `an AWS access key id is a warning, and an error together with its secret`() {
        let id = "AK" + "IA" + Self.random(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", seed: 5)
        let secret = Self.random(39, seed: 6) + "7"
        #expect(Self.scan("a.txt", "id = \(id)").map(\.severity) == [.warning])
        #expect(Self.scan("a.txt", "id = \(id)\nsecret = \(secret)\n").map(\.severity) == [.error])
        #expect(Self.scan("a.txt", "secret = \"\(secret)\"\n\nid=\(id)").map(\.line) == [3])
        #expect(
            Self.scan("a.txt", "id = \(id)\ncommit \(Self.random(40, "0123456789abcdef", seed: 8))").map(
                \.severity) == [.warning])
    }

    @Test(arguments: ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "DSA "])
    func `a private key is recognised by its body`(label: String) {
        let dashes = String(repeating: "-", count: 5)
        let rows = (1...4).map { Self.random(64, seed: $0) }
        let key =
            "\(dashes)BEGIN \(label)PRIVATE KEY\(dashes)\n\(rows.joined(separator: "\n"))\n\(dashes)END \(label)PRIVATE KEY\(dashes)\n"
        #expect(Self.scan("a/key.txt", "x\n" + key).map(\.line) == [2])
        #expect(Self.scan("id_rsa", key).count == 1)
        let json = "{\"private_key\": \"" + key.split(separator: "\n").joined(separator: "\\n") + "\"}"
        #expect(Self.scan("service.json", json).map(\.severity) == [.error])
    }

    @Test func `passwords in URLs are reported if they look random`() {
        let long = Self.random(24, seed: 11) + "a1"
        #expect(Self.scan("a.py", "db = 'postgres://app:\(long)@db.acme.io/x'").map(\.severity) == [.error])
        #expect(Self.scan("a.py", "https://u:\(long)@localhost/x") == [])
        #expect(Self.scan("a.py", "https://\(long)@sentry.io/1") == [])
        #expect(Self.scan("a.py", "mysql://app:\("Tr0ub" + "4dor")@db/x").map(\.severity) == [.warning])
    }

    @Test(
        arguments: [
            (".env", "A=1", 1), (".env", "# x\n\nexport KEY=\"v\"", 3), (".env.local", "A=b", 1),
            (".env.production", "A='b'", 1), ("app/.env", "DEBUG=true", 1), (".env", "A=\nB=your-key\n", nil),
            (".env", "", nil), (".env", "A=\"\"\n#B=1\nC=${X}\nD= # none", nil), (".env.example", "A=1", nil),
            (".env.sample", "A=1", nil), (".env.template", "A=1", nil), (".env.dist", "A=1", nil),
            (".env.production.example", "A=1", nil), ("env.py", "A=1", nil), (".environment", "A=1", nil),
            (".netrc", "machine x login y password z1", 1),
            (".netrc", "machine x\nlogin y\npassword ${P}", nil),
            (".npmrc", "//r.io/:_authToken=abc", 1),
            (".npmrc", "registry=https://x\n//r.io/:_authToken=${NPM_TOKEN}", nil),
            (".pypirc", "[pypi]\nusername = a\npassword: b1", 3), (".pypirc", "password = <password>", nil),
            (".docker/config.json", "{\"auths\": {\"r\": {\n\"auth\": \"YTpi\"}}}", 2),
            ("x/config.json", "{\"auth\": \"YTpi\"}", nil),
        ] as [(Path, String, Int?)])
    func `files with the name of a credential file are reported if they contain values`(
        path: Path, text: String, line: Int?
    ) {
        let found = Self.scan(path, text).filter { $0.severity == .error }
        #expect(found.map(\.line) == (line.map { [$0] } ?? []))
    }

    @Test(
        arguments: [
            ("a.yml", "password: hunter2", true), ("a.yaml", "db:\n  dbPassword: 'hunter22'  # main", true),
            ("a.json", "{\"p\": \"arn:aws:secret:%\"}", false),
            ("a.yml", "password: hunter2 # why", true), ("a.ini", "secret_key = %", true),
            ("a.toml", "api_key = \"%\"", true), ("a.json", "{\"a\":1,\"apiKey\":\"%\"}", true),
            ("a.json", "{\"access_token\" : \"%\"}", true), ("a.conf", "auth.token=%", true),
            ("a.py", "api_key = \"%\"", false),
            ("a.yml", "password: changeme", false), ("a.yml", "password:", false),
            ("a.yml", "password: ${DB_PASSWORD}", false), ("a.yml", "password: <your password>", false),
            ("a.yml", "api_key: your-api-key-0123", false),
            ("a.yml", "token: ${{ secrets.HF }}", false),
            ("a.json", "{\"eos_token\": \"<|im_end|>\", \"pad_token\": \"[PAD]\"}", false),
            ("a.json", "{\"max_tokens\": 4096, \"key\": \"%\"}", false),
            ("a.yml", "secretName: %", false), ("a.yml", "password_file: /run/secrets/p1x", false),
            ("a.yml", "password: /run/secrets/p1x", false), ("a.yml", "tokenizer: %", false),
            ("a.yml", "primary_key: %", false),
            ("a.yml", "public_key: %", false), ("a.json", "{\"integrity\": \"sha512-%\"}", false),
            ("a.yml", "password: !vault x1y2z3", false), ("a.yml", "token: true", false),
            ("Dockerfile", "FROM a\nENV API_KEY=abc", true),
            ("Dockerfile", "FROM a\nARG HF_TOKEN", false), ("Dockerfile", "FROM a\nARG HF_TOKEN=", false),
            ("Dockerfile", "FROM a\nENV TOKEN=$X", false),
            ("hf/Dockerfile", "FROM a\nENV DB_PASSWORD x", true),
            ("Dockerfile", "FROM a\nENV TOKENIZERS_PARALLELISM=false MAX_TOKENS=7", false),
            ("Dockerfile", "FROM a\nENV PASSWORD_FILE=/x TOKEN_TTL=60", false),
            ("Dockerfile", "FROM a\nARG USE_TOKEN=true", false),
        ] as [(Path, String, Bool)])
    func `values named like secrets are warnings`(path: Path, text: String, isReported: Bool) {
        let value = Self.random(31, seed: 21) + "4"
        let found = Self.scan(
            path, text.split(separator: "%", omittingEmptySubsequences: false).joined(separator: value))
        #expect(found.map(\.severity) == (isReported ? [.warning] : []))
        #expect(!found.description.contains(value))
    }

    @Test func `the scan ends at the first zero byte`() {
        let token = "hf" + "_" + Self.random(34, Self.letters, seed: 31)
        #expect(Self.scan("a.bin", "x\0\(token)") == [])
        #expect(Self.scan("a.bin", "\(token)\0").count == 1)
    }

    @Test func `base64, hashes and names are not tokens`() {
        for seed in UInt64(1)...60 {
            let text = [
                Self.random(400, Self.letters + Self.digits + "+/", seed: seed),
                Self.random(64, "0123456789abcdef", seed: seed),
                Self.random(300, "abcdefghij_-. ", seed: seed),
                "hf_" + Self.random(12, Self.letters, seed: seed),
                "x" + "hf_" + Self.random(34, Self.letters, seed: seed),
                "sk-" + Self.random(34, "abcdefghijklmnopqrstuvwxyz", seed: seed),
            ].joined(separator: "\n")
            #expect(Self.scan("a.txt", text) == [])
        }
    }
}
