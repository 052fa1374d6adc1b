# SPDX-License-Identifier: MIT
"""A public QMP client, go-qemu of Debian, drives a whole session."""
import os

import qmpclient
import vltest

PACKAGES = "golang-go and golang-github-digitalocean-go-qemu-dev"


class PublicClient(vltest.VlTest):
    def build(self):
        go = vltest.tool("go", PACKAGES)
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "public_client.go")
        env = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOFLAGS="",
                   GOCACHE=self.path("cache"), CGO_ENABLED="0", HOME=self.folder)
        status, out, err = vltest.run([go, "build", "-o", self.path("client"), source], env=env,
                                      timeout=240)
        self.assertEqual(status, 0, "missing part: install Debian packages %s?\n%s%s" % (
            PACKAGES, out, err))

    def test_session(self):
        self.build()
        self.make_file("disk.img", size=1 << 20)
        vl = self.start("-display", "none", "-S", "-serial", "null", "-qmp",
                        "unix:qmp,server=on,wait=off",
                        "-drive", "file=disk.img,format=raw,if=virtio,id=d0")
        qmpclient.connect(self.path("qmp")).close()  # it listens
        status, _, err = vltest.run([self.path("client"), "qmp", "picture.ppm"], cwd=self.folder,
                                    timeout=60)
        self.assertEqual(status, 0, err)
        self.assertEqual(err.count(" ok "), 32, err)
        self.assertEqual(vl.wait_exit(), 0)
        self.assertEqual(os.path.getsize(self.path("disk.img")), 2 << 20)
        self.assertEqual(vltest.read_ppm(self.path("picture.ppm"))[:2], (1024, 768))


if __name__ == "__main__":
    vltest.main()
