# SPDX-License-Identifier: MIT
"""NBD servers for tests: nbdkit and qemu-nbd on Unix sockets in the test's folder."""
import os
import signal
import time

import vltest


class NbdCase(vltest.VlTest):
    def serve(self, argv, name, pid_option):
        """Starts a server and waits until it listens at the socket `name`."""
        pid_file = self.path(name + ".pid")
        for path in (self.path(name), pid_file):
            if os.path.exists(path):
                os.unlink(path)
        server = self.start_raw([*argv, pid_option, pid_file])
        deadline = time.monotonic() + 20 * vltest.SLOWNESS
        while not os.path.exists(pid_file):
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("%s does not listen: %s" % (argv, server.output))
            time.sleep(0.005)
        return server

    def nbdkit(self, *args, name="s.sock"):
        return self.serve([vltest.tool("nbdkit", "nbdkit"), "-f", "-U", name, *args], name,
                          "--pidfile")

    def qemu_nbd(self, *args, name="s.sock"):
        return self.serve([vltest.tool("qemu-nbd", "qemu-utils"), "-t", "-k",
                           self.path(name), *args], name, "--pid-file")

    def kill(self, server):
        server.process.kill()
        server.process.wait()

    def halt(self, server):
        """The server is there, and does nothing any more; until it is continued."""
        server.process.send_signal(signal.SIGSTOP)
        self.addCleanup(server.process.send_signal, signal.SIGCONT)
