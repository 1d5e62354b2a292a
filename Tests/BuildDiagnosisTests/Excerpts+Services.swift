@testable import BuildDiagnosis
@testable import SpacesModel

extension Excerpt {
    /// Excerpts with which the patterns for services and hashes were written.
    static let services: [Excerpt] = [
        Excerpt(
            201, "worldveil/dejavu/issues/306", .elsewhere, .runtimeError, [.localService],
            names: ["localhost:5432 (Postgres)", "DATABASE_URL"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                psycopg2.OperationalError: connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused
                        Is the server running on that host and accepting TCP/IP connections?
                connection to server at "localhost" (::1), port 5432 failed: Cannot assign requested address
                        Is the server running on that host and accepting TCP/IP connections?
                """#),
        Excerpt(
            202, "mikeyk/saveourfaves-server/issues/4", .elsewhere, .runtimeError, [.localService],
            names: ["127.0.0.1:5432 (Postgres)"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                psycopg2.OperationalError: could not connect to server: Connection refused
                	Is the server running on host "127.0.0.1" and accepting
                	TCP/IP connections on port 5432?
                """#),
        Excerpt(
            203, "app-generator/django-volt-dashboard-pro/issues/3", .elsewhere, .buildError, [.localService],
            names: ["localhost:5432", "while the image is built"],
            log: #"""
                --> RUN python manage.py migrate
                1.340 Traceback (most recent call last):
                1.340   File "/usr/local/lib/python3.10/site-packages/psycopg2/__init__.py", line 122, in connect
                1.340     conn = _connect(dsn, connection_factory=connection_factory, **kwasync)
                1.340 psycopg2.OperationalError: connection to server at "localhost" (::1), port 5432 failed: Connection refused
                1.340   Is the server running on
                """#),
        Excerpt(
            204, "redis/redis-py/issues/2561", .elsewhere, .runtimeError, [.localService],
            names: ["127.0.0.1:6379 (Redis)", "REDIS_URL"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                    raise ConnectionInterrupted(connection=client, parent=e)
                django_redis.exceptions.ConnectionInterrupted: Redis ConnectionError: Error 111 connecting to 127.0.0.1:6379. Connection refused.
                """#),
        Excerpt(
            205, "finalduty/csp-report-collector/issues/8", .elsewhere, .runtimeError, [.localService],
            names: ["localhost:27017 (MongoDB)"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/usr/lib/python3.6/site-packages/pymongo/topology.py", line 200, in _select_servers_loop
                    self._error_message(selector))
                pymongo.errors.ServerSelectionTimeoutError: localhost:27017: [Errno 111] Connection refused
                """#),
        Excerpt(
            206, "odziem/nasa-project/issues/12", .elsewhere, .runtimeError, [.localService],
            names: ["127.0.0.1:27017 (MongoDB)"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                MongooseServerSelectionError: connect ECONNREFUSED 127.0.0.1:27017
                """#),
        Excerpt(
            207, "iamshaunjp/complete-mongodb/issues/5", .elsewhere, .runtimeError, [.localService],
            names: ["::1:27017"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                MongoServerSelectionError: connect ECONNREFUSED ::1:27017
                    at Timeout._onTimeout (/app/node_modules/mongodb/lib/sdam/topology.js:285:38)
                  reason: TopologyDescription {
                    type: 'Unknown',
                    servers: Map(1) { 'localhost:27017' => [ServerDescription] },
                """#),
        Excerpt(
            208, "ollama/ollama/issues/3200", .elsewhere, .runtimeError, [.localService],
            names: ["localhost:11434 (Ollama)"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                ConnectionError: HTTPConnectionPool(host='localhost', port=11434): Max retries exceeded with url: /api/generate/ (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7851288df1c0>: Failed to establish a new connection: [Errno 111] Connection refused'))
                """#),
        Excerpt(
            209, "opea-project/GenAIComps/issues/367", .elsewhere, .runtimeError, [.localService],
            names: ["127.0.0.1:11434 (Ollama)"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                    raise OSError(err, f'Connect call failed {address}')
                ConnectionRefusedError: [Errno 111] Connect call failed ('127.0.0.1', 11434)
                """#),
        Excerpt(
            210, "pavloo/dag-traverse-celery-example/issues/1", .elsewhere, .runtimeError, [.localService],
            names: ["localhost:3306 (MySQL)"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) (2003, "Can't connect to MySQL server on 'localhost' ([Errno 111] Connection refused)")
                (Background on this error at: https://sqlalche.me/e/14/e3q8)
                """#),
        Excerpt(
            211, "pythonstock/stock/issues/23", .elsewhere, .runtimeError, [.localService],
            names: ["127.0.0.1:3306 (MySQL)"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                sqlalchemy.exc.OperationalError: (MySQLdb._exceptions.OperationalError) (2003, 'Can\'t connect to MySQL server on \'127.0.0.1\' (111 "Connection refused")')
                """#),
        Excerpt(
            212, "prisma/orm/issues/1385", .elsewhere, .runtimeError, [.localService],
            names: ["localhost:5555"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Error: P1001: Can't reach database server at `localhost`:`5555`

                Please make sure your database server is running at `localhost`:`5555`.
                """#),
        Excerpt(
            213, "prisma/prisma1/issues/2761", .elsewhere, .runtimeError, [.localService],
            names: ["localhost:5432 (Postgres)"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                SEVERE: Connection error: 
                org.postgresql.util.PSQLException: Connection to localhost:5432 refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.
                	at org.postgresql.core.v3.ConnectionFactoryImpl.openConnectionImpl(ConnectionFactoryImpl.java:245)
                """#),
        Excerpt(
            214, "docmost/docmost/issues/62", .elsewhere, .runtimeError, [.localService],
            names: ["the host redis does not exist", "REDIS_URL"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                [ioredis] Unhandled error event: Error: getaddrinfo ENOTFOUND redis
                    at GetAddrInfoReqWrap.onlookup [as oncomplete] (node:dns:107:26)
                  errno: -3008,
                  code: 'ENOTFOUND',
                  syscall: 'getaddrinfo',
                  hostname: 'redis'
                }
                """#),
        Excerpt(
            221, "Blockstream/blind_pin_server/issues/14", .elsewhere, .buildError, [.hashes],
            names: ["MarkupSafe==2.0.1"],
            log: #"""
                ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.
                    MarkupSafe==2.0.1 from https://files.pythonhosted.org/packages/a6/d1/MarkupSafe-2.0.1-cp39-cp39-manylinux_2_17_aarch64.manylinux2014_aarch64.whl (from -r /pinserver/requirements.txt (line 14)):
                        Expected sha256 1f2ade76b9903f39aa442b4aadd2177decb66525062db244b35d71d0ee8599b6
                             Got        c47adbc92fc1bb2b3274c4b3a43ae0e4573d9fbff4f54cd484555edbf030baf1
                """#),
        Excerpt(
            222, "runpod-workers/worker-stable_diffusion_v1/issues/17", .elsewhere, .buildError, [.hashes],
            names: ["--rebuild"],
            log: #"""
                102.6 ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.
                102.6     unknown package:
                102.6         Expected sha256 402f40adfc6f418f9dae9ab402e773cfed9beae52333f6d86ae3107a1b9527e7
                102.6              Got        a61ed6be3ef0c42ee7c1cdad1eaf95b1b99bc5c713f1283e3aa907a8723dda80
                ------
                ERROR: failed to solve: process "/bin/bash -c pip install --no-cache-dir -r /requirements.txt &&     rm /requirements.txt" did not complete successfully: exit code: 1
                """#),
        Excerpt(
            223, "yegle/fava-docker/issues/39", .elsewhere, .buildError, [.hashes],
            names: ["python-dateutil~=2.8.2"],
            log: #"""
                1.802 Collecting python-dateutil~=2.8.2
                1.802 ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==. These do not:
                1.802     python-dateutil~=2.8.2 from https://files.pythonhosted.org/packages/36/7a/python_dateutil-2.8.2-py2.py3-none-any.whl#sha256=961d03dc (from beancount-periodic==0.1.2->-r requirements.txt (line 2))
                """#),
        Excerpt(
            224, "pypi/warehouse/issues/1056", .elsewhere, .buildError, [.hashes],
            log: #"""
                Hashes are required in --require-hashes mode, but they are missing from some requirements. Here is a list of those requirements along with the hashes their downloaded archives actually had. Add lines like these to your requirements files to prevent tampering. (If you did not enable --require-hashes manually, note that it turns on automatically when any package has a hash.)
                    https://github.com/dstufft/pyramid_debugtoolbar/archive/no-inline.zip#egg=pyramid_debugtoolbar --hash=sha256:c9f39f5434661ae238f9113faea235be5902331a04e54497a680f893212dad41
                """#),
    ]
}
