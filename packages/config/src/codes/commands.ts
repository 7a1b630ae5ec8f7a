/** MK100x: a server that cannot start. Found by `mailkit serve`, told by the command itself. */
import type { CodeEntry } from "./entry.ts";

export const commandCodes = {
  MK1001: {
    severity: "error",
    title: "Port that needs root",
    explanation: "Ports below 1024 are opened by root or with CAP_NET_BIND_SERVICE; mailkit init --systemd makes a unit that has it.",
    example: "daemon_smtp_ports = 25",
  },
  MK1002: {
    severity: "error",
    title: "Port that is taken",
    explanation: "Another program listens on the address and port, another mail server most likely.",
    example: "daemon_smtp_ports = 25",
  },
  MK1003: {
    severity: "error",
    title: "Address that is not of this host",
    explanation: "A server can listen on addresses of its own host only.",
    example: "local_interfaces = 192.0.2.1",
  },
  MK1004: {
    severity: "error",
    title: "Spool that has a server already",
    explanation: "One server works on a spool; a second one needs a spool_directory of its own.",
    example: "spool_directory = /var/spool/mailkit",
  },
} as const satisfies Record<string, CodeEntry>;
