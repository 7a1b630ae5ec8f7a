/**
 * The same configurations, the same `-bP` questions, mailkit and the real Exim: every line must be the same, but for
 * those that the table ON_PURPOSE names with their reason.
 */
import test from "ava";
import type { ExecutionContext } from "ava";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanEnvironment } from "../support/mailkit.ts";
import { program } from "../support/program.ts";
import { findProgram, needsThat, run } from "../support/programs.ts";
import type { Ran } from "../support/programs.ts";
import { isRoot, temporaryFolder, writeFiles } from "../support/temporary.ts";
import type { Teardown } from "../support/temporary.ts";

interface Purpose {
  /** Lines of one side that have no partner on the other. */
  readonly exim?: RegExp;
  readonly mailkit?: RegExp;
  readonly why: string;
}

const MAIN_OF_OTHERS = `acl_smtp_atrn acl_smtp_wellknown daemon_modules_load dcc_direct_add_header dccifd_address dccifd_options disable_fsync
  dmarc_forensic_sender dmarc_history_file dmarc_tld_file hosts_xclient ibase_servers limits_advertise_hosts log_ports oracle_servers
  panic_coredump redis_servers rfc1413_port tls_early_banner_hosts wellknown_advertise_hosts`;
const DRIVERS_OF_OTHERS = "arc_sign server_tls sieve_inbox translate_ip_address use_classresources";

