"""How any daemon of ours serves: TLS 1.3 with client certificates, one chain of checks, safe telemetry.

Knows nothing of nodes, relays or authorities; they bring services, a table of
who may call what, and somebody who says who a certificate is.

Import this package before `grpc`: the variable set here is read once, when the C core
is loaded. Whoever forgets is told by the self-dial of `build_server`, which then refuses
to serve (`credentials` has the reason).
"""

import importlib
import os
import sys

# The only TLS 1.2 suite left needs an RSA certificate, and ours are P-256.
os.environ["GRPC_SSL_CIPHER_SUITES"] = "ECDHE-RSA-AES256-GCM-SHA384"

# structlog loads rich where it is installed, for tracebacks in colour that no daemon prints: some MB of a node,
# measured. A module that is None there is not found; the command line, which uses rich, has loaded it before.
if "rich" not in sys.modules:
    sys.modules["rich"] = None  # type: ignore[assignment] # the way to say so (importlib's documentation)
    importlib.import_module("structlog")
    del sys.modules["rich"]
