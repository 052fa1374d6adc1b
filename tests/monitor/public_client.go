// SPDX-License-Identifier: MIT

// A whole session through a public client of QMP: the typed calls of go-qemu (Debian's package
// golang-github-digitalocean-go-qemu-dev), which it made from QEMU's own schema.
//
//	public_client SOCKET PICTURE
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/digitalocean/go-qemu/qmp"
	"github.com/digitalocean/go-qemu/qmp/raw"
)

func must(what string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
	log.Printf("ok %s", what)
}

func expect(what string, is bool) {
	if !is {
		log.Fatalf("not so: %s", what)
	}
	log.Printf("ok %s", what)
}

// The next event must be that one.
func await(events <-chan qmp.Event, name string) {
	select {
	case event := <-events:
		expect("event "+name, event.Event == name && event.Timestamp.Seconds > 0)
	case <-time.After(60 * time.Second):
		log.Fatalf("no event %s", name)
	}
}

func inspect(m *raw.Monitor, picture string) {
	version, err := m.QueryVersion()
	must("query-version", err)
	expect("it has a version", version.Qemu.Major+version.Qemu.Minor > 0)
	commands, err := m.QueryCommands()
	must("query-commands", err)
	expect("there are commands", len(commands) > 20)
	machines, err := m.QueryMachines()
	must("query-machines", err)
	expect("the machine is toy", machines[0].Name == "toy")
	drives, err := m.QueryBlock()
	must("query-block", err)
	expect("the drive is d0", drives[0].Device == "d0" && drives[0].Inserted.Drv == "raw")
	chardevs, err := m.QueryChardev()
	must("query-chardev", err)
	expect("two chardevs", len(chardevs) == 2)
	properties, err := m.DeviceListProperties("virtio-blk-device")
	must("device-list-properties", err)
	expect("it has properties", len(properties) > 5)
	text, err := m.HumanMonitorCommand("info status", nil)
	must("human-monitor-command", err)
	expect("the monitor answers", text == "VM status: paused (prelaunch)\r\n")
	device := "d0"
	must("block_resize", m.BlockResize(&device, nil, 2<<20))
	must("screendump", m.Screendump(picture))
	device = "nope"
	expect("errors are errors", m.BlockResize(&device, nil, 512) != nil)
}

func run(m *raw.Monitor, events <-chan qmp.Event) {
	status, err := m.QueryStatus()
	must("query-status", err)
	expect("it has not started", status.Status == raw.RunStatePrelaunch && !status.Running)
	must("cont", m.Cont())
	await(events, "RESUME")
	must("stop", m.Stop())
	await(events, "STOP")
	status, err = m.QueryStatus()
	must("query-status", err)
	expect("it is paused", status.Status == raw.RunStatePaused)
	must("system_reset", m.SystemReset())
	await(events, "RESET")
	must("quit", m.Quit())
	await(events, "SHUTDOWN")
}

func main() {
	monitor, err := qmp.NewSocketMonitor("unix", os.Args[1], 20*time.Second)
	must("the socket", err)
	must("the greeting and qmp_capabilities", monitor.Connect())
	stream, err := monitor.Events(context.Background())
	must("the events", err)
	events := make(chan qmp.Event, 100) // one may come before a command's reply
	go func() {
		for event := range stream {
			events <- event
		}
	}()
	m := raw.NewMonitor(monitor)
	inspect(m, os.Args[2])
	run(m, events)
}