const ON_PURPOSE: readonly Purpose[] = [
  {
    mailkit: named(MAIN_OF_OTHERS),
    why: "options of later versions and of other builds: mailkit knows all of the manual's, and shows what it knows",
  },
  { mailkit: named(DRIVERS_OF_OTHERS), why: "the same, of drivers" },
  { exim: /^\*expand_maildir_use_size_file = $/, why: "an inner half of maildir_use_size_file that Exim shows by mistake" },
  { exim: /^exim_path = \/usr\/sbin\/exim4$/, mailkit: /^exim_path = \/usr\/sbin\/exim$/, why: "Debian's name of the program" },
  { exim: /^spool_directory = \/var\/spool\/exim4$/, mailkit: /^spool_directory = \/var\/spool\/mailkit$/, why: "two servers, two spools" },
  { exim: /^process_log_path = \/var\/spool\/exim4\//, mailkit: /^process_log_path = \/var\/spool\/mailkit\//, why: "in the spool" },
  {
    exim: /^log_file_path = \/var\/log\/exim4\/%slog$/,
    mailkit: /^log_file_path = $/,
    why: "built into Debian's program; unset is `log` in the spool",
  },
  {
    exim: /^pid_file_path = \/run\/exim4\/exim\.pid$/,
    mailkit: /^pid_file_path = $/,
    why: "built into Debian's program; unset is the spool",
  },
  { exim: /^headers_charset = UTF-8$/, mailkit: /^headers_charset = ISO-8859-1$/, why: "Exim's own default, not that of Debian's build" },
  {
    exim: /^smtp_banner = \$smtp_active_hostname ESMTP Exim /,
    mailkit: /^smtp_banner = \$smtp_active_hostname ESMTP mailkit /,
    why: "who it is",
  },
  {
    exim: /^received_header_text = .*\(Exim \$version_number\)/,
    mailkit: /^received_header_text = .*\(mailkit [\d.]+\)/,
    why: "who it is",
  },
  { exim: /^quota_warn_message = .*software \(Exim\)/, mailkit: /^quota_warn_message = .*software\.\\n/, why: "the manual's text" },
  {
    exim: /^exim_group = Debian-exim$/,
    mailkit: /^exim_group = mail$/,
    why: "exim_user without exim_group: the user's group, as the manual says",
  },
  {
    exim: /^ *tls_require_ciphers = (?:SECURE192.*)?$/,
    mailkit: /^ *tls_require_ciphers = (?:ECDSA:RSA:!COMPLEMENTOFDEFAULT|HIGH:!aNULL:@STRENGTH)$/,
    why: "`.ifdef _HAVE_GNUTLS` and `_HAVE_OPENSSL` of Exim's example",
  },
];

/** Predefined macros that tell what a program has: each has its own. */
const BUILTIN_ON_PURPOSE: readonly Purpose[] = [
  {
    exim: /^_HAVE_(?:GNUTLS|OCSP|TLS_.*|DANE)=y$/,
    mailkit: /^_HAVE_OPENSSL=y$/,
    why: "another TLS library, without stapling, resumption and DANE",
  },
  { exim: /^_HAVE_(?:PERL|DLFUNC|PAM|SOCKS|TCP_FASTOPEN|MOVE_FROZEN_MESSAGES|LOOKUP_NIS)=y$/, why: "not in mailkit" },
  { exim: /^_HAVE_(?:DKIM|EVENT|SPF|MALWARE_\w+|TRANSPORT_APPEND_MBX)=y$/, why: "not in mailkit" },
  { mailkit: /^_HAVE_LOOKUP_(?:DBMJZ|DBMNZ|IPLSEARCH|N?WILDLSEARCH|LDAPDN|LDAPM)=y$/, why: "each lookup type, not only each module" },
  { mailkit: /^_HAVE_LOOKUP_(?:LMDB|READSOCK|REDIS|TESTDB)=y$/, why: "lookups that Debian's build lacks" },
  {
    exim: /^_(?:DRIVER|OPT)_(?:AUTHENTICATOR_(?:CYRUS_SASL|SPA)|ROUTER_IPLOOKUP)\b|^_OPT_(?:AUTHENTICATOR_(?:CYRUS_SASL|SPA)|ROUTER_IPLOOKUP)_/,
    why: "drivers that mailkit has not",
  },
  { mailkit: /^_(?:DRIVER|OPT)_AUTHENTICATOR_GSASL/, why: "a driver that Debian's build lacks" },
  {
    mailkit:
      /^_(?:LOG|OPT_MAIN|OPT_ROUTER_REDIRECT|ACL_COND)_(?:CONNECTION_ID|D?MARC\w*|DMARC\w*|SPF|SPF_VERBOSE|TLS_ON_CONNECT|LIMITS_ADVERTISE_HOSTS|REDIS_SERVERS|SIEVE_INBOX)=y$/,
    why: "of later versions and other builds",
  },
  { exim: /^_RESUME_DECODE=/, why: "an inner text of Exim for $tls_in_resumption" },
  { exim: /^_OPT_/, why: "options that mailkit knows, warns about and does nothing for: `.ifdef` shall not choose them" },
];

const why = findProgram("exim4") === undefined ? "exim4 is not installed" : "Exim takes configurations of root only";
const register = needsThat(test, findProgram("exim4") !== undefined && isRoot, why);
const exim = findProgram("exim4") as string;
interface Login {
  readonly uid?: number;
  readonly gid?: number;
}
const NOBODY = { uid: 65534, gid: 65534 } as const;
const ENVIRONMENT = { HOME: "/root", PATH: "/usr/bin:/bin", OTHER: "x" };

const EXAMPLE = "/usr/share/doc/exim4-base/examples/example.conf";
const GENERATED = "/var/lib/exim4/config.autogenerated";
const CONFIGS: Readonly<Record<string, string>> = {
  "every main option": fixture("print-options.conf"),
  "every driver": fixture("print-drivers.conf"),
  "hidden values": fixture("print-hidden.conf"),
  "a small site": fixture("site.conf"),
  "virtual domains": fixture("panel.conf"),
  "an empty configuration": "keep_environment =\n",
  ...(existsSync(EXAMPLE) ? { "Exim's example": `keep_environment =\n${readFileSync(EXAMPLE, "latin1")}` } : {}),
  ...(existsSync(GENERATED) ? { "Debian's generated configuration": readFileSync(GENERATED, "latin1") } : {}),
};

const WHOLE = [
  [],
  ["routers"],
  ["transports"],
  ["authenticators"],
  ["router_list", "transport_list", "authenticator_list"],
  ["config"],
  ["environment"],
];
for (const [title, text] of Object.entries(CONFIGS)) {
  register(`${title}: everything is printed as by Exim`, async (t) => {
    const file = configuration(t, text);
    for (const words of WHOLE) await same(t, file, words);
  });
}

register("macros: those of the configuration in order, the predefined ones as a set", async (t) => {
  const file = configuration(t, fixture("print-drivers.conf"));
  const [theirs, ours] = await both(file, ["macros"]);
  const own = ({ stdout }: Ran): readonly string[] => linesOf(stdout).filter((line) => !line.startsWith("_"));
  t.deepEqual(own(ours), own(theirs));
  t.deepEqual(own(ours), ["FIRST=one", "SECOND=other"]);
  const builtin = ({ stdout }: Ran): ReadonlySet<string> => new Set(linesOf(stdout).filter((line) => line.startsWith("_")));
  const [known, had] = [builtin(theirs), builtin(ours)];
  t.deepEqual(
    [...known].filter((line) => !had.has(line) && !BUILTIN_ON_PURPOSE.some((row) => row.exim?.test(line))),
    [],
  );
  t.deepEqual(
    [...had].filter((line) => !known.has(line) && !BUILTIN_ON_PURPOSE.some((row) => row.mailkit?.test(line))),
    [],
  );
  await same(t, file, ["macro", "FIRST"]);
  await same(t, file, ["macro", "_HAVE_TLS", "macro", "SECOND"]);
  await same(t, file, ["-n", "macro", "SECOND"]);
});

const QUESTIONS = `primary_hostname queue_only never_users|-n primary_hostname queue_only +named|+named +cached +hosts +people +parts|+nowhere
  |router a|router nowhere|transport smtps|transport nowhere|authenticator tl|authenticator nowhere|router|transport|macro|macro NOWHERE
  |nowhere|no_queue_only|named|domainlist named|hostlist hosts|addresslist people|localpartlist parts|nowhere queue_only|queue_only nowhere
  |router nowhere queue_only|macro NOWHERE +named|config_file configure_file|log_file_path spool_directory|exim_version exim_path|all
  |router a transport f authenticator pl|local_scan|local_scan queue_only|-n config|-n environment|-n router_list|-n queue_only +people
  |return_size_limit|daemon_smtp_port|headers_remove|verify|help|router rdf router texts`;
register("single questions, several at once, and what does not exist", async (t) => {
  const file = configuration(t, fixture("print-drivers.conf"));
  for (const question of QUESTIONS.split("|")) await same(t, file, question.trim().split(/\s+/));
});

const SECRETS = `|routers|transports|authenticators|config|-n config|mysql_servers qualify_domain queue_only +secret_domains +open_hosts|-n mysql_servers
  never_users|router r|transport t|authenticator a|macros|macro_list|macro SECRET|macro SECRET queue_only|queue_only macro SECRET`;
register("an ordinary user is not shown hidden values and macros", async (t) => {
  const file = configuration(t, fixture("print-hidden.conf"));
  for (const question of SECRETS.split("|")) {
    const words = question.trim() === "" ? [] : question.trim().split(/\s+/);
    await same(t, file, words, NOBODY);
  }
  const [theirs, ours] = await both(file, ["macros"], NOBODY);
  t.regex(theirs.stderr, /permission denied/);
  t.is(ours.stderr, "exim: permission denied\n");
  const shown = await both(file, ["mysql_servers"]);
  t.true(shown.every(({ stdout }) => stdout === "mysql_servers = localhost/db/user/s3cret\n"));
});

function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, "../fixtures/differential", name), "latin1");
}

