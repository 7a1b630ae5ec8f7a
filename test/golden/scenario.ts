/** The form of a golden file: a title, then sections that begin with `== name`. */

export interface Scenario {
  readonly title: string;
  /** Parts of the configuration: `main`, `data`, `routers`, `transports`, `retry`... */
  readonly parts: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly runs: readonly { readonly args: readonly string[]; readonly input: string }[];
  /** `stdout`, `mainlog`, `rejectlog`, `paniclog`, `mail NAME`; what is not there must be empty. */
  readonly expected: Readonly<Record<string, string>>;
  /** The text before what is expected, as it was. */
  readonly given: string;
}

const PARTS: ReadonlySet<string> = new Set(["main", "rcpt", "data", "routers", "transports", "retry", "rewrite"]);

export function parseScenario(text: string): Scenario {
  const [title = "", ...sections] = text.split(/^== /m);
  const parts: Record<string, string> = {};
  const files: Record<string, string> = {};
  const expected: Record<string, string> = {};
  const runs: { args: readonly string[]; input: string }[] = [];
  let given = title;
  for (const section of sections) {
    const end = section.indexOf("\n");
    const [kind = "", ...rest] = section.slice(0, end).split(" ");
    const body = section.slice(end + 1).replace(/\n$/, "");
    if (PARTS.has(kind)) parts[kind] = body;
    else if (kind === "file") files[rest.join(" ")] = body;
    else if (kind === "run") runs.push({ args: rest, input: body });
    else expected[[kind, ...rest].join(" ")] = body;
    if (PARTS.has(kind) || kind === "file" || kind === "run") given += `== ${section}`;
  }
  return { title: title.trim(), parts, files, runs, expected, given };
}

/** The same file with other expectations. */
export function printScenario({ given }: Scenario, expected: Readonly<Record<string, string>>): string {
  return `${given.trimEnd()}\n\n${Object.entries(expected)
    .map(([name, text]) => `== ${name}\n${text}\n`)
    .join("")}`.replace(/\n+$/, "\n");
}

export function configurationOf({ parts }: Scenario): string {
  const part = (name: string, otherwise = ""): string => parts[name] ?? otherwise;
  return `primary_hostname = mail.truc.fr
qualify_domain = truc.fr
domainlist local_domains = truc.fr
spool_directory = FOLDER/spool
log_file_path = FOLDER/log/%slog
keep_environment =
never_users =
trusted_users = TESTER : root
admin_groups = TESTGROUP
host_lookup =
tls_advertise_hosts =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = check_rcpt
acl_smtp_data = check_data
${part("main")}

begin acl
check_rcpt:
${part("rcpt", "  accept domains = +local_domains\n  deny message = relay not permitted")}
check_data:
${part("data", "  accept")}

begin routers
${part("routers")}
aliases:
  driver = redirect
  allow_fail
  allow_defer
  data = \${lookup{$local_part}lsearch{FOLDER/aliases}}
  file_transport = address_file
  pipe_transport = address_pipe

people:
  driver = accept
  domains = +local_domains
  local_parts = fred : anne
  transport = mailbox

begin transports
${part("transports")}
mailbox:
  driver = appendfile
  file = FOLDER/mail/$local_part_data
  user = TESTER
  group = TESTGROUP
  envelope_to_add
  return_path_add
address_file:
  driver = appendfile
  user = TESTER
  group = TESTGROUP
address_pipe:
  driver = pipe
  user = TESTER
  group = TESTGROUP
  return_output

begin retry
${part("retry", "* * F,2h,15m")}

begin rewrite
${part("rewrite")}
`;
}
