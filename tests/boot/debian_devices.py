# SPDX-License-Identifier: MIT
"""Devices of a Debian guest: the user network, random numbers, and what a disk can do besides."""
import hashlib
import http.server
import os
import socket
import threading
import time

import debian_case
import vltest

CONTENT = bytes(range(251)) * 20000  # five million


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class DebianDevices(debian_case.DebianCase):
    def serve(self):
        """A web server on the loopback address; its port."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def test_devices(self):
        port = free_port()
        self.make_file("trim.img", content=b"x" * (1 << 20))
        vl = self.boot("-nic", "user,hostfwd=tcp:127.0.0.1:%d-:80,mac=52:54:00:aa:bb:cc" % port,
                       "-device", "virtio-rng-device",
                       "-drive", "file=trim.img,format=raw,if=none,id=d,discard=unmap",
                       "-device", "virtio-blk-device,drive=d,num-queues=2,serial=SN-12,"
                       "logical_block_size=1k,physical_block_size=4k,min_io_size=8k,opt_io_size=64k,"
                       "discard_granularity=16k",
                       "-chardev", "file,id=c0,path=console", "-chardev", "file,id=c1,path=port",
                       "-device", "virtio-serial-device", "-device", "virtconsole,chardev=c0",
                       "-device", "virtserialport,chardev=c1,name=org.test")
        self.check_disk(vl)
        self.check_consoles(vl)
        self.check_random_numbers(vl)
        self.check_dhcp(vl)
        self.check_download(vl)
        self.check_forwarded_port(vl, port)
        self.check_log(vl)
        self.poweroff(vl)

    def check_disk(self, vl):
        self.assertEqual(self.ask(vl, "cat /sys/block/vda/serial").strip(), "SN-12")
        self.assertEqual(self.ask(vl, "ls /sys/block/vda/mq").split(), ["0", "1"])
        sizes = ("logical_block_size", "physical_block_size", "minimum_io_size", "optimal_io_size",
                 "discard_granularity", "max_segments")
        self.assertEqual(
            self.ask(vl, "cd /sys/block/vda/queue; cat " + " ".join(sizes)).split(),
            ["1024", "4096", "8192", "65536", "16384", "254"])
        self.assertNotEqual(os.stat(self.path("trim.img")).st_blocks, 0)
        self.assertEqual(self.ask(vl, "blkdiscard /dev/vda"), "")
        self.assertEqual(os.stat(self.path("trim.img")).st_blocks, 0)

    def check_consoles(self, vl):
        self.assertEqual(self.ask(vl, "cat /sys/class/virtio-ports/vport*p1/name"), "org.test\n")
        for device, name in (("/dev/hvc0", "console"), ("/dev/vport*p1", "port")):
            self.ask(vl, "echo hello from the %s > $(ls %s)" % (name, device))
            with open(self.path(name)) as file:
                self.assertEqual(file.read().strip(), "hello from the " + name)

    def check_random_numbers(self, vl):
        self.assertEqual(self.ask(vl, "cat /sys/class/misc/hw_random/rng_current"),
                         "virtio_rng.0\n")
        self.assertEqual(self.ask(vl, "head -c 1000 /dev/hwrng | wc -c"), "1000\n")

    def check_dhcp(self, vl):
        self.assertIn("link/ether 52:54:00:aa:bb:cc", self.ask(vl, "ip link set eth0 up; ip link"))
        answer = self.ask(vl, "udhcpc -i eth0 -n -q -f -s /bin/true")
        self.assertIn("lease of 10.0.2.15 obtained from 10.0.2.2", answer)
        self.ask(vl, "ip addr add 10.0.2.15/24 dev eth0")

    def check_download(self, vl):
        self.ask(vl, "wget -q -O /tmp/file http://10.0.2.2:%d/" % self.serve(), 60)
        answer = self.ask(vl, "sha256sum /tmp/file", 60)
        self.assertEqual(answer.split()[0], hashlib.sha256(CONTENT).hexdigest())

    def check_forwarded_port(self, vl, port):
        """The other way, in large segments: the host reads what the guest serves."""
        self.ask(vl, "httpd -h /tmp -p 80")
        deadline = time.monotonic() + 60
        with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
            sock.sendall(b"GET /file HTTP/1.0\r\n\r\n")
            answer = b""
            while chunk := sock.recv(1 << 16):
                answer += chunk
                self.assertLess(time.monotonic(), deadline)
        self.assertEqual(answer.partition(b"\r\n\r\n")[2], CONTENT)


if __name__ == "__main__":
    vltest.main()