/** A file that an ordinary user may read, in a folder that both may log into. */
function configuration(t: Teardown, text: string): string {
  const folder = temporaryFolder(t, "print");
  chmodSync(folder, 0o777);
  writeFiles(folder, { "more.conf": "sqlite_dbfile = /x\n" });
  const file = join(folder, "exim.conf");
  // Exim wants it to be root's.
  writeFileSync(file, text.replaceAll("FOLDER", folder), "latin1");
  return file;
}

async function both(file: string, words: readonly string[], as: Login = {}): Promise<readonly [Ran, Ran]> {
  const { node, script } = program();
  const arguments_ = ["-C", file, ...(words[0] === "-n" ? ["-n", "-bP", ...words.slice(1)] : ["-bP", ...words])];
  const options = { ...as, cwd: "/" };
  return Promise.all([
    run(exim, arguments_, { ...options, env: ENVIRONMENT }),
    run(node, [script, "exim", ...arguments_], { ...options, env: { ...cleanEnvironment({}), ...ENVIRONMENT } }),
  ]);
}

// oxlint-disable-next-line max-params
async function same(t: ExecutionContext, file: string, words: readonly string[], as: Login = {}): Promise<void> {
  const [theirs, ours] = await both(file, words, as);
  const [known, had] = [linesOf(theirs.stdout), linesOf(ours.stdout)];
  const left = (side: "exim" | "mailkit", lines: readonly string[], others: readonly string[]): readonly string[] => {
    const shared = new Set(others);
    return lines.filter((line) => shared.has(line) || !ON_PURPOSE.some((row) => row[side]?.test(line) === true));
  };
  const [want, got] = [left("exim", known, had), left("mailkit", had, known)];
  const alone = { exim: want.filter((line) => !got.includes(line)), mailkit: got.filter((line) => !want.includes(line)) };
  t.deepEqual({ words, ...alone }, { words, exim: [], mailkit: [] }, theirs.stderr);
  t.deepEqual({ words, lines: got, code: ours.code }, { words, lines: want, code: theirs.code });
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\n$/, "").split("\n");
}

function named(names: string): RegExp {
  return new RegExp(`^(?:no_)?(?:${names.trim().split(/\s+/).join("|")})(?: =.*)?$`);
}
