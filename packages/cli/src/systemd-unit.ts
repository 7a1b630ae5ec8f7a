/** A systemd unit for `mailkit serve`, with what a mail server can do without taken away. Pure. */
export interface UnitOptions {
  /** Path of the program. */
  readonly program: string;
  readonly config: string;
  /** Folders that it must be able to write. */
  readonly writable: readonly string[];
  /** Never root: needs no local users' uids. */
  readonly user?: string;
}

export function systemdUnit({ program, config, writable, user }: UnitOptions): string {
  return `# Made by: mailkit init --systemd. Put it in /etc/systemd/system/mailkit.service, then:
#   systemctl daemon-reload && systemctl enable --now mailkit

[Unit]
Description=mailkit mail server
Documentation=man:exim4(8)
Wants=network-online.target
After=network-online.target nss-lookup.target
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
Type=exec
ExecStartPre=${program} check -q -C ${config}
ExecStart=${program} serve -C ${config}
ExecReload=/bin/kill -HUP $MAINPID
# SIGTERM lets deliveries and sessions end.
KillMode=mixed
TimeoutStopSec=60
Restart=on-failure
RestartSec=2
LimitNOFILE=65536
UMask=0027
Environment=NODE_ENV=production

${user === undefined ? ROOT_START : userStart(user)}
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
# Not possible: MemoryDenyWriteExecute (V8 compiles at run time).
ReadWritePaths=${writable.map((path) => `-${path}`).join(" ")}${user === undefined ? " -/var/mail" : ""}

[Install]
WantedBy=multi-user.target
`;
}

/** Root for ports below 1024 and for deliveries under users' uids; workers give it away. */
const ROOT_START = `# Starts as root, to open ports below 1024 and to deliver under the uids of users; workers run as the server's own user.
CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID CAP_CHOWN CAP_FOWNER CAP_DAC_OVERRIDE CAP_KILL
ProtectSystem=strict
# .forward files and mailboxes in homes: take the next line away where there are none.
ReadWritePaths=-/home`;

function userStart(user: string): string {
  return `User=${user}
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
ProtectSystem=strict
ProtectHome=yes
PrivateUsers=no`;
}
