/** Main options: ports, interfaces, what is offered to clients. Manual chapter "Starting the daemon". */
import { option } from "@mailkit/sdk";

const { boolean, expanded, hostList, integer, string, stringList, time } = option;

const NO_RETRY = { how: "warn", why: "a port that is taken ends the start; the service manager tries again" } as const;

export const listeningOptions = {
  daemon_smtp_port: string({ doc: "Older name of daemon_smtp_ports.", alias: "daemon_smtp_ports" }),
  daemon_smtp_ports: string({ default: "smtp", doc: "List of ports, numbers or service names, on which the daemon listens." }),
  daemon_startup_retries: integer({
    default: 9,
    doc: "How often binding a port that is in use is tried again.",
    missing: NO_RETRY,
  }),
  daemon_startup_sleep: time({
    default: 30_000,
    doc: "Wait between those tries.",
    missing: NO_RETRY,
  }),
  daemon_modules_load: string({
    doc: "Modules that the daemon loads at start.",
    missing: { how: "warn", why: "drivers come from npm packages, see mailkit plugins" },
  }),
  local_interfaces: stringList({
    default: ["::0", "0.0.0.0"],
    doc: "Addresses to listen on, each with a port if wanted (addr.port or [addr]:port).",
  }),
  extra_local_interfaces: stringList({ doc: "Further addresses that count as this host when mail is routed." }),
  disable_ipv6: boolean({ doc: "Use IPv4 only." }),
  tls_on_connect_ports: stringList({ doc: "Ports on which TLS begins with the connection." }),
  smtp_connect_backlog: integer({ default: 20, doc: "Connections the kernel may keep waiting." }),
  smtp_backlog_monitor: integer({
    doc: "Log when more connections than this wait; 0 = never.",
    missing: { how: "warn", why: "the backlog of the socket is not watched" },
  }),
  smtp_accept_keepalive: boolean({ default: true, doc: "TCP keepalive on incoming connections." }),
  tcp_nodelay: boolean({
    default: true,
    doc: "Send small packets of replies at once.",
    missing: { how: "warn", why: "Nagle is always off" },
  }),
  hosts_proxy: hostList({ doc: "Hosts that speak the PROXY protocol in front of SMTP." }),
  proxy_protocol_timeout: time({ default: 3_000, doc: "How long the PROXY header may take." }),
  hosts_xclient: hostList({ doc: "Hosts that may use XCLIENT.", missing: { how: "warn", why: "XCLIENT is not offered" } }),
  smtp_banner: expanded({ default: "$smtp_active_hostname ESMTP Exim $version_number $tod_full", doc: "Text of the 220 greeting." }),
  accept_8bitmime: boolean({ default: true, doc: "Offer 8BITMIME." }),
  auth_advertise_hosts: hostList({ default: "*", doc: "Hosts that are offered AUTH." }),
  chunking_advertise_hosts: hostList({ default: "*", doc: "Hosts that are offered CHUNKING (BDAT)." }),
  dsn_advertise_hosts: hostList({ doc: "Hosts that are offered DSN." }),
  limits_advertise_hosts: hostList({ default: "!*", doc: "Hosts that are offered LIMITS (RFC 9422)." }),
  pipelining_advertise_hosts: hostList({ default: "*", doc: "Hosts that are offered PIPELINING." }),
  pipelining_connect_advertise_hosts: hostList({ default: "*", doc: "Hosts that are offered early pipelining." }),
  prdr_enable: boolean({ doc: "Offer PRDR: one verdict for each recipient after the data." }),
  smtputf8_advertise_hosts: hostList({ default: "*", doc: "Hosts that are offered SMTPUTF8." }),
  tls_advertise_hosts: hostList({ default: "*", doc: "Hosts that are offered STARTTLS." }),
  wellknown_advertise_hosts: hostList({
    doc: "Hosts that are offered WELLKNOWN.",
    missing: { how: "warn", why: "WELLKNOWN is not offered" },
  }),
  smtp_etrn_command: expanded({ doc: "Command that ETRN starts, instead of a queue run." }),
  smtp_etrn_serialize: boolean({ default: true, doc: "One ETRN of a kind at a time." }),
};
